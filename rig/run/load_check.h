// Whether what was captured can come from the load that the bench says is on.
#pragma once

#include <optional>
#include <string>

#include "rig/run/observed.h"

namespace rig {

struct SeenLoad {
  double ohms = 0;
  double off_by = 0;  // ohm: nearer to the load than that contradicts nothing
};

// From the energy and the square of the current of the pulses that are neither cut nor clipped,
// each channel counted from its own baseline: an offset does not matter. `off_by` is four times
// their joint uncertainty (gains, load, codes, noise), 2 % for what bandwidths differ in, and what
// samples taken one after the other lose at the edges. nullopt where nothing can be told: a load
// that is no plain resistor or changed meanwhile, one channel alone, samples lost, no pulse.
std::optional<SeenLoad> seen_load(const ObservedCapture& capture);

// A wrong probe factor, scale or shunt, a relay that sticks, a resistor that is hot or another one:
// all of them show as a resistance of the output that is not the load's. No defect of a device can
// do that; nor a voltage that stands across it without a current. Where voltage and current of a
// capture contradict the bench's load: how, in words. Empty otherwise, and where nothing can be
// told.
std::string load_contradiction(const ObservedCapture& capture);

}  // namespace rig
