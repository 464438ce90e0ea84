// Fast PWM of timer 0, to 0xFF and (OC0B) to OCR0A.
#include "behaviour.h"

int main(void) {
  begin();
  DDRD = _BV(5);
#if MODE == 3
  OCR0B = 100;
#else
  OCR0A = 199;
  OCR0B = 49;
#endif
  TCCR0A = _BV(COM0B1) | (MODE & 3);
  TCCR0B = (uint8_t)(((MODE >> 2) << WGM02) | _BV(CS00));
  for (;;) {
  }
}
