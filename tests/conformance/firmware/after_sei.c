// With an interrupt pending, one instruction runs after SEI, and one after RETI.
#include "behaviour.h"

// r20 counts the instructions of the program; each handler notes it.
ISR(TIMER1_COMPA_vect, ISR_NAKED) {
  asm volatile("sts 0x700, r20\n\t"
               "reti");
}
ISR(TIMER1_COMPB_vect, ISR_NAKED) {
  asm volatile("sts 0x702, r20\n\t"
               "reti");
}

int main(void) {
  begin();
  OCR1A = 60;
  OCR1B = 60;
  TIMSK1 = _BV(OCIE1A) | _BV(OCIE1B);
  TCCR1B = _BV(CS10);
  PASS_CYCLES(200);
  TCCR1B = 0;
  asm volatile("clr r20\n\t"
               "sei\n\t"
               ".rept 10\n\t"
               "inc r20\n\t"
               ".endr\n\t"
               "cli" : : : "r20");
  finish();
}
