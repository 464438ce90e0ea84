// MCUSR collects the causes until the program clears them.
#include <avr/wdt.h>

#include "behaviour.h"

int main(void) {
  const uint8_t causes = MCUSR;
  if (causes & _BV(WDRF)) {
    begin();
    RESULT[0] = causes;
    finish();
  }
  wdt_enable(WDTO_15MS);
  for (;;) {
  }
}
