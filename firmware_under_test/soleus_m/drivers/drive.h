// Drives the coil with a sine and looks at what comes of it. All of it happens in the tick of timer
// 1, 4000 times a second: the sine's next value goes to the DAC, the accelerometer is sampled in
// step with it, and in turn coil current, battery, coil current, force.
//
// The main loop sets the amplitude after each cycle. If it does not for 100 ms, or if acceleration
// or current exceed their limits, the tick cuts the output by itself.
#pragma once

#include <stdint.h>

#include "logic/motion.h"

enum class AdcChannel : uint8_t { kCurrent, kAcceleration, kBattery, kForce };

void drive_init();

// Enables the output with the amplitude zero.
void drive_start(uint32_t phase_step);

// 1/16 DAC codes, from the next value on.
void drive_set(uint16_t amplitude);

// Disables the output at once.
void drive_stop();

bool drive_running();

// The last whole cycle.
Cycle drive_cycle();

uint16_t drive_battery();  // counts
uint16_t drive_force();

// One conversion, waited for. Only before the first tick or between two of them.
uint16_t drive_read(AdcChannel channel);
