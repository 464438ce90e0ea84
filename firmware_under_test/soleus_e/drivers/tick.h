// The millisecond, and the turn of the main loop.
#pragma once

#include <stdint.h>

constexpr uint8_t kTurnMs = 4;

void tick_init();
uint32_t tick_ms();
