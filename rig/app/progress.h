// What the user sees while a run goes on: one moving line on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "rig/core/verdict.h"

namespace rig {

class Progress {
 public:
  Progress(std::FILE* out, bool terminal, std::size_t total)
      : out_(out), terminal_(terminal), total_(total), begun_(std::chrono::steady_clock::now()) {}

  void begin() { redraw(); }
  // Verdicts other than PASS stay on the screen.
  void add(const std::string& id, Verdict verdict, const std::string& reason);
  void end();

 private:
  void redraw();

  std::FILE* out_;
  bool terminal_;
  std::size_t total_;
  std::size_t done_ = 0;
  std::size_t not_passed_ = 0;
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace rig
