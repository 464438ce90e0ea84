// What a bench file says about a plant behind the output. Internal to config/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rig/bench/settings.h"
#include "rig/config/yaml.h"

namespace rig {

// `second_heart: {parameters, posture}` of a bench file at `path`. nullopt: it has none.
std::optional<PlantBench> read_plant_bench(const Yaml& bench, const std::string& path);

// The dimension of a channel of the digitizer that looks at the plant; empty: it does not. Throws
// when the unit is not the signal's.
std::string_view dimension_of_plant_channel(const Yaml& channel);

// Of a bench without a plant. Throws when one of the digitizer's channels looks at it.
void refuse_plant_channels(const Yaml& channels);

// From the dimension's base unit to the channel's own: mL/s to L/min.
void in_own_unit(DigitizerChannelSettings& channel);

}  // namespace rig
