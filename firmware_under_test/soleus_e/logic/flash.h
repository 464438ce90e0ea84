// Constants that stay in flash on the AVR, and are ordinary constants on the host.
#pragma once

#include <stdint.h>

#ifdef __AVR__
#include <avr/pgmspace.h>
#define IN_FLASH PROGMEM
#define FLASH_TEXT(text) PSTR(text)
inline void copy_from_flash(void* to, const void* from, unsigned size) { memcpy_P(to, from, size); }
inline char flash_char(const char* at) { return static_cast<char>(pgm_read_byte(at)); }
inline int16_t flash_word(const int16_t* at) { return static_cast<int16_t>(pgm_read_word(at)); }
#else
#include <string.h>
#define IN_FLASH
#define FLASH_TEXT(text) (text)
inline void copy_from_flash(void* to, const void* from, unsigned size) { memcpy(to, from, size); }
inline char flash_char(const char* at) { return *at; }
inline int16_t flash_word(const int16_t* at) { return *at; }
#endif
