// What the interrupts have to tell the main loop.
#pragma once

#include <stdint.h>

constexpr uint8_t kEventTurn = 1 << 0;  // 4 ms have passed
constexpr uint8_t kEventPulseDue = 1 << 1;
constexpr uint8_t kEventPulseDone = 1 << 2;
constexpr uint8_t kEventSupplyFailed = 1 << 3;
constexpr uint8_t kEventOverCurrent = 1 << 4;  // the pulse has been cut already
constexpr uint8_t kEventTimingLost = 1 << 5;   // an interrupt came too late for its edge
constexpr uint8_t kEventReceived = 1 << 6;     // bytes wait in the receive ring

extern volatile uint8_t events;

// Returns the events and forgets them.
uint8_t take_events();

// Sleeps until there is an event.
void sleep_until_event();
