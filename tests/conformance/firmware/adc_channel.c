// The channel is latched: ADMUX changes to channel 1 two ADC clocks after the start.
#include "behaviour.h"

int main(void) {
  begin();
  ADMUX = _BV(REFS0);
  ADCSRA = _BV(ADEN) | 7;
  ADCSRA |= _BV(ADSC);
  PASS_CYCLES(256);
  ADMUX = _BV(REFS0) | 1;
  while (ADCSRA & _BV(ADSC)) {
  }
  RESULT[0] = ADC;
  finish();
}
