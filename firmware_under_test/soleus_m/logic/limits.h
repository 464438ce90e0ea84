// The cut-off decisions, each as a function of what was measured and what was set.
#pragma once

#include <stdint.h>

#include "logic/motion.h"
#include "logic/regulator.h"

// Counts from the middle; above in two samples in a row the interrupt cuts.
constexpr int16_t kOverAcceleration = 376;  // 7.34 m/s2, 0.75 g
constexpr int16_t kRail = 511;         // what is there is no acceleration: no sensor, or its end
constexpr int16_t kOverCurrent = 246;  // 2.4 A

// Counts of the static force, 4.096 for 1 N.
constexpr uint16_t kFootOn = 82;     // 20 N
constexpr uint16_t kFootOff = 41;    // 10 N
constexpr uint8_t kShakenFor = 200;  // ms, at most from an over-acceleration to the lifted foot

constexpr uint16_t kDriveSuspicious = 200 * 16;  // 1 V, 1/16 DAC codes
constexpr uint8_t kDeafCycles = 3;
constexpr uint16_t kFullFor = 1000;  // ms

// A platform that is held, or an accelerometer that is not there: drive, and no response.
inline bool deaf(uint32_t level, const Motion& motion, uint16_t drive) {
  return drive > kDriveSuspicious && motion.acceleration < level / 4;
}

// A sine is never larger than its own peak: then its tops are cut off, by 28 % or more.
inline bool clipped(const Motion& motion) {
  constexpr uint32_t kLeastPeak = 40 * kAccelerationPerCounts / 16;
  return motion.peak > kLeastPeak && motion.acceleration > motion.peak + motion.peak / 10;
}

// Present from one force on, and until another one.
class FootSensor {
 public:
  bool update(uint16_t force) {
    present_ = force >= (present_ ? kFootOff : kFootOn);
    return present_;
  }

 private:
  bool present_ = false;
};
