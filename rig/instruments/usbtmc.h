// USBTMC and USB488 instruments over USB.
#pragma once

#include <memory>

#include "rig/instruments/scpi_link.h"
#include "rig/instruments/usb/device.h"

namespace rig {

// Opens the instrument, clears it and asks *IDN?, by which its quirks are chosen. The context must
// outlive the link. Throws RigError.
std::unique_ptr<ScpiLink> open_usbtmc(usb::Context& context, const usb::Selector& selector,
                                      Deadline deadline);

// The number of the interface that speaks USBTMC, if the device has one.
const usb::InterfaceInfo* usbtmc_interface(const usb::DeviceInfo& device);

}  // namespace rig
