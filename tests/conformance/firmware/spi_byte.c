// One SPI byte at clk/4 and one at clk/16, marked at the write to SPDR.
#include "behaviour.h"

static void send(uint8_t mark) {
  asm volatile("out %0, %2\n\t"
               "out %1, %2"
               : : "I"(_SFR_IO_ADDR(PORTC)), "I"(_SFR_IO_ADDR(SPDR)), "r"(mark));
  while (!(SPSR & _BV(SPIF))) {
  }
}

int main(void) {
  begin();
  DDRB = _BV(2) | _BV(3) | _BV(5);
  SPCR = _BV(SPE) | _BV(MSTR);
  send(1);
  SPCR |= _BV(SPR0);
  send(0);
  finish();
}
