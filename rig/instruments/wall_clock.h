// The wall clock, counted from when it was made.
#pragma once

#include <memory>

#include "rig/bench/bench.h"

namespace rig {

std::unique_ptr<Clock> make_wall_clock();

}  // namespace rig
