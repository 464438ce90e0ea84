// A bench oscilloscope as the digitizer of a bench. It records continuously, from a forced trigger
// on, as long as its memory goes; samples come when the record is complete.
//
// arm() stops the scope, sets it up, reads every setting back, starts a single acquisition, waits
// until the scope says that it is armed, and forces the trigger. collect() looks now and then
// whether the record is still being taken, waits for its end, checks that its preamble is that of
// the settings read back, downloads it page by page and hands it on. Anything else is a RigError.
// A record too short to be seen between armed and stopped could be an older one: its integrity is
// not proven, unless a register of the scope tells that it is new. Where settings alone do not tell
// what codes mean, the first arm() at a scale takes a short trial record before. The trigger's
// place in the record is another one at each arming, so that the record before is known by its own.
#pragma once

#include <memory>

#include "rig/bench/bench.h"
#include "rig/bench/settings.h"
#include "rig/instruments/scpi_link.h"

namespace rig {

// Identifies the scope. The clock must outlive it. Throws RigError when it is of no known dialect.
// The rate that arm() returns is at or above the one asked for: the one whose samples are there
// soonest, record and download together. A segmented capture is recorded whole, as one continuous
// segment.
std::unique_ptr<Digitizer> make_scope(std::unique_ptr<ScpiLink> link, Clock& clock,
                                      ScopeSettings settings);

// The channel as the bench knows it before anything is armed: at its own range or, without one, at
// the widest of all dialects.
Channel widest_range_of(const ScopeChannel& channel);

}  // namespace rig
