// When the output of a served bench was last on, as the bench itself has seen it; shared through a
// file, so that it outlives whoever is killed.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace rig {

class ObservedOutput {
 public:
  explicit ObservedOutput(const std::string& path);  // throws RigError
  ~ObservedOutput();
  ObservedOutput(const ObservedOutput&) = delete;
  ObservedOutput& operator=(const ObservedOutput&) = delete;

  const std::string& path() const { return path_; }
  void seen() { *last_ = std::chrono::steady_clock::now().time_since_epoch().count(); }
  std::chrono::steady_clock::time_point last() const {
    return std::chrono::steady_clock::time_point(std::chrono::steady_clock::duration(*last_));
  }

 private:
  std::string path_;
  std::atomic<std::int64_t>* last_ = nullptr;
};

}  // namespace rig
