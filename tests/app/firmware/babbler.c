// A device that talks without end and listens to nobody.
#include <avr/io.h>

int main(void) {
  UBRR0 = 25;  // 38400 baud at 16 MHz
  UCSR0B = 1 << TXEN0;
  for (unsigned char c = 1;; c = c * 5 + 3) {
    while (!(UCSR0A & 1 << UDRE0)) {
    }
    UDR0 = c;
  }
}
