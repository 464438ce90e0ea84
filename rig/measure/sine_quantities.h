// The quantities of a sine, by their names in the catalog.
#pragma once

#include <string_view>
#include <vector>

#include "rig/measure/catalog.h"
#include "rig/measure/sine.h"
#include "rig/measure/summary.h"

namespace rig {

bool is_of_a_sine(std::string_view quantity);  // "vibration.frequency"

// Over the windows that lie wholly inside the observation; a bad one takes the value away.
Measured measure_sine(const QuantityName& what, const Observation& seen, const Limit* limit);

// All of them, over all good windows; bad ones make them doubtful.
Summary summarise_sine(const SineTrack& track);

}  // namespace rig
