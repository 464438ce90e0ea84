// Whether what was captured can come from the load that the bench says is on.
#pragma once

#include <string>

#include "rig/run/observed.h"

namespace rig {

// A wrong probe factor, scale or shunt, a relay that sticks, a resistor that is hot or another one:
// all of them show as a resistance of the output that is not the load's. No defect of a device can
// do that. Where voltage and current of a capture contradict the bench's load by more than four
// times their joint uncertainty and 2 % for what bandwidths differ in: both resistances, in words.
// Empty otherwise, and where nothing can be told: a load that is no plain resistor or changed
// meanwhile, one channel alone, clipped or weak pulses.
std::string load_contradiction(const ObservedCapture& capture);

}  // namespace rig
