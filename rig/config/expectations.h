// Reads `expect` and `inform`. Internal to config/.
#pragma once

#include "rig/config/scenario.h"

namespace rig {

// What the device is to answer: a word, or the id of a limit that is one.
LimitSource read_answer(const Yaml& node, const Spec& spec);

ExpectStep read_expect(const Yaml& node, const Spec& spec);

InformStep read_inform(const Yaml& node);

// What stands behind the word `expect` for people: " in trip after lifted: rate, gap and 3 more".
std::string text_of_expect(const ExpectStep& expect);

}  // namespace rig
