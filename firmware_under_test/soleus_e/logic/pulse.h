// What the timer hardware is told about one pulse, and what the converter saw of it.
#pragma once

#include <stdint.h>

constexpr uint32_t kTicksPerMs = 2000;  // timer 1 at 16 MHz / 8
constexpr uint16_t kDeadTicks = 1;      // never both gates: the shortest gap is one tick

struct PulsePlan {
  uint32_t period_ticks;  // from the start of this pulse to the start of the next
  uint16_t width_ticks;
  uint16_t gap_ticks;
  uint16_t dac_code;
  uint16_t trip_above;  // counts of the current reading; above: over-current
  uint16_t trip_below;  // counts; below: lead-off; 0: not watched
};

struct PulseReading {
  uint16_t current;  // counts
  uint16_t voltage;
};
