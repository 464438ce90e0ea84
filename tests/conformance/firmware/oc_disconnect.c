// TCCR1A = 0 returns a pin that the compare unit holds high to its PORT bit, at once: the emergency
// cut of a stimulator.
#include "behaviour.h"

int main(void) {
  begin();
  DDRB = _BV(1);
  OCR1A = 1000;
  TCCR1A = _BV(COM1A1) | _BV(COM1A0);
  TCCR1B = _BV(CS10);
  _delay_us(100);
  MARK_STS(1);
  TCCR1A = 0;
  _delay_us(100);
  finish();
}
