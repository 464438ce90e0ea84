// Whether what was captured can come from the load that the bench says is on.
#pragma once

#include <optional>
#include <string>

#include "rig/run/observed.h"

namespace rig {

// Ohm, from the energy and the square of the current of the pulses that are neither cut, clipped
// nor weak. nullopt where nothing can be told: a load that is no plain resistor or changed
// meanwhile, one channel alone, samples lost.
std::optional<double> seen_load(const ObservedCapture& capture);

// A wrong probe factor, scale or shunt, a relay that sticks, a resistor that is hot or another one:
// all of them show as a resistance of the output that is not the load's. No defect of a device can
// do that. Where voltage and current of a capture contradict the bench's load by more than four
// times their joint uncertainty and 2 % for what bandwidths differ in: both resistances, in words.
// Empty otherwise, and where nothing can be told.
std::string load_contradiction(const ObservedCapture& capture);

}  // namespace rig
