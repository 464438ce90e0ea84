// The standard way to sleep until an event loses none: 500 events, every other one due already.
#include "behaviour.h"

static volatile uint8_t event;
ISR(TIMER1_COMPA_vect) { event = 1; }

int main(void) {
  begin();
  OCR1A = 1000;
  TCCR1B = _BV(WGM12) | _BV(CS10);
  TIMSK1 = _BV(OCIE1A);
  sleep_enable();
  for (uint16_t i = 0; i < 500; i++) {
    cli();
    event = 0;
    if (i & 1) _delay_us(100);
    while (!event) {
      sei();
      sleep_cpu();
      cli();
    }
    RESULT[0]++;
  }
  finish();
}
