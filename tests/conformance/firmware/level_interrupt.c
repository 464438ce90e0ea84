// INT0 in level mode interrupts as long as PD2 is low, also if it was low before it was enabled.
#include "behaviour.h"

ISR(INT0_vect) {
  if (++RESULT[0] == 10) EIMSK = 0;
}

int main(void) {
  begin();
  _delay_ms(1);  // PD2 falls meanwhile
  EIMSK = _BV(INT0);
  sei();
  while (RESULT[0] < 10) {
  }
  finish();
}
