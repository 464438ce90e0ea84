// Reads load, supply, press, release, inject. Internal to config/.
#pragma once

#include <string>

#include "rig/bench/bench.h"
#include "rig/config/yaml.h"

namespace rig {

Disturbance read_disturbance(const std::string& kind, const Yaml& node);

// The capability that a bench must have for it: "load.open", "inject.cpu_hang".
std::string capability_for(const Disturbance& what);

std::string in_words(const Disturbance& what);  // "load open", "supply 5 V for 20 ms"

}  // namespace rig
