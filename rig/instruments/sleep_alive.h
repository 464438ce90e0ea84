// Waits for an instrument that needs its time, with signs of life.
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

#include "rig/bench/alive.h"
#include "rig/instruments/deadline.h"

namespace rig {

inline void sleep_alive(std::chrono::milliseconds time) {
  const Deadline end = within(time);
  while (Deadline::clock::now() < end) {
    alive();
    std::this_thread::sleep_until(std::min(end, Deadline::clock::now() + kBetweenSigns));
  }
}

}  // namespace rig
