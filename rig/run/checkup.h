// What a bench can be trusted with, before anything is tested on it: `rig doctor`.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "rig/bench/bench.h"

namespace rig {

struct Check {
  enum class State { kGood, kAttention, kBad };
  std::string name;  // "zero of current"
  State state = State::kBad;
  std::string found;  // in words, with units
  std::string cure;   // what to do about it; empty when good
};

struct CheckupOptions {
  bool energise = false;  // puts out weak pulses: the load and the clock are checked with them
  std::chrono::sys_days today;
  std::function<bool()> interrupted;
};

// Looks at the device's link (20 round trips), calibration dates, zero and noise of every analogue
// channel over 100 ms without output, what the digitizer proves about its samples, and what can end
// the output. With `energise`, a second of 5 mA pulses, 200 us, 50 Hz: their voltage and current
// against the load that the bench names, their period against the one that was set. What cannot be
// looked at is told as a check, never left out. The output is off afterwards.
// Throws Interrupted; everything else that goes wrong is a check that is bad.
std::vector<Check> check_up(Bench& bench, const CheckupOptions& options);

}  // namespace rig
