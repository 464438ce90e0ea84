// Timer 1 after a million cycles in which nobody looked.
#include "behaviour.h"

int main(void) {
  begin();
  TCCR1B = _BV(CS10);
  const uint16_t before = TCNT1;
  PASS_CYCLES(1000000);
  RESULT[0] = TCNT1 - before - 16960;  // 1000000 modulo 65536
  RESULT[1] = TIFR1 & _BV(TOV1);
  finish();
}
