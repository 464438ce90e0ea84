// Every call to an instrument has one: the wall clock's instant at which it is over.
#pragma once

#include <chrono>

namespace rig {

using Deadline = std::chrono::steady_clock::time_point;

inline Deadline within(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

}  // namespace rig
