// What libusb and sysfs tell about attached devices.
#pragma once

#include <cstddef>
#include <span>

#include "rig/instruments/usb/device.h"

namespace rig::usb {

// Owns libusb's list, and with it a reference to each device.
class DeviceList {
 public:
  explicit DeviceList(libusb_context* context);
  ~DeviceList();
  DeviceList(const DeviceList&) = delete;
  DeviceList& operator=(const DeviceList&) = delete;

  std::span<libusb_device* const> devices() const {
    return {devices_, static_cast<std::size_t>(count_)};
  }

 private:
  libusb_device** devices_ = nullptr;
  std::ptrdiff_t count_ = 0;
};

DeviceInfo describe(libusb_device* device);

}  // namespace rig::usb
