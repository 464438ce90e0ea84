// A bench oscilloscope as the digitizer of a bench. It records continuously, from a forced trigger
// on, as long as its memory goes; samples come when the record is complete.
//
// arm() stops the scope, sets it up, reads every setting back, starts a single acquisition, waits
// until the scope says that it is armed, and forces the trigger. collect() looks now and then
// whether the record is still being taken, waits for its end, checks that its preamble is that of
// the settings read back, downloads it page by page and hands it on. Anything else is a RigError.
// A record too short to be seen between armed and stopped could be an older one: its integrity is
// not proven.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rig/bench/bench.h"
#include "rig/instruments/scpi_link.h"

namespace rig {

struct ScopeChannel {
  std::string name;           // "current"
  std::string unit;           // "A"
  int input = 1;              // of the scope
  double probe = 1;           // its attenuation
  double units_per_volt = 1;  // of the shunt or divider: 0.01 A/V for 100 ohm
  double gain_u = 0.03;       // relative, standard, of all of it
  double offset_u = 0;        // in the unit, standard
  double bandwidth_hz = 0;
};

struct ScopeSettings {
  std::vector<ScopeChannel> channels;
};

// Identifies the scope. The clock must outlive it. Throws RigError when it is of no known dialect.
// The rate that arm() returns is the slowest that the scope has at or above the one asked for.
std::unique_ptr<Digitizer> make_scope(std::unique_ptr<ScpiLink> link, Clock& clock,
                                      ScopeSettings settings);

}  // namespace rig
