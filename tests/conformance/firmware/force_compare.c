// FOC1A makes the compare unit act on its pin.
#include "behaviour.h"

int main(void) {
  begin();
  DDRB = _BV(1);
  OCR1A = 60000;
  TCCR1A = _BV(COM1A1) | _BV(COM1A0);
  TCCR1B = _BV(CS10);
  TCCR1C = _BV(FOC1A);
  _delay_us(5);
  RESULT[0] = PINB & _BV(1);
  finish();
}
