// The order cli, look, sei, sleep leaves no gap for an event to be overslept.
#include "drivers/events.h"

#include <avr/interrupt.h>
#include <avr/sleep.h>
#include <util/atomic.h>

volatile uint8_t events;

uint8_t take_events() {
  uint8_t taken = 0;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    taken = events;
    events = 0;
  }
  return taken;
}

void sleep_until_event() {
  cli();
  while (events == 0) {
    sleep_enable();
    sei();
    sleep_cpu();
    sleep_disable();
    cli();
  }
  sei();
}
