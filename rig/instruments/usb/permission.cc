#include "rig/instruments/usb/permission.h"

#include <array>
#include <cstdio>

namespace rig::usb {

std::string udev_rule(const Selector& device) {
  std::array<char, 160> rule{};
  std::snprintf(rule.data(), rule.size(),
                R"(SUBSYSTEM=="usb", ATTR{idVendor}=="%04x", ATTR{idProduct}=="%04x", )"
                R"(MODE="0660", GROUP="plugdev", TAG+="uaccess")",
                unsigned{device.vendor}, unsigned{device.product});
  return rule.data();
}

std::string permission_cure(const Selector& device) {
  return "as root, put the line  " + udev_rule(device) +
         "  into /etc/udev/rules.d/60-soleus-rig.rules, run 'udevadm control --reload' and plug "
         "the device in again";
}

}  // namespace rig::usb
