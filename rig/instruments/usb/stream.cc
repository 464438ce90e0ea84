#include "rig/instruments/usb/stream.h"

#include <algorithm>
#include <utility>

namespace rig::usb {

Stream::Stream(Device& device, const StreamSettings& settings) : device_(device) {
  for (std::size_t k = 0; k < settings.transfers; ++k) {
    transfers_.push_back(
        std::make_unique<Transfer>(device, settings.endpoint, true, settings.block_bytes));
    transfers_.back()->submit("stream");
  }
}

// With the kernel again what was handed out before.
Transfer& Stream::oldest() {
  if (handed_out_) {
    starved_ |= std::ranges::none_of(transfers_, [](const auto& t) { return t->in_flight(); });
    transfers_.front()->submit("stream");
    transfers_.push_back(std::move(transfers_.front()));
    transfers_.pop_front();
    handed_out_ = false;
  }
  return *transfers_.front();
}

std::span<const std::uint8_t> Stream::taken(Transfer& transfer) {
  const Transferred done = device_.judge(transfer, "stream", false);
  if (done.outcome == Outcome::kStalled)
    throw Stalled(device_.where() + "stream: the device stalled");
  if (done.outcome != Outcome::kDone) {
    throw RigError(device_.where() + "stream: the device sent more than it may");
  }
  handed_out_ = true;
  return transfer.data().first(done.bytes);
}

std::span<const std::uint8_t> Stream::next(Deadline deadline) {
  Transfer& transfer = oldest();
  if (!transfer.wait(deadline)) {
    throw RigError(device_.where() + "stream: the device fell silent");
  }
  return taken(transfer);
}

std::optional<std::span<const std::uint8_t>> Stream::poll(Deadline deadline) {
  Transfer& transfer = oldest();
  if (!transfer.completes(deadline)) return std::nullopt;
  return taken(transfer);
}

}  // namespace rig::usb
