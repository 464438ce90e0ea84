// RAM: a test of it, and how much of it the stack has used.
#pragma once

#include <stdint.h>

// Writes and reads back 32 bytes of the stack with two patterns.
bool memory_works();

// Fills the unused stack with a pattern, so that stack_free() can see how far it was used.
void paint_stack();
uint16_t stack_free();
