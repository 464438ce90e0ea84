#include "rig/instruments/usb/reader.h"

#include <string>
#include <utility>

#include "rig/bench/alive.h"

namespace rig::usb {
namespace {
constexpr std::chrono::milliseconds kTurn(20);
}  // namespace

Reader::Reader(Device& device, const StreamSettings& settings, const Clock& clock,
               std::size_t most_bytes)
    : device_(device), stream_(device, settings), clock_(clock), most_(most_bytes) {
  thread_ = std::thread([this] { run(); });
}

Reader::~Reader() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  thread_.join();
}

void Reader::run() {
  try {
    while (true) {
      {
        const std::lock_guard lock(mutex_);
        if (stops_) return;
      }
      const auto bytes = stream_.poll(within(kTurn));
      if (!bytes) {
        keep_silence();
        continue;
      }
      keep({.bytes = {bytes->begin(), bytes->end()},
            .at = clock_.now(),
            .starved = stream_.starved()});
    }
  } catch (...) {  // handed to whoever reads
    const std::lock_guard lock(mutex_);
    ended_ = std::current_exception();
    changed_.notify_all();
  }
}

void Reader::keep(Arrived arrived) {
  const std::lock_guard lock(mutex_);
  held_ += arrived.bytes.size();
  if (held_ > most_) {
    throw RigError(device_.where() + "stream: the rig fell behind by " +
                   std::to_string(most_ >> 20) + " MiB");
  }
  queue_.push_back(std::move(arrived));
  changed_.notify_all();
}

// A turn in which nothing came, though the event thread asked the kernel.
void Reader::keep_silence() {
  const std::uint64_t rounds = device_.rounds();
  const bool asked = rounds != rounds_;
  rounds_ = rounds;
  device_.look();
  if (!asked) return;
  const std::lock_guard lock(mutex_);
  silent_ += kTurn;
  changed_.notify_all();
}

std::optional<Arrived> Reader::next(std::chrono::milliseconds silence) {
  std::unique_lock lock(mutex_);
  silent_ = {};
  const auto settled = [&] { return !queue_.empty() || ended_ != nullptr || silent_ >= silence; };
  while (!changed_.wait_for(lock, kBetweenSigns, settled)) {
    lock.unlock();
    alive();
    lock.lock();
  }
  if (queue_.empty() && ended_ != nullptr) std::rethrow_exception(ended_);
  if (queue_.empty()) return std::nullopt;
  Arrived arrived = std::move(queue_.front());
  queue_.pop_front();
  held_ -= arrived.bytes.size();
  return arrived;
}

}  // namespace rig::usb
