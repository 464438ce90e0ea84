// What a user without permission has to do, to the letter.
#pragma once

#include <string>

#include "rig/instruments/usb/selector.h"

namespace rig::usb {

// SUBSYSTEM=="usb", ATTR{idVendor}=="1ab1", ...
std::string udev_rule(const Selector& device);

// "as root, put the line  ...  into ..., run ... and plug the device in again".
std::string permission_cure(const Selector& device);

}  // namespace rig::usb
