// How a motion comes to rest. Internal to measure/.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "rig/measure/motion.h"

namespace rig {

// When the amplitude, from half cycle to half cycle, comes down to `level` (in the channel's unit)
// for good: along the exponential through the extremes of the two half cycles in between. They
// count from where it rests: the mean over the last twentieth of a second, or tenth of [from, to],
// whichever is longer.
struct Stillness {
  std::optional<std::string> why_not;
  bool never_moved = false;  // not in the half second before `from` either
  double since = 0;          // s since sample 0; `from` when it was still by then
  double noise_u = 0;        // s
  double gain_u = 0;         // s
  bool goes_on = false;      // it moves until `to`
};
Stillness stillness(const MotionTrack& track, double level, double from, double to);

// The time constant of a free decay: by the line of least squares through the logarithms of the
// extremes of its half cycles, from the first whole one after `from` until they come down to
// `level` or to the noise.
struct RingDown {
  std::optional<std::string> why_not;
  double time_constant = 0;  // s, to 1/e
  double noise_u = 0;
  double begin = 0;  // s since sample 0
  std::size_t half_cycles = 0;
};
RingDown ring_down(const MotionTrack& track, double level, double from, double to);

}  // namespace rig
