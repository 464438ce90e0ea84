// A USB device that says what a real kernel's usbmon once recorded of one (pcap, link type 220):
// each request of the host has to be the recorded one, byte by byte, and what comes from the device
// comes when as much had been asked as then.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "fixtures/devices/usb_device.h"

namespace rig::fake {

class Recording final : public devices::UsbDevice {
 public:
  // `described` says what the device is, and must outlive it. Throws std::runtime_error for a file
  // that is no such recording.
  Recording(const std::string& file, const devices::UsbDevice& described);

  // "": the host has said all that was recorded and nothing else.
  std::string complaint() const;

  devices::UsbIdentity identity() const override { return described_.identity(); }
  std::vector<devices::UsbInterface> interfaces() const override { return described_.interfaces(); }
  int control(const devices::UsbSetup& setup, devices::Bytes& data) override;
  int out(std::uint8_t endpoint, std::span<const std::uint8_t> bytes) override;
  std::ptrdiff_t in(std::uint8_t endpoint, std::span<std::uint8_t> into) override;
  void clear_halt(std::uint8_t endpoint) override;
  void reset() override {}

 private:
  struct Asked {
    devices::Bytes request;  // setup, then data; without a setup: endpoint, then data
    int status = 0;
    devices::Bytes answer;
  };
  struct Came {
    std::size_t after = 0;  // so much had been asked
    std::size_t room = 0;   // of the transfer
    int status = 0;
    devices::Bytes data;
  };
  struct Packet;
  void note(const Packet& packet);
  const Asked* say(const devices::Bytes& request);

  const devices::UsbDevice& described_;
  std::vector<Asked> asked_;
  std::map<std::uint8_t, std::vector<Came>> came_;
  std::map<std::uint64_t, std::size_t> under_way_;  // request of asked_, or room, by id
  std::size_t said_ = 0;
  std::map<std::uint8_t, std::size_t> given_;
  std::string complaint_;
};

}  // namespace rig::fake
