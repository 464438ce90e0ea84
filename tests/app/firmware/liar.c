// A device that answers whatever it hears with frames full of nonsense.
#include <avr/io.h>

static void say(unsigned char c) {
  while (!(UCSR0A & 1 << UDRE0)) {
  }
  UDR0 = c;
}

int main(void) {
  UBRR0 = 25;
  UCSR0B = 1 << RXEN0 | 1 << TXEN0;
  for (unsigned char c = 1;;) {
    while (!(UCSR0A & 1 << RXC0)) {
    }
    if (UDR0 != 0) continue;
    say(0);
    for (int k = 0; k < 12; ++k) say(c = c * 5 + 3);
    say(0);
  }
}
