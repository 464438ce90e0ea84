// A Hantek 6022BE or BL with the firmware of Ho-Ro's OpenHantek6022 as the digitizer of a bench:
// 8 bits, two inputs, up to 15 MS/s of both. Its firmware is the user's file, loaded when the
// device waits for it.
//
// It drops blocks of 512 bytes without a word when the host is late. So a capture counts as proven
// only with a known clock on one input: arm() locks to it, collect() finds each loss by the clock's
// step. Without the clock, or where a loss would not show, the integrity is not proven.
#pragma once

#include <memory>

#include "rig/bench/bench.h"
#include "rig/bench/settings.h"
#include "rig/instruments/usb/device.h"

namespace rig {

// Context and clock must outlive it. Opens and, if needed, loads the device at once. Throws
// InputError for the firmware's file, RigError when the device cannot be opened.
std::unique_ptr<Digitizer> open_hantek6022(usb::Context& context, Clock& clock,
                                           const UsbSampler& settings, const ScopeSettings& scope);

// Whether `rig scan` has one in front of it, and what ails it.
bool is_hantek6022(const usb::DeviceInfo& device);
std::string hantek6022_trouble(const usb::DeviceInfo& device);  // empty: none

}  // namespace rig
