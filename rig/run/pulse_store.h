// The pulses of a capture in bounded memory: the first many in RAM, the rest in an unnamed file.
#pragma once

#include <cstdio>
#include <deque>
#include <memory>

#include "rig/measure/catalog.h"

namespace rig {

class PulseStore final : public PulseSource {
 public:
  // Throws RigError when the temporary file cannot be made or written.
  void add(const Pulse& pulse);
  void visit(const std::function<void(const Pulse&)>& each) const override;
  std::size_t size() const { return count_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::deque<Pulse> in_memory_;  // grows without moving
  std::unique_ptr<std::FILE, Closer> spilled_;
  std::size_t count_ = 0;
};

}  // namespace rig
