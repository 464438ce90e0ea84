// Logic analyzers around a Cypress FX2 that run sigrok's fx2lafw firmware as the digitizer of a
// bench: 8 inputs up to 24 MS/s, 16 up to 12 MS/s, one bit each. Its firmware is the user's file,
// loaded when the device waits for it.
//
// When the host is late the device stops for good: what came before is contiguous, what would have
// come after does not exist, and the capture ends as an error.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "rig/bench/bench.h"
#include "rig/bench/settings.h"
#include "rig/instruments/usb/device.h"

namespace rig {

struct LogicRate {
  std::uint8_t flags = 0;
  std::uint16_t delay = 0;  // clock ticks to a sample, less one
  SampleRate rate;
};
// The slowest rate at or above `hz`, from 48 MHz or 30 MHz; nullopt: too fast, or too slow for both
// clocks.
std::optional<LogicRate> logic_rate_for(double hz, bool sixteen_inputs);

// Context and clock must outlive it. Opens and, if needed, loads the device at once. Throws
// InputError for the firmware's file, RigError when the device cannot be opened.
std::unique_ptr<Digitizer> open_fx2lafw(usb::Context& context, Clock& clock,
                                        const UsbSampler& settings, const ScopeSettings& scope);

bool is_fx2lafw(const usb::DeviceInfo& device);       // with its firmware
bool is_bare_fx2lafw(const usb::DeviceInfo& device);  // of an id that such devices have before

}  // namespace rig
