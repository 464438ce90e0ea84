// Half of the reference at channel 2 is code 512.
#include "behaviour.h"

int main(void) {
  begin();
  ADMUX = _BV(REFS0) | 2;
  ADCSRA = _BV(ADEN) | _BV(ADSC) | 7;
  while (ADCSRA & _BV(ADSC)) {
  }
  RESULT[0] = ADC;
  finish();
}
