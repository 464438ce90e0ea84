// Four interrupts pending at once, 100 times: each handler runs once a round, by priority.
#include "behaviour.h"

static volatile uint16_t last;
static void entered(uint8_t priority) {
  if (priority < last) RESULT[4]++;
  last = priority;
}
ISR(TIMER2_COMPA_vect) { RESULT[0]++; entered(1); }
ISR(TIMER1_COMPA_vect) { RESULT[1]++; entered(2); }
ISR(TIMER1_COMPB_vect) { RESULT[2]++; entered(3); }
ISR(TIMER0_COMPA_vect) { RESULT[3]++; entered(4); }

int main(void) {
  begin();
  TIMSK0 = _BV(OCIE0A);
  TIMSK1 = _BV(OCIE1A) | _BV(OCIE1B);
  TIMSK2 = _BV(OCIE2A);
  OCR0A = 50;
  OCR1A = 100;
  OCR1B = 60;
  OCR2A = 80;
  for (uint8_t round = 0; round < 100; round++) {
    last = 0;
    TCNT0 = 0;
    TCNT1 = 0;
    TCNT2 = 0;
    TCCR0B = TCCR1B = TCCR2B = _BV(CS00);
    PASS_CYCLES(150);
    TCCR0B = TCCR1B = TCCR2B = 0;
    sei();
    PASS_CYCLES(400);
    cli();
  }
  finish();
}
