// The result is that of the sample: the input changes (at 2.5 ms) before ADCL is read.
#include "behaviour.h"

int main(void) {
  begin();
  ADMUX = _BV(REFS0);
  ADCSRA = _BV(ADEN) | _BV(ADSC) | 7;
  _delay_ms(5);
  PORTC = 1;
  RESULT[0] = ADC;
  finish();
}
