// The quantities of a motion's amplitude over time, by their names in the catalog.
#pragma once

#include <string_view>

#include "rig/measure/catalog.h"
#include "rig/measure/motion.h"

namespace rig {

bool is_of_a_motion(std::string_view quantity);  // "vibration.stop_time", "cross_axis.A.to.B"

// Of the channel named acceleration; of the two that are named.
Measured measure_motion(const QuantityName& what, const Observation& seen, const Limit* limit);

}  // namespace rig
