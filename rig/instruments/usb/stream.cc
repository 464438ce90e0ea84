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

std::span<const std::uint8_t> Stream::next(Deadline deadline) {
  if (handed_out_) {
    starved_ |= std::ranges::none_of(transfers_, [](const auto& t) { return t->in_flight(); });
    transfers_.front()->submit("stream");
    transfers_.push_back(std::move(transfers_.front()));
    transfers_.pop_front();
    handed_out_ = false;
  }
  Transfer& oldest = *transfers_.front();
  if (!oldest.wait(deadline)) throw RigError(device_.where() + "stream: the device fell silent");
  const Transferred done = device_.judge(oldest, "stream", false);
  if (done.outcome != Outcome::kDone) {
    throw RigError(device_.where() + "stream: " +
                   (done.outcome == Outcome::kStalled ? "the device stalled"
                                                      : "the device sent more than it may"));
  }
  handed_out_ = true;
  return oldest.data().first(done.bytes);
}

}  // namespace rig::usb
