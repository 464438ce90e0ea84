// Where in a capture samples are clipped or missing, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rig {

// Consecutive samples of one segment.
struct Stretch {
  std::uint32_t segment = 0;
  std::uint64_t first = 0;
  std::uint64_t count = 0;  // 0: of missing ones, when nobody knows how many

  bool operator==(const Stretch&) const = default;
};

// The first many stretches, and how many came after them. Stretches at most `near` samples apart
// count as one: noise takes a clipped top off full scale again and again.
class Stretches {
 public:
  static constexpr std::size_t kMost = 32;

  Stretches() = default;
  explicit Stretches(std::uint64_t near) : near_(near) {}

  void add(const Stretch& stretch) {  // REQUIRES: in order
    const bool goes_on = count_ > 0 && near_ > 0 && stretch.segment == last_.segment &&
                         stretch.first <= last_.first + last_.count + near_;
    if (goes_on) {
      last_.count = stretch.first + stretch.count - last_.first;
    } else {
      last_ = stretch;
      ++count_;
    }
    if (count_ > kMost) return;
    if (!goes_on) listed_.emplace_back();
    listed_.back() = last_;
  }

  std::span<const Stretch> listed() const { return listed_; }
  std::uint64_t more() const { return count_ - listed_.size(); }
  bool empty() const { return count_ == 0; }

 private:
  std::uint64_t near_ = 0;
  std::vector<Stretch> listed_;
  Stretch last_;
  std::uint64_t count_ = 0;
};

}  // namespace rig
