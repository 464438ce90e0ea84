// A byte written during a transfer is dropped and sets WCOL.
#include "behaviour.h"

int main(void) {
  begin();
  DDRB = _BV(2) | _BV(3) | _BV(5);
  SPCR = _BV(SPE) | _BV(MSTR) | _BV(SPR0);
  SPDR = 0x55;
  _delay_us(2);
  SPDR = 0x66;
  _delay_us(200);
  RESULT[0] = SPSR;
  finish();
}
