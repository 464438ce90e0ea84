// The watchdog: 120 ms without a turn of the main loop, or without ticks, reset the chip.
#pragma once

#include <stdint.h>

// MCUSR as the reset left it.
extern uint8_t reset_cause;

void watchdog_arm();

// Call from the main loop only. Kicks when a tick has come since the last call.
void watchdog_serve();
