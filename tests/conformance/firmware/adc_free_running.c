// Free running: the ADC clock (128 cycles) between results.
#include "behaviour.h"

ISR(ADC_vect) { PINC = 1; }

int main(void) {
  begin();
  ADMUX = _BV(REFS0);
  ADCSRA = _BV(ADEN) | _BV(ADATE) | _BV(ADIE) | _BV(ADSC) | 7;
  sei();
  for (;;) asm volatile("nop");
}
