// Holds the acceleration by the drive: it learns how much drive a unit of acceleration takes.
#pragma once

#include <stdint.h>

constexpr uint16_t kDriveFull = 1800 * 16;  // 1/16 DAC codes: 9 V at the coil
constexpr uint16_t kLeastLearnt = 490;      // 0.1 mm/s2: below it the converter's steps are coarse

class Regulator {
 public:
  void reset() { gain_ = kFirstGain; }

  // Amplitude of the sine for an acceleration of `level`, 1/16 DAC codes, at most kDriveFull.
  uint16_t drive(uint32_t level) const;

  // A cycle that was driven for `level` gave `measured`. Corrects a quarter of what is missing, at
  // most by a fourth up or down, and not upwards where the drive is full: nothing winds up.
  void learn(uint32_t level, uint32_t measured);

 private:
  static constexpr uint32_t kOne = 1ul << 18;
  static constexpr uint32_t kFirstGain = kOne / 20;  // little: a soft start comes from below
  static constexpr uint32_t kLeastGain = kOne / 400;
  static constexpr uint32_t kMostGain = kOne * 6;

  uint32_t gain_ = kFirstGain;
};
