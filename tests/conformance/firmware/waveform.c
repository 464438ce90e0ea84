// One waveform mode of timer 1 (MODE), outputs OC1A and OC1B.
#include "behaviour.h"

#if MODE == 4 || MODE == 12
#define OUTPUTS _BV(COM1A0)
#else
#define OUTPUTS (_BV(COM1A1) | _BV(COM1B1))
#endif

int main(void) {
  begin();
  DDRB = _BV(1) | _BV(2);
#if MODE == 1 || MODE == 5
  OCR1A = 100;
  OCR1B = 200;
#elif MODE == 4
  OCR1A = 999;
#elif MODE == 15
  OCR1A = 1999;
  OCR1B = 1500;
#else
  ICR1 = 1999;
  OCR1A = 500;
  OCR1B = 1500;
#endif
  TCCR1A = OUTPUTS | (MODE & 3);
  TCCR1B = (uint8_t)(((MODE >> 2) << WGM12) | _BV(CS10));
  for (;;) {
  }
}
