// Finds stimulation pulses in a stream of sample blocks and measures each of them once. Pure: the
// same samples give the same pulses, whatever the block sizes.
//
//        +---+                      A region begins where any analog channel leaves the band around
//   -----+   |   +------- baseline  zero, and ends when all have been back inside for max_gap. The
//            |   |                  phases in it are the runs of one sign on the current channel,
//            +---+                  but for those that only ring beside a phase. Edges are
//                                   interpolated at half of each phase's amplitude.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

#include "rig/core/capture.h"
#include "rig/core/units.h"
#include "rig/measure/stretches.h"

namespace rig {

// One phase. Times are bench clock; amplitude and charge are signed.
struct Phase {
  Picos begin{};          // instant of the first 50 % crossing
  double width = 0;       // s, between the 50 % crossings: pulse duration of IEEE Std 181
  double amplitude = 0;   // A: mean of the samples between the crossings of half of the phase's own
                          // mean, 10 % trimmed at either end, - baseline
  double charge = 0;      // C: sum of (sample - baseline) over the phase and its edges
  double edge_noise = 0;  // s: what noise moves one of its 50 % crossings by, r.m.s.
  std::uint32_t samples = 0;  // that the charge is the sum of
  std::uint32_t plateau = 0;  // samples that the amplitude is the mean of

  // What follows is NaN where the phase is too short, too noisy or cut for it to have a meaning.
  double mode = kNone;        // A: state level by histogram mode (IEEE Std 181), signed
  double peak = kNone;        // A: the sample farthest from the baseline, signed
  double rise = kNone;        // s: first transition duration, between the reference levels
  double fall = kNone;        // s: second transition duration
  double overshoot = kNone;   // of the amplitude: beyond the state level after the first transition
  double undershoot = kNone;  // of the amplitude: below it, in the same aberration region
  double preshoot = kNone;    // of the amplitude: off the baseline before the first transition
  double aftershoot = kNone;  // of the amplitude: beyond the baseline after the second transition
  double droop = kNone;       // of the state's begin: lost at its end, by the line of least squares
  double settling = kNone;    // s: from the 50 % crossing until it stays within the settling band

  bool clipped = false;    // a sample of it lies at full scale
  bool saturated = false;  // its top stands still where the noise should move it

  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
};

struct Pulse {
  Picos active_begin{};  // bench clock: any channel leaves its band
  Picos active_end{};    // bench clock: all channels are back
  Phase first;
  Phase second;                 // all zero when phases < 2
  int phases = 0;               // on the current channel; 0: voltage only (open load)
  double gap = 0;               // s, between the 50 % crossings
  double duration = 0;          // s, from the first 50 % crossing of any phase to the last
  double baseline = 0;          // A: mean of up to 256 samples before the region and its edge
  double noise = 0;             // A: standard deviation of the same samples
  double net_charge = 0;        // C: over the whole region
  double square = 0;            // A^2 s: integral of i^2 over the region
  double energy = 0;            // J: integral of v * i; NaN without a voltage channel
  double current_peak = 0;      // A: largest magnitude
  double voltage_peak = 0;      // V: largest magnitude; NaN without a voltage channel
  double voltage_baseline = 0;  // V: mean of as many samples before the region, 0 without any
  double voltage_noise = 0;     // V: their standard deviation
  double edge_u = 0;            // s: standard uncertainty of one 50 % crossing
  double edge_common_u = 0;     // s: the part of it that all pulses of a train may have alike
  std::uint32_t segment = 0;
  std::uint32_t samples = 0;           // in the region
  std::uint32_t baseline_samples = 0;  // that the baseline rests on
  bool clipped = false;  // a sample of the current lies at full scale: magnitudes are lower bounds
  bool voltage_clipped = false;
  bool cut = false;     // the samples begin, end or are missing in it: durations are lower bounds
  bool late = false;    // the samples begin inside it: its onset is not known
  bool fitted = false;  // all of its 50 % crossings were fitted, not interpolated

  Picos onset() const { return phases > 0 ? first.begin : active_begin; }
};
static_assert(std::is_trivially_copyable_v<Pulse>);  // pulse stores spill it to disk as it is

// How 50 % crossings are placed: by a straight line between two samples, or by the edge's own
// shape, learned from the first 1024 pulses of the train (which are held back so long).
enum class EdgeEstimator { kInterpolated, kFitted };

struct PulseCriteria {
  double current_threshold = 1e-3;  // A: anything smaller is not output
  double voltage_threshold = 3.0;   // V
  double still = 0.1;               // m/s2: less is no motion
  double current_zero = 0;          // A: the thresholds lie either side of it
  double voltage_zero = 0;          // V
  double max_gap = 1e-3;            // s: regions further apart are separate pulses
  double reference_low = 0.1;       // of the amplitude: where transitions begin and end
  double reference_high = 0.9;
  EdgeEstimator edges = EdgeEstimator::kInterpolated;
  double settled_within = 0.02;  // of the amplitude, either side
};

// What the finder saw of a whole capture.
struct CaptureTotals {
  std::uint64_t samples = 0;  // per channel
  std::uint32_t segments = 0;
  std::uint64_t losses = 0;            // places where samples are missing
  std::vector<std::uint64_t> clipped;  // per channel
  std::vector<Stretches> clipped_at;   // per channel
  Stretches lost_at;
  Picos end{};  // bench clock after the last sample
};

class PulseFinder final : public BlockSink, public CodeSink {
 public:
  // Uses the channels named "current" (A) and "voltage" (V); either may be absent. Takes samples
  // until 106 days after arming, then throws RigError: no instant can be told beyond.
  PulseFinder(CaptureInfo info, PulseCriteria criteria, std::function<void(const Pulse&)> found,
              CodeType type = CodeType::kI16);
  ~PulseFinder() override;

  void take(const Block& block) override;  // REQUIRES: CodeType::kI16
  // REQUIRES: the type given to the constructor; interleaved channels lie side by side.
  void take(const CodeBlock& block) override;
  void finish();  // the capture is over: a region still open is reported as cut

  const CaptureTotals& totals() const;

  class Engine;  // one for each type of code

 private:
  std::unique_ptr<Engine> engine_;
};

}  // namespace rig
