// Writing OCF1A to TIFR1 clears that flag only; the pending match B still interrupts.
#include "behaviour.h"

ISR(TIMER1_COMPA_vect) { RESULT[1]++; }
ISR(TIMER1_COMPB_vect) { RESULT[2]++; }

int main(void) {
  begin();
  OCR1A = 100;
  OCR1B = 120;
  TIMSK1 = _BV(OCIE1A) | _BV(OCIE1B);
  TCCR1B = _BV(CS10);
  _delay_us(20);
  TCCR1B = 0;
  TIFR1 = _BV(OCF1A);
  RESULT[0] = TIFR1;
  sei();
  _delay_us(2);
  finish();
}
