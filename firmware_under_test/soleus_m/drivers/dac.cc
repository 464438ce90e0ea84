// MCP4921: one 16-bit word, upper four bits 0011 (channel A, unbuffered, gain 1, active).
#include "drivers/dac.h"

#include "drivers/board.h"

namespace {

constexpr uint16_t kWriteAndUpdate = 0x3000;

void shift_out(uint8_t byte) {
  SPDR = byte;
  while (!(SPSR & _BV(SPIF))) {
  }
}

}  // namespace

void dac_init() {
  SPCR = _BV(SPE) | _BV(MSTR);
  SPSR = _BV(SPI2X);
  dac_write(kDacZero);
}

void dac_write(uint16_t code) {
  const uint16_t word = kWriteAndUpdate | (code & 0x0FFF);
  PORTD = static_cast<uint8_t>(PORTD & ~kDacSelect);
  shift_out(static_cast<uint8_t>(word >> 8));
  shift_out(static_cast<uint8_t>(word));
  PORTD |= kDacSelect;
}
