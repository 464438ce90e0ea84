// Which limits the chosen bench cannot tell from, before anything runs.
#pragma once

#include <string>
#include <vector>

#include "rig/bench/bench.h"
#include "rig/config/scenario.h"

namespace rig {

// The room between a limit and the value it is to hold, against the uncertainty of measuring it.
struct Resolution {
  std::string where;  // file:line:column
  std::string quantity;
  std::string limit;
  double expanded = 0;  // U of the measurement to come, at least, in `unit`
  std::string unit;
  // Test uncertainty ratio: half the width of the limit over U; of a limit with one bound, its
  // distance from zero or from the value that the settings ask for. Below 1 no value can pass; 4 is
  // what calibration asks for (ANSI/NCSL Z540.3).
  double ratio = 0;
};

// Of every numeric limit of the scenario that pulses are held against, with the settings made
// before it and the bench's channels: calibration, resolution and sample rate. What noise will add
// is not known yet.
std::vector<Resolution> resolutions(const Scenario& scenario, const BenchFacts& facts);

}  // namespace rig
