// Whole numbers throughout: 4000 codes times 1200 pulses fit 32 bits.
#include "logic/envelope.h"

uint16_t pulses_in(uint32_t time_ms, uint32_t rate_mhz) {
  // time_ms * rate_mhz does not fit: whole seconds first.
  const uint32_t whole = time_ms / 1000 * rate_mhz;
  const uint32_t part = time_ms % 1000 * rate_mhz / 1000;
  return static_cast<uint16_t>((whole + part + 500) / 1000);
}

bool ramping_up(const Burst& burst, uint32_t k) { return k + 1 < burst.up; }

bool ramping_down(const Burst& burst, uint32_t k) {
  return burst.length != 0 && burst.down != 0 && k + burst.down >= burst.length;
}

uint16_t envelope(const Burst& burst, uint32_t k, uint16_t set_code) {
  uint32_t code = set_code;
  if (ramping_up(burst, k)) code = set_code * (k + 1) / burst.up;
  if (ramping_down(burst, k)) {
    const uint32_t left = burst.length > k ? burst.length - k : 0;
    const uint32_t down = set_code * left / burst.down;
    if (down < code) code = down;
  }
  return static_cast<uint16_t>(code);
}
