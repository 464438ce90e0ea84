// One transfer with its buffer, in flight or not. Destroying it cancels it and waits until libusb
// has given it back; a transfer that never comes back is leaked on purpose, for the kernel may
// still write into its buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rig/instruments/usb/device.h"

namespace rig::usb {

class Transfer {
 public:
  // The device must outlive the transfer. Size in bytes.
  Transfer(Device& device, std::uint8_t endpoint, bool bulk, std::size_t size);
  static std::unique_ptr<Transfer> control(Device& device, const ControlRequest& request,
                                           std::span<const std::uint8_t> data);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // REQUIRES: not in flight.
  void submit(const char* operation);
  bool wait(Deadline deadline);       // false: still in flight
  bool completes(Deadline deadline);  // the same, without signs of life
  void cancel();                      // it completes soon after, on the event thread
  bool cancel_and_wait();             // false: not given back
  bool in_flight();

  // After completion.
  int status() const;  // a libusb_transfer_status
  std::span<std::uint8_t> data();
  std::size_t received() const;

 private:
  friend class Device;
  struct State;
  static void complete(libusb_transfer* transfer);

  Device& device_;
  std::unique_ptr<State> state_;
};

}  // namespace rig::usb
