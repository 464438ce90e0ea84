// Each test is independent: all findings are reported.
#include "drivers/selftest.h"

#include "drivers/adc.h"
#include "drivers/board.h"
#include "logic/safety.h"

extern uint8_t _end;  // of the variables; the stack grows down towards it

namespace {

constexpr uint8_t kPaint = 0xC5;
constexpr uint16_t kLeastBattery = 1000;     // mV; below it the divider is broken
constexpr uint16_t kMostBattery = 9500;      // mV; above it too, or the wrong battery is in
constexpr uint16_t kMostRestCurrent = 2000;  // uA

bool memory_holds(uint8_t pattern) {
  volatile uint8_t spare[32];
  for (uint8_t i = 0; i < sizeof spare; ++i) spare[i] = static_cast<uint8_t>(pattern ^ i);
  for (uint8_t i = 0; i < sizeof spare; ++i) {
    if (spare[i] != static_cast<uint8_t>(pattern ^ i)) return false;
  }
  return true;
}

}  // namespace

uint8_t self_test() {
  uint8_t found = 0;
  if (!memory_holds(0x55) || !memory_holds(0xAA)) found |= kMemoryBad;
  const uint16_t battery = supply_millivolts(adc_read(AdcChannel::kBattery));
  if (battery < kLeastBattery || battery > kMostBattery) found |= kBatteryImplausible;
  if (PINB & kGates) found |= kGateHigh;
  if (microamps(adc_read(AdcChannel::kCurrent)) > kMostRestCurrent) found |= kCurrentFlows;
  return found;
}

void paint_stack() {
  uint8_t* const top = reinterpret_cast<uint8_t*>(SP) - 16;
  for (uint8_t* at = &_end; at < top; ++at) *at = kPaint;
}

uint16_t stack_free() {
  const uint8_t* at = &_end;
  while (at < reinterpret_cast<uint8_t*>(SP) && *at == kPaint) ++at;
  return static_cast<uint16_t>(at - &_end);
}
