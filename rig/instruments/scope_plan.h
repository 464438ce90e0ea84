// Which settings of an oscilloscope suit a capture.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rig/bench/bench.h"
#include "rig/bench/settings.h"
#include "rig/instruments/scope_dialect.h"

namespace rig {

struct ScopePlan {
  std::uint64_t depth = 0;  // points
  double time_scale = 0;    // s per division
  double rate = 0;          // Hz
};

// At or above the rate asked for, those first whose samples are there soonest: a scope takes its
// whole record before it gives any, and a faster one has more to give. Long enough to be seen being
// taken, when there is memory for that. Throws Blocked when there are none.
std::vector<ScopePlan> scope_plans(const ScopeDialect& dialect, const CaptureSetup& setup);

// V per division, the probe's factor included. Throws Blocked.
double scope_scale(const ScopeDialect& dialect, const CaptureSetup& setup,
                   const ScopeChannel& channel);

// A depth as the dialect writes it.
std::string scope_depth(const ScopeDialect& dialect, std::uint64_t depth);

}  // namespace rig
