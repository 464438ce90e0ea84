// Whole numbers throughout; the sums of 201 samples of 512 counts times 127 fit 32 bits.
#include "logic/motion.h"

#include "logic/sine.h"

namespace {

// The sum with a weight without the mean's part in it, per sample: half the amplitude times 127.
int32_t per_sample(int32_t weighted, int32_t sum, int16_t weights, uint8_t samples) {
  return (weighted - sum * weights / samples) / samples;
}

uint32_t squared(int32_t x) { return static_cast<uint32_t>(x * x); }

}  // namespace

uint16_t square_root(uint32_t square) {
  uint16_t root = 0;
  for (uint16_t bit = 0x8000; bit != 0; bit = static_cast<uint16_t>(bit >> 1)) {
    const uint16_t larger = static_cast<uint16_t>(root | bit);
    if (uint32_t{larger} * larger <= square) root = larger;
  }
  return root;
}

Motion motion_of(const Cycle& cycle) {
  const int32_t i = per_sample(cycle.in_phase, cycle.sum, cycle.sine_sum, cycle.samples);
  const int32_t q = per_sample(cycle.quadrature, cycle.sum, cycle.cosine_sum, cycle.samples);
  const uint32_t root = square_root(squared(i) + squared(q));
  const uint32_t swing = static_cast<uint32_t>(cycle.highest - cycle.lowest);
  // 3125 / 16 / 63.5 is 50394 / 2^14
  return {(root * 50394) >> 14, swing * kAccelerationPerCounts / 32,
          static_cast<uint16_t>(static_cast<uint32_t>(cycle.current) * 1000 / kCountsPerAmp)};
}
