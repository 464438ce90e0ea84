// What the interrupts have to tell the main loop.
#pragma once

#include <stdint.h>

constexpr uint8_t kEventTurn = 1 << 0;              // 4 ms have passed
constexpr uint8_t kEventCycle = 1 << 1;             // a cycle of the sine has ended
constexpr uint8_t kEventOverAcceleration = 1 << 2;  // the drive has been cut already; so below
constexpr uint8_t kEventOverCurrent = 1 << 3;
constexpr uint8_t kEventNotServed = 1 << 4;  // the main loop did not set the drive in time
constexpr uint8_t kEventSupplyFailed = 1 << 5;
constexpr uint8_t kEventReceived = 1 << 6;  // bytes wait in the receive ring
constexpr uint8_t kEventAtRail = 1 << 7;    // the accelerometer is at an end of its range: cut

extern volatile uint8_t events;

// Returns the events and forgets them.
uint8_t take_events();

// Sleeps until there is an event.
void sleep_until_event();
