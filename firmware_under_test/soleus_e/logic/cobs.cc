// Each code byte tells how far the next zero is.
#include "logic/cobs.h"

uint8_t cobs_encode(const uint8_t* data, uint8_t size, uint8_t* encoded) {
  uint8_t code_at = 0;
  uint8_t code = 1;
  uint8_t out = 1;
  for (uint8_t i = 0; i < size; ++i) {
    if (data[i] != 0) {
      encoded[out++] = data[i];
      ++code;
      continue;
    }
    encoded[code_at] = code;
    code_at = out++;
    code = 1;
  }
  encoded[code_at] = code;
  return out;
}

uint8_t cobs_decode(uint8_t* data, uint8_t size) {
  uint8_t in = 0;
  uint8_t out = 0;
  while (in < size) {
    const uint8_t run = static_cast<uint8_t>(data[in++] - 1);
    if (run > size - in) return 0;
    for (uint8_t i = 0; i < run; ++i) data[out++] = data[in++];
    if (in < size) data[out++] = 0;
  }
  return out;
}
