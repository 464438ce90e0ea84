// The 12-bit DAC at the amplifier: 5 mV at the coil for one code.
#pragma once

#include <stdint.h>

constexpr uint16_t kDacZero = 2048;

void dac_init();

// The coil follows at once. Takes 5 us. Interrupts must be off.
void dac_write(uint16_t code);
