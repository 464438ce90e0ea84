// Expectations that a good device would fail as well, or a dead one pass, seen before anything
// runs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "rig/config/scenario.h"

namespace rig {

// One line, from file:line:column on, for each expectation about pulses in a capture
//   - that no step starts the device before or during, or
//   - that is shorter than the period of the rate that was set,
// and for each upper limit that a device which nobody asked to start keeps by being silent. Each
// line once, in order, whatever the sweep rows that it is true of.
std::vector<std::string> expected_of_silence(std::span<const Scenario> scenarios);

}  // namespace rig
