// Consistent overhead byte stuffing for packets below 254 bytes: takes out the zeros.
#pragma once

#include <stdint.h>

// Writes size + 1 bytes without a zero to `encoded`. REQUIRES: size < 254.
uint8_t cobs_encode(const uint8_t* data, uint8_t size, uint8_t* encoded);

// Decodes in place. Returns the new size, or 0 when a code points past the end.
// REQUIRES: no zero among the bytes.
uint8_t cobs_decode(uint8_t* data, uint8_t size);
