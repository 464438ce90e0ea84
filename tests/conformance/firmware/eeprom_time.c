// Two EEPROM writes after each other: PC0 toggles when each is done.
#include <avr/eeprom.h>

#include "behaviour.h"

int main(void) {
  begin();
  PINC = 1;
  for (uint8_t i = 0; i < 2; i++) {
    eeprom_write_byte((uint8_t *)5 + i, i);
    eeprom_busy_wait();
    PINC = 1;
  }
  RESULT[0] = eeprom_read_byte((uint8_t *)6);
  finish();
}
