// The pins, and what they are for.
#pragma once

#include <avr/io.h>
#include <stdbool.h>

#include "logic/device.h"

constexpr uint8_t kSpiPins = _BV(PB2) | _BV(PB3) | _BV(PB5);  // SS (keeps the master), MOSI, SCK
constexpr uint8_t kStopButton = _BV(PD2);                     // low: pressed
constexpr uint8_t kDeadMan = _BV(PD3);                        // low: held
constexpr uint8_t kEnable = _BV(PD4);                         // the coil is at the amplifier
constexpr uint8_t kLed = _BV(PD5);
constexpr uint8_t kSync = _BV(PD6);       // high during the positive half of the sine
constexpr uint8_t kDacSelect = _BV(PD7);  // low: selected

void board_init();

// The LED follows the enable in the same instruction: it cannot tell anything else.
inline void board_enable_output() { PORTD |= kEnable | kLed; }
inline void board_disable_output() {
  PORTD = static_cast<uint8_t>(PORTD & ~(kEnable | kLed | kSync));
}

uint8_t board_output_flags();
inline bool board_stop_pressed() { return !(PIND & kStopButton); }
inline bool board_dead_man_held() { return !(PIND & kDeadMan); }
