// The motion of a mass as one channel shows it, over time: its samples, thinned to what slow motion
// needs and kept in bounded memory. Pure: the same samples give the same points, whatever the block
// sizes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rig/core/capture.h"

namespace rig {

class MotionTrack {
 public:
  // Of channel `channel`. Points are means of samples: 2000 a second or more, fewer in a capture of
  // more than four million of them.
  MotionTrack(const CaptureInfo& info, std::size_t channel);

  void take(const CodeBlock& block);

  const Channel& channel() const { return channel_; }
  const std::vector<float>& points() const { return points_; }  // codes, from the first sample on
  std::size_t averaged() const { return averaged_; }            // samples of a point
  double point_rate() const { return rate_ / static_cast<double>(averaged_); }
  // The middle of a point since sample 0, in s.
  double time_of(double point) const { return (point + 0.5) / point_rate() - 0.5 / rate_; }
  double point_at(double seconds) const { return (seconds + 0.5 / rate_) * point_rate() - 0.5; }

  bool continuous() const { return continuous_; }
  // First and last sample at full scale.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> clipped() const { return clipped_; }

 private:
  template <typename T>
  void feed(const CodeBlock& block);
  void add(double code);

  Channel channel_;
  std::size_t index_;
  double rate_;
  std::size_t averaged_ = 1;
  std::vector<float> points_;
  double sum_ = 0;
  std::size_t summed_ = 0;
  std::uint64_t next_ = 0;
  bool continuous_ = true;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> clipped_;
};

// By channel name.
class MotionTracks {
 public:
  virtual ~MotionTracks() = default;
  virtual const MotionTrack* motion(const std::string& channel) const = 0;  // nullptr: none
};

}  // namespace rig
