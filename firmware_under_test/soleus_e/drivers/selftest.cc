// Each test is independent: all findings are reported.
#include "drivers/selftest.h"

#include "drivers/adc.h"
#include "drivers/board.h"
#include "drivers/memory.h"
#include "logic/safety.h"

namespace {

constexpr uint16_t kLeastBattery = 1000;     // mV; below it the divider is broken
constexpr uint16_t kMostBattery = 9500;      // mV; above it too, or the wrong battery is in
constexpr uint16_t kMostRestCurrent = 2000;  // uA

}  // namespace

uint8_t self_test() {
  uint8_t found = 0;
  if (!memory_works()) found |= kMemoryBad;
  const uint16_t battery = supply_millivolts(adc_read(AdcChannel::kBattery));
  if (battery < kLeastBattery || battery > kMostBattery) found |= kBatteryImplausible;
  if (PINB & kGates) found |= kGateHigh;
  if (microamps(adc_read(AdcChannel::kCurrent)) > kMostRestCurrent) found |= kCurrentFlows;
  return found;
}
