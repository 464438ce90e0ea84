// Making a high output an input releases it.
#include "behaviour.h"

int main(void) {
  begin();
  DDRB = _BV(1);
  PORTB = _BV(1);
  _delay_us(10);
  DDRB = 0;
  _delay_us(10);
  finish();
}
