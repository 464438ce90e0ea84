// A ring is empty when both ends meet; the ends wrap by masking.
#include "drivers/uart.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "drivers/events.h"

namespace {

constexpr uint8_t kReceiveMask = 63;
constexpr uint8_t kTransmitMask = 255;

uint8_t received[kReceiveMask + 1];
volatile uint8_t received_in;
volatile uint8_t received_out;
volatile bool damaged;

uint8_t to_send[kTransmitMask + 1];
volatile uint8_t to_send_in;
volatile uint8_t to_send_out;

}  // namespace

void uart_init() {
  UCSR0A = 0;
  UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
  UBRR0 = 25;
  UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
}

bool uart_take(uint8_t& byte) {
  const uint8_t at = received_out;
  if (at == received_in) return false;
  byte = received[at];
  received_out = (at + 1) & kReceiveMask;
  return true;
}

bool uart_damaged() {
  bool was = false;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    was = damaged && received_in == received_out;
    if (was) damaged = false;
  }
  return was;
}

uint8_t uart_room() { return static_cast<uint8_t>(to_send_out - to_send_in - 1); }

void uart_put(uint8_t byte) {
  if (uart_room() == 0) return;
  to_send[to_send_in] = byte;
  to_send_in = static_cast<uint8_t>(to_send_in + 1);
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { UCSR0B |= _BV(UDRIE0); }
}

ISR(USART_RX_vect) {
  const uint8_t flaws = UCSR0A & (_BV(FE0) | _BV(DOR0));
  const uint8_t byte = UDR0;
  const uint8_t next = (received_in + 1) & kReceiveMask;
  events |= kEventReceived;
  // After a loss nothing more is taken in until the reader knows: order is kept without a mark.
  if (flaws != 0 || next == received_out) damaged = true;
  if (damaged) return;
  received[received_in] = byte;
  received_in = next;
}

ISR(USART_UDRE_vect) {
  const uint8_t at = to_send_out;
  if (at != to_send_in) {
    UDR0 = to_send[at];
    to_send_out = static_cast<uint8_t>(at + 1);
  } else {
    UCSR0B = static_cast<uint8_t>(UCSR0B & ~_BV(UDRIE0));
  }
}
