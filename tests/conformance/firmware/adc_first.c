// The first conversion after ADEN.
#include "behaviour.h"

MARKING_ISR(ADC_vect)

int main(void) {
  begin();
  ADMUX = _BV(REFS0);
  sei();
  sleep_enable();
  ADCSRA = _BV(ADEN) | _BV(ADIE) | 7;
  PASS_CYCLES(240);  // the ADC clock has edges 128 and 256 cycles after ADEN
  MARK_STS(2);
  ADCSRA = _BV(ADEN) | _BV(ADIE) | _BV(ADSC) | 7;
  sleep_cpu();
  for (;;) {
  }
}
