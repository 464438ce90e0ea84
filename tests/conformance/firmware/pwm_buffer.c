// Fast PWM: a new OCR1A, below the counter, counts from the next period on.
#include "behaviour.h"

int main(void) {
  begin();
  DDRB = _BV(1);
  ICR1 = 1999;
  OCR1A = 1500;
  TCCR1A = _BV(COM1A1) | _BV(WGM11);
  TCCR1B = _BV(WGM13) | _BV(WGM12) | _BV(CS10);
  PASS_CYCLES(2000 + 2000 + 1000);
  OCR1A = 500;
  for (;;) {
  }
}
