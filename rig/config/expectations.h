// Reads `expect`. Internal to config/.
#pragma once

#include "rig/config/scenario.h"

namespace rig {

ExpectStep read_expect(const Yaml& node, const Spec& spec);

// What stands behind the word `expect` for people: " in trip after lifted: rate, gap and 3 more".
std::string text_of_expect(const ExpectStep& expect);

}  // namespace rig
