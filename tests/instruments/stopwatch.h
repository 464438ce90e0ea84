// How long something takes, whatever the load of the machine: the wall clock's time, but of each
// step of a thread that only sleeps no more than it takes where the processor is free. What a step
// takes longer, the threads beside it were kept from running too.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace rig::fake {

class Stopwatch {
 public:
  Stopwatch() : thread_([this](const std::stop_token& stop) { run(stop); }) {}
  std::chrono::nanoseconds ran() const { return ran_; }

 private:
  static constexpr std::chrono::microseconds kSleep{100};
  static constexpr std::chrono::microseconds kMostOfAStep{400};

  void run(const std::stop_token& stop) {
    for (auto before = std::chrono::steady_clock::now(); !stop.stop_requested();) {
      std::this_thread::sleep_for(kSleep);
      const auto now = std::chrono::steady_clock::now();
      ran_ = ran_.load() + std::min<std::chrono::nanoseconds>(now - before, kMostOfAStep);
      before = now;
    }
  }

  std::atomic<std::chrono::nanoseconds> ran_{};
  std::jthread thread_;
};

}  // namespace rig::fake
