// Constants that stay in flash on the AVR, and are ordinary constants on the host.
#pragma once

#ifdef __AVR__
#include <avr/pgmspace.h>
#define IN_FLASH PROGMEM
#define FLASH_TEXT(text) PSTR(text)
inline void copy_from_flash(void* to, const void* from, unsigned size) { memcpy_P(to, from, size); }
inline char flash_char(const char* at) { return static_cast<char>(pgm_read_byte(at)); }
#else
#include <string.h>
#define IN_FLASH
#define FLASH_TEXT(text) (text)
inline void copy_from_flash(void* to, const void* from, unsigned size) { memcpy(to, from, size); }
inline char flash_char(const char* at) { return *at; }
#endif
