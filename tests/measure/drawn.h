// Stimulation pulses drawn in closed form, sampled into codes as a digitizer would, and what the
// rig measures in them. The drawing knows the truth.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "rig/core/capture.h"
#include "rig/measure/catalog.h"
#include "rig/measure/pulses.h"

namespace rig::testing {

struct DrawnPhase {
  double begin = 0;  // s since arming
  double width = 0;  // s
  double level = 0;  // A, or V where a voltage is drawn
  double droop = 0;  // 1/s: decays as exp(-droop t)

  double charge() const;
};

struct Drawn {
  std::vector<DrawnPhase> current;
  std::vector<DrawnPhase> voltage;  // in addition to ohms * current
  double length = 5e-3;             // s
  double baseline = 0;              // A
  double ohms = 500;
  double tau = 0;  // s, of the one-pole low pass in front of the digitizer
};

struct Scope {
  SampleRate rate{1'000'000, 1};
  int bits = 12;
  double range = 0.15;      // A
  double volt_range = 200;  // V
  bool has_current = true;
  bool has_voltage = true;
  double noise = 0;  // A, r.m.s.
  double gain = 1;   // of the current; what it does wrong
  double volt_gain = 1;
  double offset = 0;       // A
  double volt_offset = 0;  // V
  double clock = 1;        // its clock runs so many times too fast
  double gain_u = 0;       // what its calibration says
  double rate_u = 0;
  double offset_u = 0;       // A
  double volt_offset_u = 0;  // V
};

struct Stretch {  // of samples
  std::uint64_t first = 0;
  std::size_t count = 0;
  std::uint32_t segment = 0;
  bool lost_before = false;
};

struct Recording {
  CaptureInfo info;
  std::vector<std::vector<std::int16_t>> codes;  // per channel, from sample 0 on
  std::vector<Stretch> stretches;                // what of them is handed over

  std::size_t samples() const { return codes.front().size(); }
};

// One stretch: everything.
Recording record(const Drawn& drawn, const Scope& scope = {}, std::uint64_t seed = 1);

// Keeps windows of `length` s from `begins` (s) on, as a triggered capture would.
Recording segmented(Recording recording, const std::vector<double>& begins, double pre,
                    double length);

// Hands over blocks of `size` samples at most; 0: of random sizes, many of them tiny.
void feed(const Recording& recording, BlockSink& sink, std::size_t size, std::mt19937_64& draw);

struct Found {
  std::vector<Pulse> pulses;
  CaptureTotals totals;
};
Found find(const Recording& recording, const PulseCriteria& criteria = {});

// A recording with its pulses, to be asked for quantities over all of it or from an event on.
class Measuring final : public PulseSource {
 public:
  explicit Measuring(Recording recording, const PulseCriteria& criteria = {});

  void visit(const std::function<void(const Pulse&)>& each) const override;
  // REQUIRES: `quantity` is in the catalog. Times in s since arming.
  Measured take(std::string_view quantity, const Limit* limit = nullptr,
                std::optional<double> event = std::nullopt) const;
  double value(std::string_view quantity) const;  // NaN when there is none

  const std::vector<Pulse>& pulses() const { return found_.pulses; }
  const CaptureInfo& recording_info() const { return recording_.info; }
  const Recording& recording() const { return recording_; }
  void know_electrode(double area, double ohms) {
    area_ = area;
    ohms_ = ohms;
  }
  void look_from(double s) { from_ = s; }
  void look_to(double s) { to_ = s; }

 private:
  Recording recording_;
  PulseCriteria criteria_;
  Found found_;
  double from_ = -1;
  double to_ = 0;
  double area_ = 0;
  double ohms_ = 0;
};

// A biphasic pulse, the second phase against the first.
void add_biphasic(Drawn& drawn, double begin, double amps, double width, double gap);

// `count` of them, `period` apart; long enough that all are seen whole.
Drawn train(std::size_t count, double period, double amps, double width, double gap,
            double first = 5e-3);

Limit at_most(double high, std::string_view unit);
Limit at_least(double low, std::string_view unit);
Limit between(double low, double high, std::string_view unit);

}  // namespace rig::testing
