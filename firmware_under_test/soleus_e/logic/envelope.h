// The amplitude of each pulse of a burst: up, plateau, down, counted in pulses.
//
//        .----.       pulse k of n: the lowest of set, set * (k + 1) / up, set * (n - k) / down
//      .'      '.     so the first pulse is already one step high, and the last one still is
#pragma once

#include <stdint.h>

struct Burst {
  uint32_t length;  // pulses; 0: without end
  uint16_t up;      // pulses of the ramps; 0: none
  uint16_t down;
};

// Pulses in a time: nearest whole number. REQUIRES: rate_mhz <= 120000, time_ms <= 60000.
uint16_t pulses_in(uint32_t time_ms, uint32_t rate_mhz);

// DAC code of pulse `k`, counted from 0.
uint16_t envelope(const Burst& burst, uint32_t k, uint16_t set_code);

bool ramping_up(const Burst& burst, uint32_t k);
bool ramping_down(const Burst& burst, uint32_t k);
