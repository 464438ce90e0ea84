// The prescaler runs on: timer 1 started at clk/1024 500 cycles after its restart ticks 524 later.
#include "behaviour.h"

int main(void) {
  begin();
  DDRB = _BV(1);
  TCCR1A = _BV(COM1A0);
  MARK_OUT(1);
  GTCCR = _BV(PSRSYNC);
  PASS_CYCLES(500);
  TCCR1B = _BV(CS12) | _BV(CS10);
  for (;;) {
  }
}
