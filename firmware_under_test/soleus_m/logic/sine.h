// The sine by direct digital synthesis: a phase of 32 bits, and a table of one period.
#pragma once

#include <stdint.h>

constexpr uint16_t kTickHz = 4000;  // values of the sine per second

// What the phase advances in a tick; 2^32 is a period. Within 2e-9 of exact.
// REQUIRES: frequency_mhz <= 60000.
constexpr uint32_t phase_step(uint32_t frequency_mhz) {
  // 2^32 / (4000 Hz * 1000) is 1073.741824
  return frequency_mhz * 1073 + ((frequency_mhz * 48616 + 0x8000) >> 16);
}

constexpr int16_t kSinePeak = 127 * 256;

// Of phase * 2 pi / 256, times kSinePeak.
int16_t sine(uint8_t phase);

// The same as a weight from -127 to 127, for what has to be in step with the sine.
constexpr int8_t weight_of(int16_t sine) { return static_cast<int8_t>((sine + 128) >> 8); }
