// Pin directions at start; everything that could move the platform is low first.
#include "drivers/board.h"

void board_init() {
  PORTB = 0;
  DDRB = kSpiPins;
  PORTD = kStopButton | kDeadMan | kDacSelect;  // pull-ups for the contacts
  DDRD = kEnable | kLed | kSync | kDacSelect;
  // The contacts are polled. Edge mode, although unused: a held one must not look like a level.
  EICRA = _BV(ISC01) | _BV(ISC11);
}

uint8_t board_output_flags() {
  const uint8_t pins = PIND;
  return static_cast<uint8_t>((pins & kEnable ? kFlagOutput : 0) | (pins & kLed ? kFlagLed : 0));
}
