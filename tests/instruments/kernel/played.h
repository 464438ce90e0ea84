// What the models on the kernel's USB stack play on their inputs: the server's models play it, the
// test reads it back.
#pragma once

#include <cmath>
#include <cstdint>

namespace rig::played {

constexpr double kSaw = 200e-6;       // s, of a period
constexpr double kSawVolts = 4;       // either side of zero
constexpr double kClockHertz = 1000;  // on the Hantek's second input
constexpr double kLogicHertz = 1e6;
constexpr unsigned kLowCount = 251;  // primes: no lost block of 512 bytes goes unseen
constexpr unsigned kHighCount = 241;

// Rises from -4 V to 4 V in each period; inputs differ in where they are in it.
inline double saw(int input, double seconds) {
  const double turns = seconds / kSaw + 0.25 * input;
  return kSawVolts * (2 * (turns - std::floor(turns)) - 1);
}

inline double with_clock(int input, double seconds) {
  if (input == 1) return saw(input, seconds);
  return std::fmod(seconds * kClockHertz, 1.0) < 0.5 ? 3.0 : 0.0;
}

// Two counters of microseconds, one in the lower and one in the upper eight inputs.
inline std::uint16_t counters(double seconds) {
  const auto count = static_cast<std::uint64_t>(std::llround(seconds * kLogicHertz));
  return static_cast<std::uint16_t>(count % kLowCount | count % kHighCount << 8);
}

}  // namespace rig::played
