// From the end of a byte's stop bit to the first instruction of the handler, from sleep.
#include "behaviour.h"

MARKING_ISR(USART_RX_vect)

int main(void) {
  begin();
  UCSR0A = _BV(U2X0);
  UBRR0 = 16;
  UCSR0B = _BV(RXEN0) | _BV(RXCIE0);
  sei();
  sleep_enable();
  sleep_cpu();
  for (;;) {
  }
}
