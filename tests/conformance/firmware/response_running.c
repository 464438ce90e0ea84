// From a compare match, seen at PB1, to the first pin change of its handler, from a row of NOPs.
#include "behaviour.h"

MARKING_ISR(TIMER1_COMPA_vect)

int main(void) {
  begin();
  DDRB = _BV(1);
  OCR1A = 300;
  TIMSK1 = _BV(OCIE1A);
  TCCR1A = _BV(COM1A0);
  sei();
  TCCR1B = _BV(CS10);
  asm volatile(".rept 600\n\tnop\n\t.endr");
  for (;;) {
  }
}
