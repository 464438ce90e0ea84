#include "rig/instruments/usb/reader.h"

#include <algorithm>
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
      if (!bytes) continue;
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

bool Reader::filled(Deadline deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [&] { return !queue_.empty() || ended_ != nullptr; });
}

std::optional<Arrived> Reader::next(Deadline deadline) {
  while (!filled(std::min(deadline, Deadline::clock::now() + kBetweenSigns))) {
    alive();
    // What came while a sign of life took its time came in time.
    if (Deadline::clock::now() >= deadline && !filled(deadline)) return std::nullopt;
  }
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) std::rethrow_exception(ended_);
  Arrived arrived = std::move(queue_.front());
  queue_.pop_front();
  held_ -= arrived.bytes.size();
  return arrived;
}

}  // namespace rig::usb
