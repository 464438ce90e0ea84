// 115200 8N1 (U2X, UBRR 16), set up in any order: three bytes, each marked at PC0 if possible.
#include "behaviour.h"

static void set_up(void) {
#if ORDER == 0  // UBRR last
  UCSR0A = _BV(U2X0);
  UBRR0 = 16;
#else           // UBRR first
  UBRR0 = 16;
  UCSR0A = _BV(U2X0);
#endif
  UCSR0B = _BV(TXEN0);
}

int main(void) {
  begin();
  set_up();
  asm volatile("sts %0, %2\n\t"
               "sts %1, %3"
               : : "i"(_SFR_MEM_ADDR(PORTC)), "i"(_SFR_MEM_ADDR(UDR0)), "r"(1), "r"('a'));
  PASS_CYCLES(20);
  RESULT[0] = (UCSR0A & _BV(UDRE0)) != 0;
  for (uint8_t i = 0; i < 3; i++) {
    while (!(UCSR0A & _BV(UDRE0))) {
    }
    UDR0 = (uint8_t)('b' + i);
  }
  UCSR0A |= _BV(TXC0);
  while (!(UCSR0A & _BV(TXC0))) {
  }
  PORTC = 0;
  _delay_ms(1);
  finish();
}
