// The serial line, 38400 baud, 8N1, with a ring in each direction.
#pragma once

#include <stdint.h>

void uart_init();

// Takes the next received byte. Returns false when there is none.
bool uart_take(uint8_t& byte);

// True once, when all good bytes have been taken and those after them were lost or damaged.
bool uart_damaged();

// Room in the transmit ring, in bytes.
uint8_t uart_room();

// Drops the byte when the ring is full.
void uart_put(uint8_t byte);
