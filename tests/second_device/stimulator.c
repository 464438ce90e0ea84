/* A second stimulator, wired as differently from the first as possible: ATmega1284P at 8 MHz, gates
 * on PC2 and PC3 timed by software, no converter and no enable pin, LED on PA6, UART1 at 9600 baud.
 * Speaks just enough of the framed protocol: hello, status, set (accepts and ignores), start, stop.
 * A fixed 200 us / 100 us / 200 us pulse, 20 times a second. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <string.h>
#include <util/delay.h>

static volatile uint8_t running;
static volatile uint32_t pulses;
static volatile uint8_t ring[64], head;
static uint8_t tail;

ISR(USART1_RX_vect) {
  ring[head] = UDR1;
  head = (head + 1) & 63;
}

ISR(TIMER1_COMPA_vect) {
  if (!running) return;
  PORTC |= _BV(PC2);
  _delay_us(200);
  PORTC &= ~_BV(PC2);
  _delay_us(100);
  PORTC |= _BV(PC3);
  _delay_us(200);
  PORTC &= ~_BV(PC3);
  pulses++;
}

static uint16_t crc16(const uint8_t* data, uint8_t n) {
  uint16_t crc = 0xFFFF;
  while (n--) {
    crc ^= (uint16_t)*data++ << 8;
    for (uint8_t k = 0; k < 8; k++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  }
  return crc;
}

static void put(uint8_t byte) {
  while (!(UCSR1A & _BV(UDRE1))) {
  }
  UDR1 = byte;
}

static void reply(uint8_t* packet, uint8_t n) {
  const uint16_t crc = crc16(packet, n);
  packet[n++] = crc >> 8;
  packet[n++] = crc & 0xFF;
  put(0);
  for (uint8_t from = 0; from <= n;) {
    uint8_t end = from;
    while (end < n && packet[end]) end++;
    put(end - from + 1);
    while (from < end) put(packet[from++]);
    from++;
  }
  put(0);
}

static void execute(const uint8_t* request, uint8_t n) {
  static uint8_t answer[40];
  if (n < 4 || crc16(request, n - 2) != (uint16_t)(request[n - 2] << 8 | request[n - 1])) return;
  memset(answer, 0, sizeof answer);
  answer[0] = request[0];
  answer[1] = request[1] | 0x80;
  uint8_t length = 3;
  switch (request[1]) {
    case 0x01:
      answer[3] = 1;
      memcpy(answer + 6, "SECOND-D", 8);
      length = 14;
      break;
    case 0x02:
      answer[3] = running ? 3 : 1;
      answer[5] = running ? 0x11 : 0;
      cli();
      memcpy(answer + 20, (const void*)&pulses, 4);
      sei();
      length = 28;
      break;
    case 0x05:
      running = 1;
      PORTA |= _BV(PA6);
      break;
    case 0x06:
      running = 0;
      PORTA &= ~_BV(PA6);
      break;
    case 0x03:
    case 0x08: break;
    default: answer[2] = 1;
  }
  reply(answer, length);
}

/* Undoes COBS in place; returns the length, 0 when it is malformed. */
static uint8_t unstuff(uint8_t* data, uint8_t n) {
  uint8_t out = 0;
  for (uint8_t i = 0; i < n;) {
    const uint8_t code = data[i++];
    if (i + code - 1 > n) return 0;
    for (uint8_t k = 1; k < code; k++) data[out++] = data[i++];
    if (i < n) data[out++] = 0;
  }
  return out;
}

int main(void) {
  static uint8_t frame[48];
  uint8_t length = 0;
  DDRC = _BV(PC2) | _BV(PC3);
  DDRA = _BV(PA6);
  UBRR1 = 51; /* 9600 baud at 8 MHz */
  UCSR1C = _BV(UCSZ11) | _BV(UCSZ10);
  UCSR1B = _BV(RXEN1) | _BV(TXEN1) | _BV(RXCIE1);
  OCR1A = 49999; /* 50 ms at clk/8 */
  TCCR1B = _BV(WGM12) | _BV(CS11);
  TIMSK1 = _BV(OCIE1A);
  set_sleep_mode(SLEEP_MODE_IDLE);
  sei();
  for (;;) {
    cli();
    if (head == tail) {
      sleep_enable();
      sei();
      sleep_cpu();
      sleep_disable();
    }
    sei();
    while (head != tail) {
      const uint8_t byte = ring[tail];
      tail = (tail + 1) & 63;
      if (byte) {
        if (length < sizeof frame) frame[length++] = byte;
      } else if (length) {
        execute(frame, unstuff(frame, length));
        length = 0;
      }
    }
  }
}
