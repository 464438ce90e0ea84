// Gives a Cypress FX2 its firmware: such devices have none until the host loads it into their RAM,
// whereupon they drop off the bus and come back as something else, at the same port
// (facts/instruments.md 3.1.2).
#pragma once

#include <functional>
#include <string>

#include "rig/instruments/usb/device.h"

namespace rig {

struct Fx2Device {
  std::string name;                                            // "Hantek 6022"
  std::function<bool(const usb::DeviceInfo&)> ready;           // runs the firmware
  std::function<bool(const usb::DeviceInfo&)> bare;            // waits for it
  std::function<std::string(const usb::DeviceInfo&)> foreign;  // runs another: why, and the cure
  std::string firmware;  // path; empty: whoever used it before has loaded it
};

// The device, ready: at once, or after its firmware was loaded. Returns a selector that holds its
// port too. Throws InputError for the file, RigError when there is no such device, or several,
// or when it does not come back within 3 s.
usb::Selector ready_fx2(usb::Context& context, const Fx2Device& device, const usb::Selector& asked,
                        Deadline deadline);

}  // namespace rig
