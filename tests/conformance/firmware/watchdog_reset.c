// From wdt_enable(15 ms), at PC0, to the reset; and PB1, high at that time, is released.
#include <avr/wdt.h>

#include "behaviour.h"

int main(void) {
  begin();
  if (MCUSR & _BV(WDRF)) finish();
  DDRB = _BV(1);
  PORTB = _BV(1);
  wdt_enable(WDTO_15MS);
  PORTC = 1;
  for (;;) {
  }
}
