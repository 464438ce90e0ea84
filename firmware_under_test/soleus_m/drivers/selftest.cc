// Each test is independent: all findings are reported.
#include "drivers/selftest.h"

#include "drivers/drive.h"
#include "drivers/memory.h"
#include "logic/safety.h"

namespace {

constexpr uint16_t kLeastBattery = 1000;   // mV; below it the divider is broken
constexpr uint16_t kMostBattery = 9500;    // mV; above it too, or the wrong battery is in
constexpr uint16_t kMostBias = 150;        // counts, 2.9 m/s2: somebody may be stepping on
constexpr uint16_t kMostRestCurrent = 10;  // counts, 0.1 A

bool near_middle(AdcChannel channel, uint16_t most) {
  const int16_t off = static_cast<int16_t>(drive_read(channel)) - kMiddle;
  return off <= static_cast<int16_t>(most) && off >= -static_cast<int16_t>(most);
}

}  // namespace

uint8_t self_test() {
  uint8_t found = 0;
  if (!memory_works()) found |= kMemoryBad;
  const uint16_t millivolts = supply_millivolts(drive_read(AdcChannel::kBattery));
  if (millivolts < kLeastBattery || millivolts > kMostBattery) found |= kBatteryImplausible;
  if (!near_middle(AdcChannel::kAcceleration, kMostBias)) found |= kAccelerometerBad;
  if (!near_middle(AdcChannel::kCurrent, kMostRestCurrent)) found |= kCurrentFlows;
  return found;
}
