// The cut-off decisions, each as a function of what was measured and what was set.
#pragma once

#include <stdint.h>

constexpr uint16_t kMicroampsPerCode = 25;  // one step of the DAC
constexpr uint32_t kLeadOffFrom = 5000;     // uA; below it a missing electrode is not told apart
constexpr uint16_t kSupplyMinimum = 615;    // counts: the first above 6.0 V
constexpr uint8_t kDebounceSamples = 3;     // turns of the main loop, 4 ms apart

// Readings of the 10-bit converter at 5 V in units of the patient's side.
constexpr uint32_t microamps(uint16_t counts) {
  return (uint32_t{counts} * 3125 + 8) / 16;
}  // 25 mV/mA
constexpr uint32_t millivolts(uint16_t counts) {
  return (uint32_t{counts} * 15625 + 32) / 64;
}  // 1 : 50
constexpr uint16_t supply_millivolts(uint16_t counts) {  // 1 : 2
  return static_cast<uint16_t>((uint32_t{counts} * 625 + 32) / 64);
}

// Over-current: the reading exceeds 1.2 * set + 3 mA exactly when it exceeds this many counts.
constexpr uint16_t over_current_counts(uint32_t set_ua) {
  return static_cast<uint16_t>((set_ua * 96 / 5 + 48000) / 3125);
}

// Lead-off: the reading is below half of what is set exactly when it is below this many counts.
constexpr uint16_t lead_off_counts(uint32_t set_ua) {
  return set_ua < kLeadOffFrom ? 0 : static_cast<uint16_t>((set_ua * 8 + 3124) / 3125);
}

// Two samples in a row below the minimum: one may be noise.
class SupplyMonitor {
 public:
  // Takes a sample in counts. Returns true when the supply has failed.
  bool failed(uint16_t supply) {
    const bool low = supply < kSupplyMinimum;
    const bool again = low && low_before_;
    low_before_ = low;
    return again;
  }

 private:
  bool low_before_ = false;
};

// A contact counts as changed when it has been so for kDebounceSamples in a row.
class Debounced {
 public:
  bool update(bool raw) {
    same_for_ = raw == closed_ ? 0 : static_cast<uint8_t>(same_for_ + 1);
    if (same_for_ == kDebounceSamples) {
      closed_ = raw;
      same_for_ = 0;
    }
    return closed_;
  }

 private:
  bool closed_ = false;
  uint8_t same_for_ = 0;
};
