// Uses one thing that the bench does not model (WHAT).
#include "behaviour.h"

int main(void) {
  begin();
#if WHAT == 1
  TWCR = _BV(TWEN);
#elif WHAT == 2
  ACSR = _BV(ACIE);
#elif WHAT == 3
  ASSR = _BV(AS2);
#elif WHAT == 4
  CLKPR = _BV(CLKPCE);
  CLKPR = 3;
#elif WHAT == 5
  asm volatile("spm");
#elif WHAT == 6
  ADMUX = _BV(REFS0) | 9;
  ADCSRA = _BV(ADEN) | _BV(ADSC);
  _delay_us(50);
#endif
  finish();
}
