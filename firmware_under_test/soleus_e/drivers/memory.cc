// The stack grows down towards the variables; what it has never reached keeps the paint.
#include "drivers/memory.h"

#include <avr/io.h>

extern uint8_t _end;  // of the variables

namespace {

constexpr uint8_t kPaint = 0xC5;

bool memory_holds(uint8_t pattern) {
  volatile uint8_t spare[32];
  for (uint8_t i = 0; i < sizeof spare; ++i) spare[i] = static_cast<uint8_t>(pattern ^ i);
  for (uint8_t i = 0; i < sizeof spare; ++i) {
    if (spare[i] != static_cast<uint8_t>(pattern ^ i)) return false;
  }
  return true;
}

}  // namespace

bool memory_works() { return memory_holds(0x55) && memory_holds(0xAA); }

void paint_stack() {
  uint8_t* const top = reinterpret_cast<uint8_t*>(SP) - 16;
  for (uint8_t* at = &_end; at < top; ++at) *at = kPaint;
}

uint16_t stack_free() {
  const uint8_t* at = &_end;
  while (at < reinterpret_cast<uint8_t*>(SP) && *at == kPaint) ++at;
  return static_cast<uint16_t>(at - &_end);
}
