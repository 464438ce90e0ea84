#include "rig/measure/motion.h"

#include <algorithm>
#include <cmath>

namespace rig {
namespace {

constexpr double kFewestPerSecond = 2000;
constexpr std::size_t kMostPoints = std::size_t{1} << 22U;

}  // namespace

MotionTrack::MotionTrack(const CaptureInfo& info, std::size_t channel)
    : channel_(info.channels[channel]), index_(channel), rate_(info.rate.hertz()) {
  averaged_ = std::max<std::size_t>(1, static_cast<std::size_t>(rate_ / kFewestPerSecond));
}

void MotionTrack::take(const CodeBlock& block) {
  if (block.size == 0) return;
  if (block.segment != 0 || block.lost_before || block.first_sample != next_) continuous_ = false;
  switch (block.type) {
    case CodeType::kU8: return feed<std::uint8_t>(block);
    case CodeType::kI8: return feed<std::int8_t>(block);
    case CodeType::kI16: return feed<std::int16_t>(block);
    case CodeType::kU16: return feed<std::uint16_t>(block);
    case CodeType::kF32: return feed<float>(block);
  }
}

template <typename T>
void MotionTrack::feed(const CodeBlock& block) {
  const auto* codes = static_cast<const T*>(block.first_code.at(index_));
  for (std::size_t row = 0; row < block.size; ++row) {
    const auto code = static_cast<double>(codes[row * block.stride]);
    if (code <= channel_.clip_low || code >= channel_.clip_high) {
      if (!clipped_) clipped_.emplace(next_, next_);
      clipped_->second = next_;
    }
    ++next_;
    add(code);
  }
}

void MotionTrack::add(double code) {
  sum_ += code;
  if (++summed_ < averaged_) return;
  points_.push_back(static_cast<float>(sum_ / static_cast<double>(averaged_)));
  sum_ = 0;
  summed_ = 0;
  if (points_.size() < kMostPoints) return;
  for (std::size_t k = 0; k < kMostPoints / 2; ++k) {
    points_[k] = 0.5F * (points_[2 * k] + points_[2 * k + 1]);
  }
  points_.resize(kMostPoints / 2);
  averaged_ *= 2;
}

}  // namespace rig
