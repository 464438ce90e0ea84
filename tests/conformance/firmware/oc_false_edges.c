// OC1A set to clear on match never rises: not at the overflow, not when OCR1A is written.
#include "behaviour.h"

int main(void) {
  begin();
  DDRB = _BV(1);
  OCR1A = 30000;
  TCCR1A = _BV(COM1A1);
  TCCR1B = _BV(CS10);
  _delay_us(50);
  OCR1A = 20000;
  _delay_ms(10);
  finish();
}
