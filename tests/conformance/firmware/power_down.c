// Timer 1 stands still in power-down: overflows until the watchdog wakes after 125 ms.
#include <avr/wdt.h>

#include "behaviour.h"

ISR(WDT_vect) { RESULT[1]++; }
ISR(TIMER1_OVF_vect) { RESULT[0]++; }

int main(void) {
  begin();
  MCUSR = 0;
  WDTCSR = _BV(WDCE) | _BV(WDE);
  WDTCSR = _BV(WDIE) | _BV(WDP1) | _BV(WDP0);
  TIMSK1 = _BV(TOIE1);
  TCCR1B = _BV(CS10);
  set_sleep_mode(SLEEP_MODE_PWR_DOWN);
  sei();
  while (!RESULT[1]) sleep_mode();
  finish();
}
