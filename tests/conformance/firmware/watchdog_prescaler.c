// A second wdt_enable() with a shorter time-out counts.
#include <avr/wdt.h>

#include "behaviour.h"

int main(void) {
  begin();
  if (MCUSR & _BV(WDRF)) finish();
  wdt_enable(WDTO_2S);
  wdt_enable(WDTO_15MS);
  PORTC = 1;
  for (;;) {
  }
}
