// The flag is up before the interrupt is enabled: the handler runs.
#include "behaviour.h"

ISR(TIMER1_COMPA_vect) { RESULT[0]++; }

int main(void) {
  begin();
  sei();
  OCR1A = 100;
  TCCR1B = _BV(CS10);
  _delay_us(20);
  TIMSK1 = _BV(OCIE1A);
  _delay_us(2);
  finish();
}
