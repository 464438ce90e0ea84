// Byte by byte, because a whole image takes longer than the watchdog allows.
#include "drivers/nvm.h"

#include <avr/eeprom.h>
#include <string.h>

#include "drivers/watchdog.h"
#include "logic/params.h"

namespace {

// A fixed place rather than EEMEM: the program image shall not bring settings of its own.
uint8_t* const kKept = reinterpret_cast<uint8_t*>(0x10);

}  // namespace

void nvm_load(uint8_t* image) { eeprom_read_block(image, kKept, kImageSize); }

bool nvm_store(const uint8_t* image) {
  for (uint8_t i = 0; i < kImageSize; ++i) {
    eeprom_update_byte(kKept + i, image[i]);
    watchdog_serve();
  }
  uint8_t back[kImageSize];
  nvm_load(back);
  return memcmp(back, image, kImageSize) == 0;
}
