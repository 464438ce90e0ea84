// The digitizers on USB that stream, each by its kind.
#pragma once

#include <memory>
#include <string>

#include "rig/bench/bench.h"
#include "rig/bench/settings.h"
#include "rig/instruments/usb/device.h"

namespace rig {

// Context and clock must outlive it. Throws InputError for a firmware file or an address, RigError
// when the device cannot be opened.
std::unique_ptr<Digitizer> open_sampler(usb::Context& context, Clock& clock,
                                        const UsbSampler& settings, const ScopeSettings& scope);

// The channel as the bench knows it before anything is armed, at its own range or the widest.
Channel channel_of(const UsbSampler& settings, const ScopeChannel& channel);

// What such a device is, for `rig scan`: "Hantek 6022"; empty: none of them.
std::string sampler_name(const usb::DeviceInfo& device);
std::string sampler_trouble(const usb::DeviceInfo& device);  // empty: none

}  // namespace rig
