// Reads `expect`. Internal to config/.
#pragma once

#include "rig/config/scenario.h"

namespace rig {

ExpectStep read_expect(const Yaml& node, const Spec& spec);

}  // namespace rig
