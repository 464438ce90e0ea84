// OUT changes its pin after one cycle, SBI after two: distances out-sbi and sbi-out on PC0 and PC1.
#include "behaviour.h"

int main(void) {
  begin();
  DDRB = _BV(0) | _BV(1);
  asm volatile("out %0, %2\n\t"  // PC0 up
               "sbi %1, 0\n\t"   // PB0 up
               "out %0, %3\n\t"  // PC0 down
               : : "I"(_SFR_IO_ADDR(PORTC)), "I"(_SFR_IO_ADDR(PORTB)), "r"(1), "r"(0));
  finish();
}
