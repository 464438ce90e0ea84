// Timer 2 in CTC mode, 16 MHz / 64 / 250.
#include "drivers/tick.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "drivers/adc.h"
#include "drivers/events.h"
#include "drivers/pulser.h"

namespace {

volatile uint32_t now_ms;

}  // namespace

void tick_init() {
  TCCR2A = _BV(WGM21);
  OCR2A = 249;
  TCCR2B = _BV(CS22);
  TIMSK2 = _BV(OCIE2A);
}

uint32_t tick_ms() {
  uint32_t now = 0;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { now = now_ms; }
  return now;
}

ISR(TIMER2_COMPA_vect) {
  const uint32_t now = now_ms + 1;
  now_ms = now;
  if (static_cast<uint8_t>(now) % kTurnMs == 0) events |= kEventTurn;
  if (!pulser_needs_converter()) adc_sample_battery();
}
