// After a watchdog reset the watchdog still runs, with its shortest time: it is stopped first.
#include "drivers/watchdog.h"

#include <avr/io.h>
#include <avr/wdt.h>

#include "drivers/tick.h"

uint8_t reset_cause __attribute__((section(".noinit")));

extern "C" void before_main() __attribute__((naked, used, section(".init3")));
void before_main() {
  reset_cause = MCUSR;
  MCUSR = 0;
  wdt_disable();
}

void watchdog_arm() { wdt_enable(WDTO_120MS); }

void watchdog_serve() {
  static uint8_t served;
  const uint8_t now = static_cast<uint8_t>(tick_ms());
  if (now == served) return;
  served = now;
  wdt_reset();
}
