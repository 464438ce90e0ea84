// Bit by bit: a packet of 32 bytes costs less than a character on the line.
#include "logic/crc16.h"

uint16_t crc16(const uint8_t* data, uint8_t size) {
  uint16_t crc = 0xFFFF;
  for (uint8_t i = 0; i < size; ++i) {
    crc = static_cast<uint16_t>(crc ^ (data[i] << 8));
    for (uint8_t bit = 0; bit < 8; ++bit) {
      const bool carry = (crc & 0x8000u) != 0;
      crc = static_cast<uint16_t>(crc << 1);
      if (carry) crc = static_cast<uint16_t>(crc ^ 0x1021u);
    }
  }
  return crc;
}
