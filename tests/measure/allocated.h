// Bytes on the heap, counted by this program's own operator new.
#pragma once

#include <cstddef>

namespace rig::testing {

std::size_t allocated_now();
std::size_t allocated_peak();
void reset_allocated_peak();

}  // namespace rig::testing
