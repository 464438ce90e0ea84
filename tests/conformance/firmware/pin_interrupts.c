// INT0 on the rising edge and a pin change interrupt: one pulse on PD2 and on PD4.
#include "behaviour.h"

ISR(INT0_vect) { RESULT[0]++; }
ISR(PCINT2_vect) { RESULT[1]++; }

int main(void) {
  begin();
  EICRA = _BV(ISC01) | _BV(ISC00);
  EIMSK = _BV(INT0);
  PCMSK2 = _BV(4);
  PCICR = _BV(PCIE2);
  sei();
  _delay_ms(3);
  finish();
}
