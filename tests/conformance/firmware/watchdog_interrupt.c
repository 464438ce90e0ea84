// In interrupt mode the watchdog interrupts every 16 ms: six times in 100 ms.
#include <avr/wdt.h>

#include "behaviour.h"

ISR(WDT_vect) { RESULT[0]++; }

int main(void) {
  begin();
  MCUSR = 0;
  WDTCSR = _BV(WDCE) | _BV(WDE);
  WDTCSR = _BV(WDIE);
  sei();
  _delay_ms(100);
  finish();
}
