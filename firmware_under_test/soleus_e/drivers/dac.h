// The 12-bit DAC that sets the current of the output stage.
#pragma once

#include <stdint.h>

void dac_init();

// The output follows at once: call only between pulses. Takes 6 us.
void dac_write(uint16_t code);
