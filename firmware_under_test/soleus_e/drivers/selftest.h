// What the device can find out about itself before it may put anything out.
#pragma once

#include <stdint.h>

constexpr uint8_t kMemoryBad = 1 << 0;
constexpr uint8_t kBatteryImplausible = 1 << 1;
constexpr uint8_t kGateHigh = 1 << 2;
constexpr uint8_t kCurrentFlows = 1 << 3;

// Returns 0 when all is well, else the bits above. REQUIRES: the output is disabled.
uint8_t self_test();
