// The two bulk pipes of a USBTMC interface and its control requests: single transfers, and the
// sequences that bring a confused interface back (USBTMC 1.0, 4.2.1; USB488 1.0, 4.3).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "rig/instruments/usb/device.h"
#include "rig/instruments/usbtmc_reader.h"

namespace rig::usbtmc {

struct Capabilities {
  bool remote_local = false;  // RL1
};

class Pipe final : public InPipe {
 public:
  // The device must outlive the pipe. Throws RigError when an endpoint is missing.
  Pipe(usb::Device& device, const usb::InterfaceInfo& interface);

  std::size_t packet() const override { return in_.packet; }

  // Each throws Trouble, or what the device throws.
  void send(std::string_view message, Deadline deadline);
  std::uint8_t request(std::size_t most, Deadline deadline) override;
  std::size_t read(std::span<std::uint8_t> into, Deadline deadline) override;

  // Many instruments stall here or answer nonsense: then they can do nothing special.
  Capabilities capabilities();
  void set_remote(bool on);

  // The rungs of the ladder. False: the next one has to be tried.
  bool abort_in() override;
  bool abort_out();
  bool clear();

 private:
  std::optional<std::uint8_t> ask(const usb::ControlRequest& request,
                                  std::span<std::uint8_t> answer);  // its status byte
  void drain();

  usb::Device& device_;
  std::uint8_t number_;
  usb::Endpoint in_;
  usb::Endpoint out_;
  std::uint8_t tag_ = 0;    // of the last bulk-OUT header
  std::uint8_t asked_ = 0;  // of the last request
};

}  // namespace rig::usbtmc
