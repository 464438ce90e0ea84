// The settings image in EEPROM.
#pragma once

#include <stdint.h>

// kImageSize bytes each.
void nvm_load(uint8_t* image);

// Writes what has changed, 3.4 ms a byte, and reads it back. Returns false when it differs.
bool nvm_store(const uint8_t* image);
