// How the quantities of the catalog are computed. Internal to measure/.
#pragma once

#include <span>

#include "rig/measure/catalog.h"

namespace rig {

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
  bool common_only = false;  // leave out what differs from pulse to pulse: noise
};

// A sum of samples: what noise contributes, and what every pulse of a train has alike.
struct ChargeU {
  double random = 0;
  double common = 0;
};
ChargeU net_charge_parts(const Pulse& pulse, const ChannelFacts& facts);

// One row per quantity that every pulse has by itself.
struct PulseQuantity {
  std::string_view name;
  double (*value)(const Pulse& pulse);
  double (*u)(const Pulse& pulse, const ChannelFacts& facts);
};
std::span<const PulseQuantity> pulse_quantities();

// Quantities of a train: everything in the catalog that is not in the table above.
Measured measure_train(const QuantityName& what, const Observation& seen, const ChannelFacts& facts,
                       const Limit* limit);

ChannelFacts facts_of(const CaptureInfo& info);

std::string_view statistic_name(Statistic statistic);

// How far inside the limit a value lies; without a limit, the larger the value the less.
double margin_to(const Limit* limit, double value);

}  // namespace rig
