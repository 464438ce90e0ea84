// CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, nothing reflected or inverted.
#pragma once

#include <stdint.h>

// "123456789" gives 0x29B1.
uint16_t crc16(const uint8_t* data, uint8_t size);
