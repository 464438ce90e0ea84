// How the quantities of the catalog are computed. Internal to measure/.
#pragma once

#include <span>

#include "rig/measure/catalog.h"

namespace rig {

// What the uncertainty of a single pulse's quantity rests on.
struct ChannelFacts {
  double step = 0;      // s, sample period
  double rate_u = 0;    // relative
  double gain_i_u = 0;  // relative
  double gain_v_u = 0;  // relative
  double code_i = 0;    // A per code
};

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

std::string_view statistic_name(Statistic statistic);

}  // namespace rig
