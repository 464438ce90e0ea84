// A flag that goes up during its own handler interrupts again.
#include "behaviour.h"

ISR(TIMER1_COMPA_vect) {
  if (++RESULT[0] == 1) {
    OCR1A = TCNT1 + 60;
    PASS_CYCLES(200);
  }
}

int main(void) {
  begin();
  OCR1A = 100;
  TIMSK1 = _BV(OCIE1A);
  sei();
  TCCR1B = _BV(CS10);
  PASS_CYCLES(1000);
  finish();
}
