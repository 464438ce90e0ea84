// ADIF is cleared by writing one to it, so `ADCSRA |= ...` clears it too.
#include "behaviour.h"

int main(void) {
  begin();
  ADMUX = _BV(REFS0);
  ADCSRA = _BV(ADEN) | _BV(ADSC) | 4;
  while (ADCSRA & _BV(ADSC)) {
  }
  RESULT[0] = ADCSRA & _BV(ADIF);
  ADCSRA |= _BV(ADIF);
  RESULT[1] = ADCSRA & _BV(ADIF);
  finish();
}
