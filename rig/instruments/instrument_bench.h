// A table of real instruments as a bench.
#pragma once

#include "rig/bench/bench.h"
#include "rig/bench/settings.h"

namespace rig {

// Opens the link to the device and the scope. Throws RigError when one is not there, InputError
// for an address that is none. Without a load box or a supply in the bench file, what needs them is
// Blocked.
Bench open_instrument_bench(const InstrumentBenchSettings& settings);

}  // namespace rig
