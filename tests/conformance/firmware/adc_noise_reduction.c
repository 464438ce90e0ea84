// Going to ADC noise reduction sleep starts a conversion; timer 1 stands still meanwhile.
#include "behaviour.h"

ISR(ADC_vect) {}

int main(void) {
  begin();
  TCCR1B = _BV(CS10);
  ADMUX = _BV(REFS0);
  ADCSRA = _BV(ADEN) | _BV(ADIE) | 7;
  set_sleep_mode(SLEEP_MODE_ADC);
  sei();
  const uint16_t before = TCNT1;
  sleep_mode();
  RESULT[1] = (TCNT1 - before) < 200;
  RESULT[0] = ADC;
  finish();
}
