// Timer 1 counts the rising edges at T1.
#include "behaviour.h"

int main(void) {
  begin();
  TCCR1B = _BV(CS12) | _BV(CS11) | _BV(CS10);
  _delay_ms(2);
  RESULT[0] = TCNT1;
  finish();
}
