// Six bytes come while the program does not look: how many are there, and is DOR set?
#include "behaviour.h"

int main(void) {
  begin();
  UCSR0A = _BV(U2X0);
  UBRR0 = 16;
  UCSR0B = _BV(RXEN0);
  _delay_ms(2);
  while (UCSR0A & _BV(RXC0)) {
    if (UCSR0A & _BV(DOR0)) RESULT[1] = 1;
    (void)UDR0;
    RESULT[0]++;
    _delay_us(300);
  }
  finish();
}
