// CTC with OCR1A written below TCNT1: the counter has to go round through 0xFFFF first.
#include "behaviour.h"

int main(void) {
  begin();
  OCR1A = 5000;
  TCCR1B = _BV(WGM12) | _BV(CS10);
  PASS_CYCLES(2000);
  OCR1A = 1000;
  PORTC = 1;
  while (!(TIFR1 & _BV(OCF1A))) {
  }
  PORTC = 0;
  finish();
}
