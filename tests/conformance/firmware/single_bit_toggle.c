// SBI on PINB toggles the one bit, not all that are high.
#include "behaviour.h"

int main(void) {
  begin();
  DDRB = 0x07;
  PORTB = 0x07;
  asm volatile("sbi %0, 1" : : "I"(_SFR_IO_ADDR(PINB)));
  _delay_us(1);
  RESULT[0] = PINB & 0x07;
  finish();
}
