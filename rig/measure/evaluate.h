// How the quantities of the catalog are computed. Internal to measure/.
#pragma once

#include <array>
#include <complex>
#include <span>

#include "rig/measure/budget.h"
#include "rig/measure/catalog.h"

namespace rig {

constexpr std::size_t kFewestForScatter = 5;  // values that show their own scatter

// What the uncertainty of a single pulse's quantity rests on.
struct ChannelFacts {
  double step = 0;        // s, sample period
  double rate_u = 0;      // relative
  double gain_i_u = 0;    // relative
  double gain_v_u = 0;    // relative
  double code_i = 0;      // A per code
  double code_v = 0;      // V per code
  double offset_i_u = 0;  // A
  double offset_v_u = 0;  // V
  bool has_current = false;
  bool has_voltage = false;
  double transition = 0;  // s, 10 % to 90 %, of the current channel itself; 0: not known
};

// Of the net charge, but for its scale: gain and clock.
Budget net_charge_parts(const Pulse& pulse, const ChannelFacts& facts);

// Of the current in the mean over `period` s, a pulse and the baseline around it.
Budget mean_current_parts(const Pulse& pulse, const ChannelFacts& facts, double period);

// Of the first 50 % crossing, but for the sample clock.
Budget onset_parts(const Pulse& pulse);

// Where the pulses of a train fall between two samples. When it is the same place for all, so is
// the error of an edge there, and averaging over the pulses does not help; when the places are
// spread evenly it does.
class Places {
 public:
  explicit Places(const CaptureInfo& info) : armed_(info.armed_at), rate_(info.rate.hertz()) {}
  void add(Picos onset);
  // Of the error, what all pulses have alike: 0, spread evenly, to 1, all in one place.
  double alike() const;
  // What is left of it in the mean: 1 / sqrt(n) at least.
  double left() const;

 private:
  static constexpr std::size_t kHarmonics = 4;  // of an error that is a sawtooth at worst
  Picos armed_;
  double rate_;
  double n_ = 0;
  std::array<std::complex<double>, kHarmonics> sums_{};
};

// One row per quantity that every pulse has by itself.
struct PulseQuantity {
  std::string_view name;
  double (*value)(const Pulse& pulse);
  Budget (*u)(const Pulse& pulse, const ChannelFacts& facts);
};
std::span<const PulseQuantity> pulse_quantities();

// Quantities of a train: everything in the catalog that is not in the table above.
// With its budget: u, effective degrees of freedom and where they come from.
void give(Measurement& m, const Budget& budget);

Measured measure_train(const QuantityName& what, const Observation& seen, const ChannelFacts& facts,
                       const Limit* limit);

ChannelFacts facts_of(const CaptureInfo& info);

std::string_view statistic_name(Statistic statistic);

// How far inside the limit a value lies; without a limit, the larger the value the less.
double margin_to(const Limit* limit, double value);

}  // namespace rig
