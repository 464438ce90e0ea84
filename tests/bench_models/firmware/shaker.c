// Shakes the platform: a sine of 1 V at 45 Hz through the converter, 4000 values a second, from the
// start on. While the foot sensor shows more than 100 N it drives twice as much.
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <math.h>

#define STEP 737  // 65536 * 45 Hz / 4000 Hz

static int16_t table[256];
static volatile uint16_t phase;
static volatile uint8_t heavy;

ISR(TIMER0_COMPA_vect) {
  phase += STEP;
  const int16_t volts = table[phase >> 8];
  const uint16_t code = (uint16_t)(2048 + (heavy ? 2 * volts : volts));
  PORTD &= (uint8_t)~_BV(PD7);
  SPDR = (uint8_t)(code >> 8);
  while (!(SPSR & _BV(SPIF))) {
  }
  SPDR = (uint8_t)code;
  while (!(SPSR & _BV(SPIF))) {
  }
  PORTD |= _BV(PD7);
  PORTD = (uint8_t)((PORTD & ~_BV(PD6)) | (phase < 32768 ? _BV(PD6) : 0));
  ADCSRA |= _BV(ADSC);
}

ISR(ADC_vect) { heavy = ADC > 409; }  // 2 V: 100 N

int main(void) {
  for (uint16_t k = 0; k < 256; ++k) table[k] = (int16_t)lround(200 * sin(k * M_PI / 128));
  DDRD = _BV(PD4) | _BV(PD5) | _BV(PD6) | _BV(PD7);
  PORTD = _BV(PD7) | _BV(PD4) | _BV(PD5);
  DDRB = _BV(PB2) | _BV(PB3) | _BV(PB5);
  SPCR = _BV(SPE) | _BV(MSTR);
  SPSR = _BV(SPI2X);
  ADMUX = _BV(REFS0) | 3;
  ADCSRA = _BV(ADEN) | _BV(ADIE) | 7;
  TCCR0A = _BV(WGM01);
  TCCR0B = _BV(CS01) | _BV(CS00);
  OCR0A = 61;  // 250 kHz / 62: 4032 values a second
  TIMSK0 = _BV(OCIE0A);
  sei();
  set_sleep_mode(SLEEP_MODE_IDLE);
  while (1) sleep_mode();
}
