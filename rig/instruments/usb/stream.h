// A bulk endpoint read without a pause: several transfers are always with the kernel, the oldest
// block is handed out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>

#include "rig/instruments/usb/device.h"
#include "rig/instruments/usb/transfer.h"

namespace rig::usb {

// Some devices say so when they had to drop samples.
class Stalled : public RigError {
 public:
  using RigError::RigError;
};

struct StreamSettings {
  std::uint8_t endpoint = 0;
  std::size_t transfers = 16;           // the kernel takes 16 MiB in all, as a rule
  std::size_t block_bytes = 256 << 10;  // REQUIRES: a multiple of the endpoint's packet
};

class Stream {
 public:
  // Submits all transfers. The device must outlive the stream. Throws RigError.
  Stream(Device& device, const StreamSettings& settings);

  // The next block, shorter than a whole one where the device sent a short packet; valid until the
  // next call. Throws RigError for silence until the deadline, a stall, too much; Unplugged.
  std::span<const std::uint8_t> next(Deadline deadline);

  // The same, but silence is nullopt, and nobody is told that the rig lives: for threads beside the
  // one that is watched over.
  std::optional<std::span<const std::uint8_t>> poll(Deadline deadline);

  // True once all transfers were full at a time: the device may have had nowhere to put its data,
  // so a loss cannot be excluded.
  bool starved() const { return starved_; }

 private:
  Transfer& oldest();
  std::span<const std::uint8_t> taken(Transfer& transfer);

  Device& device_;
  std::deque<std::unique_ptr<Transfer>> transfers_;  // the oldest first
  bool handed_out_ = false;
  bool starved_ = false;
};

}  // namespace rig::usb
