// Two rising edges at ICP1, 5000 cycles apart.
#include "behaviour.h"

int main(void) {
  begin();
  TCCR1B = _BV(ICES1) | _BV(CS10);
  for (uint8_t i = 0; i < 2; i++) {
    while (!(TIFR1 & _BV(ICF1))) {
    }
    RESULT[i] = ICR1;
    TIFR1 = _BV(ICF1);
  }
  finish();
}
