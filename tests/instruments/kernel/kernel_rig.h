// What the tests on a real kernel's USB stack share: a device that may be about to come back, and
// the script of its faults (redir_server.cc).
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "fixtures/devices/usb_device.h"
#include "rig/core/error.h"
#include "rig/instruments/usb/device.h"

namespace rig::kernel {

using Fault = devices::FaultyUsb::Fault;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLong(5000);

inline std::string error_of(const std::function<void()>& what) {
  try {
    what();
  } catch (const RigError& error) {
    return error.what();
  }
  return "no error";
}

// A model comes back 300 ms after it was unplugged; the kernel and udev then need some time.
template <typename Made>
Made patiently(const std::function<Made()>& make) {
  const Deadline deadline = within(kLong);
  while (true) {
    try {
      return make();
    } catch (const RigError&) {
      if (steady_clock::now() > deadline) throw;
    }
    std::this_thread::sleep_for(milliseconds(20));
  }
}

inline std::unique_ptr<usb::Device> open_device(usb::Context& context,
                                                const usb::Selector& selector) {
  return patiently<std::unique_ptr<usb::Device>>(
      [&] { return std::make_unique<usb::Device>(context, selector, within(kLong)); });
}

// The control pipe needs no claim.
inline void script(usb::Device& device, std::uint8_t request, int fault, std::uint16_t index) {
  device.control({.type = 0x40,
                  .request = request,
                  .value = static_cast<std::uint16_t>(fault),
                  .index = index},
                 {}, within(kLong));
}
inline void heal(usb::Device& device) { script(device, 0x53, 0, 0); }
inline void fail_at(usb::Device& device, Fault fault, std::uint16_t transfer = 0) {
  script(device, 0x53, static_cast<int>(fault) + 1, transfer);
}
inline void fail_after(usb::Device& device, Fault fault, std::uint16_t kibibytes) {
  script(device, 0x54, static_cast<int>(fault) + 1, kibibytes);
}

}  // namespace rig::kernel
