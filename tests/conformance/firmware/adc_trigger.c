// Ten matches of timer 1 start ten conversions.
#include "behaviour.h"

ISR(ADC_vect) {
  TIFR1 = _BV(OCF1B);
  RESULT[0]++;
}

int main(void) {
  begin();
  OCR1A = 7999;
  OCR1B = 2000;
  ADMUX = _BV(REFS0);
  ADCSRB = _BV(ADTS2) | _BV(ADTS0);
  ADCSRA = _BV(ADEN) | _BV(ADATE) | _BV(ADIE) | 6;
  TCCR1B = _BV(WGM12) | _BV(CS10);
  sei();
  PASS_CYCLES(10 * 8000UL);
  finish();
}
