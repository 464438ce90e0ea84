// A little of everything for the tests of the machine: OC1A toggles every 8000 cycles, the
// watchdog (120 ms) is fed from a sleeping main loop, the UART says why it started and answers.
#include <avr/eeprom.h>
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>

#if defined(__AVR_ATmega1284P__)
#define OC1A_DIRECTION DDRD
#define OC1A_BIT 5
#define USART_RX_vect USART0_RX_vect
#else
#define OC1A_DIRECTION DDRB
#define OC1A_BIT 1
#endif

static uint8_t EEMEM boots = 5;
static volatile uint8_t command;

ISR(TIMER2_COMPA_vect) {}
ISR(USART_RX_vect) {
  const uint8_t flaws = UCSR0A & _BV(FE0);
  const uint8_t byte = UDR0;
  command = flaws != 0 ? 'F' - 1 : byte;
}

static void say(uint8_t byte) {
  while (!(UCSR0A & _BV(UDRE0))) {
  }
  UDR0 = byte;
}

static void obey(uint8_t byte) {
  switch (byte) {
    case 'c': *(volatile uint8_t *)0x2000 = 1; break;  // crash
    case 's':                                          // sleep for ever
      cli();
      sleep_cpu();
      break;
    case 'w': eeprom_write_byte(&boots + 1, 0x5A); break;
    case 'v': say((uint8_t)(ADC >> 2)); break;
    case 'r': UCSR0B &= (uint8_t)~_BV(RXEN0); break;
    default: say((uint8_t)(byte + 1));
  }
}

int main(void) {
  const uint8_t causes = MCUSR;
  MCUSR = 0;
  wdt_enable(WDTO_120MS);
  UCSR0A = _BV(U2X0);
  UBRR0 = 16;
  UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
  OC1A_DIRECTION = _BV(OC1A_BIT);
  OCR1A = 7999;
  TCCR1A = _BV(COM1A0);
  TCCR1B = _BV(WGM12) | _BV(CS10);
  OCR2A = 249;
  TCCR2A = _BV(WGM21);
  TCCR2B = _BV(CS22);
  TIMSK2 = _BV(OCIE2A);
  ADMUX = _BV(REFS0) | 3;
  ADCSRA = _BV(ADEN) | _BV(ADSC) | 7;
  say('0' + causes);
  eeprom_update_byte(&boots, (uint8_t)(eeprom_read_byte(&boots) + 1));
  set_sleep_mode(SLEEP_MODE_IDLE);
  sleep_enable();
  sei();
  for (;;) {
    wdt_reset();
    sleep_cpu();
    if (command) {
      const uint8_t byte = command;
      command = 0;
      obey(byte);
    }
  }
}
