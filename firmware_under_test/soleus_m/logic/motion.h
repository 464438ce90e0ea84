// What the platform did in one cycle of the sine, from what the converter saw of it.
#pragma once

#include <stdint.h>

// Accelerations inside the firmware are in 0.1 mm/s2, peak.
constexpr uint32_t kFromSetting = 1000;  // settings are in 0.1 um/s2

// The converter's side: 10 bits for 5 V, zero in the middle.
constexpr int16_t kMiddle = 512;
constexpr uint16_t kAccelerationPerCounts = 3125;  // so much for 16 counts: 0.25 V/(m/s2)
constexpr uint16_t kCountsPerAmp = 102;            // 0.5 V/A

// Sums over the samples of one cycle, filled by the interrupt that takes them.
struct Cycle {
  uint8_t samples;
  int32_t in_phase;    // counts from the middle, times the weight of the sine
  int32_t quadrature;  // and of the cosine
  int16_t sine_sum;    // of the weights: not zero where a cycle is no whole number of samples
  int16_t cosine_sum;
  int32_t sum;  // counts from the middle
  int16_t lowest;
  int16_t highest;
  int16_t current;  // largest magnitude, counts
};

struct Motion {
  uint32_t acceleration;  // amplitude of the fundamental, about its mean
  uint32_t peak;          // half of highest - lowest
  uint16_t current_ma;    // largest magnitude
};

// Synchronous demodulation over one cycle. REQUIRES: 0 < samples, |counts| <= kMiddle.
Motion motion_of(const Cycle& cycle);

// The largest whole number whose square is at most `square`.
uint16_t square_root(uint32_t square);
