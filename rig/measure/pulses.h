// Finds stimulation pulses in a stream of sample blocks and measures each of them once. Pure: the
// same samples give the same pulses, whatever the block sizes.
//
//        +---+                      A region begins where any analog channel leaves the band around
//   -----+   |   +------- baseline  zero, and ends when all have been back inside for max_gap. The
//            |   |                  phases in it are the runs of one sign on the current channel.
//            +---+                  Edges are interpolated at half of each phase's amplitude.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include "rig/core/capture.h"
#include "rig/core/units.h"

namespace rig {

// One phase. Times are bench clock; amplitude and charge are signed.
struct Phase {
  Picos begin{};         // instant of the first 50 % crossing
  double width = 0;      // s, between the 50 % crossings: pulse duration of IEEE Std 181
  double amplitude = 0;  // A: mean of the state's samples, 10 % trimmed at either end, - baseline
  double charge = 0;     // C: sum of (sample - baseline) over the phase and its edges
  std::uint32_t samples = 0;  // that the charge is the sum of
};

struct Pulse {
  Picos active_begin{};  // bench clock: any channel leaves its band
  Picos active_end{};    // bench clock: all channels are back
  Phase first;
  Phase second;             // all zero when phases < 2
  int phases = 0;           // on the current channel; 0: voltage only (open load)
  double gap = 0;           // s, between the 50 % crossings
  double baseline = 0;      // A: mean of up to 256 samples before the region and its edge
  double noise = 0;         // A: standard deviation of the same samples
  double net_charge = 0;    // C: over the whole region
  double square = 0;        // A^2 s: integral of i^2 over the region
  double energy = 0;        // J: integral of v * i; NaN without a voltage channel
  double current_peak = 0;  // A: largest magnitude
  double voltage_peak = 0;  // V: largest magnitude; NaN without a voltage channel
  double edge_u = 0;        // s: standard uncertainty of one 50 % crossing
  std::uint32_t segment = 0;
  std::uint32_t samples = 0;           // in the region
  std::uint32_t baseline_samples = 0;  // that the baseline rests on
  bool clipped = false;  // a sample of it lies at full scale: magnitudes are lower bounds
  bool cut = false;      // the samples begin or end inside it: durations are lower bounds
  bool late = false;     // the samples begin inside it: its onset is not known

  Picos onset() const { return phases > 0 ? first.begin : active_begin; }
};
static_assert(std::is_trivially_copyable_v<Pulse>);  // pulse stores spill it to disk as it is

struct PulseCriteria {
  double current_threshold = 1e-3;  // A: anything smaller is not output
  double voltage_threshold = 3.0;   // V
  double max_gap = 1e-3;            // s: regions further apart are separate pulses
};

// What the finder saw of a whole capture.
struct CaptureTotals {
  std::uint64_t samples = 0;  // per channel
  std::uint32_t segments = 0;
  std::uint64_t losses = 0;            // places where samples are missing
  std::vector<std::uint64_t> clipped;  // per channel
  Picos end{};                         // bench clock after the last sample
};

class PulseFinder final : public BlockSink {
 public:
  // Uses the channels named "current" (A) and "voltage" (V); either may be absent.
  PulseFinder(CaptureInfo info, PulseCriteria criteria, std::function<void(const Pulse&)> found);

  void take(const Block& block) override;
  void finish();  // the capture is over: a region still open is reported as cut

  const CaptureTotals& totals() const { return totals_; }

 private:
  struct Band {  // codes inside [low, high] are quiet; never empty, never the whole scale
    int index = -1;
    int low = 0;
    int high = 0;
  };
  Band band(const std::string& name, double threshold) const;

  bool continues(const Block& block) const;
  std::size_t first_active(const Block& block, std::size_t from) const;
  std::size_t extend_over(const Block& block, std::size_t from);
  void open_region(const Block& block, std::size_t at);
  void append(const Block& block, std::size_t from, std::size_t to);
  bool current_flows_at_end() const;
  enum class End { kQuiet, kSamplesEnd, kTooLong };
  void close_region(End end);
  void remember(const Block& block, std::size_t from, std::size_t to);
  void count_clipped(const Block& block);
  Picos time_at(double index) const;
  Pulse analyse(End end) const;

  CaptureInfo info_;
  std::function<void(const Pulse&)> found_;
  CaptureTotals totals_;
  Band current_;
  Band voltage_;
  std::uint64_t gap_samples_ = 0;

  // Quiet samples before the region: for the baseline and for edges below the threshold.
  std::vector<std::int16_t> history_i_;
  std::vector<std::int16_t> history_v_;
  std::uint64_t next_sample_ = 0;
  std::uint32_t segment_ = 0;
  bool started_ = false;

  // The open region, including kLead samples of history in front.
  bool open_ = false;
  bool open_at_edge_ = false;       // no quiet sample was seen before it
  std::uint64_t region_first_ = 0;  // sample index of region_*[0]
  std::size_t last_active_ = 0;     // row in region_*, any channel
  std::size_t last_current_ = 0;    // row in region_*, the current channel
  std::size_t lead_ = 0;            // rows before the first active one
  double baseline_code_ = 0;
  double noise_code_ = 0;
  std::uint32_t baseline_samples_ = 0;
  std::vector<std::int16_t> region_i_;
  std::vector<std::int16_t> region_v_;
};

}  // namespace rig
