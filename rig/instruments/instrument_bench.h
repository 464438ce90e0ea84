// A table of real instruments as a bench.
#pragma once

#include <string>
#include <vector>

#include "rig/bench/bench.h"
#include "rig/bench/settings.h"
#include "rig/core/error.h"

namespace rig {

// How it went with one part of the table.
struct Opening {
  std::string role;   // "digitizer"
  std::string place;  // "table.yaml:7:8"; empty: of no file
  std::string what;   // why it cannot be used; empty: it can
  std::string cure;   // empty: none is known
};

// Each part was tried; one line for each that cannot be used:
// "table.yaml:7:8: the digitizer: tcp 127.0.0.1:5555: connect: Connection refused; is it ...".
class TableNotReady : public RigErrors {
 public:
  explicit TableNotReady(std::vector<Opening> all);
  std::vector<Opening> parts;
};

// Opens the link to the device, the digitizer, and what else the bench file names. Throws
// TableNotReady, and InputError for an address or a firmware file that is none. Without a load box
// or a supply in the bench file, what needs them is Blocked.
Bench open_instrument_bench(const InstrumentBenchSettings& settings);

}  // namespace rig
