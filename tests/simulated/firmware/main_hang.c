// A handler toggles PB0 and feeds the watchdog every millisecond; the main loop, awake or asleep
// half the time, toggles PB1.
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>
#include <util/delay.h>

ISR(TIMER2_COMPA_vect) {
  PINB = _BV(PB0);
  wdt_reset();
}

int main(void) {
  wdt_enable(WDTO_15MS);
  DDRB = _BV(PB0) | _BV(PB1);
  OCR2A = 249;
  TCCR2A = _BV(WGM21);
  TCCR2B = _BV(CS22);
  TIMSK2 = _BV(OCIE2A);
  sei();
  for (;;) {
    sleep_mode();
    _delay_us(400);
    PINB = _BV(PB1);
  }
}
