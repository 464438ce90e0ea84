// A stream read by a thread of its own into a bounded queue, so that whoever uses the samples may
// be busy elsewhere for seconds and nothing is lost.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "rig/bench/bench.h"
#include "rig/instruments/usb/stream.h"

namespace rig::usb {

struct Arrived {
  std::vector<std::uint8_t> bytes;
  Picos at{};            // bench clock when its last byte was there, or a little later
  bool starved = false;  // the kernel had no free transfer before: see Stream::starved
};

class Reader {
 public:
  // Submits all transfers; device and clock must outlive it, and the clock is asked from the
  // thread. Holds at most so many bytes; beyond that the stream ends with an error.
  Reader(Device& device, const StreamSettings& settings, const Clock& clock,
         std::size_t most_bytes = 64 << 20);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // The next block; nullopt: the device had nothing for so long. While a busy computer keeps this
  // program from looking, that time does not count. Throws what ended the stream, once all that
  // came before it is handed out: Unplugged, Stalled, RigError.
  std::optional<Arrived> next(std::chrono::milliseconds silence);

 private:
  void run();
  void keep(Arrived arrived);
  void keep_silence();

  Device& device_;
  Stream stream_;
  const Clock& clock_;
  std::size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Arrived> queue_;  // under mutex_, as are the next four
  std::size_t held_ = 0;       // bytes
  std::chrono::milliseconds silent_{};
  std::exception_ptr ended_;
  bool stops_ = false;
  std::uint64_t rounds_ = 0;
  std::thread thread_;
};

}  // namespace rig::usb
