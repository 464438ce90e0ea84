// The simplest device: what is written to 0x01 can be read from 0x82; 0x86 counts without end.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fixtures/devices/usb_device.h"

namespace rig::fake {

class EchoUsb final : public devices::UsbDevice {
 public:
  explicit EchoUsb(std::string serial = "E1") : serial_(std::move(serial)) {}
  devices::UsbIdentity identity() const override {
    return {.vendor = 0x1209,
            .product = 0x5634,
            .manufacturer = "Soleus",
            .name = "Echo",
            .serial = serial_};
  }
  std::vector<devices::UsbInterface> interfaces() const override {
    return {{.endpoints = {{.address = 0x01}, {.address = 0x82}, {.address = 0x86}}}};
  }
  int control(const devices::UsbSetup& setup, devices::Bytes& data) override {
    if ((setup.type & 0x60) == 0) return devices::standard_control(*this, setup, data);
    if (setup.request != 7) return -EPIPE;
    data = {1, 2, 3, static_cast<std::uint8_t>(setup.value)};
    return 0;
  }
  int out(std::uint8_t /*endpoint*/, std::span<const std::uint8_t> bytes) override {
    held_.insert(held_.end(), bytes.begin(), bytes.end());
    return 0;
  }
  std::ptrdiff_t in(std::uint8_t endpoint, std::span<std::uint8_t> into) override {
    if (endpoint == 0x86) {
      for (std::size_t k = 0; k + 8 <= into.size(); k += 8) {
        std::memcpy(&into[k], &counter_, 8);
        ++counter_;
      }
      return static_cast<std::ptrdiff_t>(into.size());
    }
    if (held_.empty()) return -EAGAIN;
    const std::size_t count = std::min(held_.size(), into.size());
    std::copy_n(held_.begin(), count, into.begin());
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(count));
    return static_cast<std::ptrdiff_t>(count);
  }
  void clear_halt(std::uint8_t /*endpoint*/) override {}
  void reset() override { held_.clear(); }

 private:
  std::string serial_;
  std::deque<std::uint8_t> held_;
  std::uint64_t counter_ = 0;
};

}  // namespace rig::fake
