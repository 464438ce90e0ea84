// Expectations that a good device would fail as well, seen before anything runs.
#pragma once

#include <string>
#include <vector>

#include "rig/config/scenario.h"

namespace rig {

// One line, from file:line:column on, for each expectation about pulses in a capture
//   - that no step starts the device before or during, or
//   - that is shorter than the period of the rate that was set.
std::vector<std::string> captures_without_pulses(const Scenario& scenario);

}  // namespace rig
