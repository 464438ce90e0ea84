// SBI on TIFR1 clears the one flag.
#include "behaviour.h"

int main(void) {
  begin();
  OCR1A = 100;
  OCR1B = 120;
  TCCR1B = _BV(CS10);
  _delay_us(20);
  asm volatile("sbi %0, 1" : : "I"(_SFR_IO_ADDR(TIFR1)));
  RESULT[0] = TIFR1;
  finish();
}
