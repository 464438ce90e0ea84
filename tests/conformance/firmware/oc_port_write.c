// OC1A is high by a match; writing another bit of the port does not disturb it.
#include "behaviour.h"

int main(void) {
  begin();
  DDRB = _BV(1) | _BV(5);
  OCR1A = 1000;
  TCCR1A = _BV(COM1A1) | _BV(COM1A0);
  TCCR1B = _BV(CS10);
  _delay_us(100);
  PORTB |= _BV(5);
  _delay_us(1);
  RESULT[0] = PINB & _BV(1);
  finish();
}
