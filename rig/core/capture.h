// Captured samples as they leave a digitizer: raw integer codes, and what turns them into
// quantities. Samples flow in blocks; nothing here holds a whole capture.
//
//   value  = offset + scale * code          in the channel's unit
//   time   = armed_at + index / rate        index counts sample clocks since arming
//
// A continuous capture is one segment. A segmented one is a window of samples per trigger; the
// sample clock runs on between them, so indices stay comparable over the whole capture.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rig/core/units.h"

namespace rig {

__extension__ typedef unsigned __int128 Wide;

struct SampleRate {
  std::uint64_t samples = 1;  // so many samples ...
  std::uint64_t seconds = 1;  // ... in so many seconds: a rational rate, exact for any length

  constexpr double hertz() const {
    return static_cast<double>(samples) / static_cast<double>(seconds);
  }
  // Time of sample `index` after sample 0, rounded down to the picosecond, exact for any index.
  constexpr Picos time_of(std::uint64_t index) const {
    const auto t = static_cast<Wide>(index) * seconds * 1'000'000'000'000u / samples;
    return Picos(static_cast<std::int64_t>(t));
  }
  bool operator==(const SampleRate&) const = default;
};

struct Channel {
  std::string name;   // "current"
  std::string unit;   // "A", "V", "logic"
  int bits = 12;      // codes lie in [clip_low, clip_high]; at either end they are clipped
  double scale = 1;   // unit per code
  double offset = 0;  // unit
  std::int32_t clip_low = -2048;
  std::int32_t clip_high = 2047;
  double bandwidth_hz = 0;  // -3 dB, one pole; 0: not limited
  double gain_u = 0;        // standard uncertainty of scale, relative
  double offset_u = 0;      // standard uncertainty of offset, in the unit
  double resolution = 0;    // in the unit: least difference of two values; 0: one code's
  double value_of(double code) const { return offset + scale * code; }
  double step() const { return resolution > 0 ? resolution : scale < 0 ? -scale : scale; }
};

// What the digitizer really did: its settings as read back, not as asked.
struct CaptureInfo {
  std::string name;
  std::vector<Channel> channels;
  SampleRate rate;
  double rate_u = 0;              // standard uncertainty of the sample rate, relative
  Picos armed_at{};               // bench clock at sample 0
  double alignment_u = 0;         // standard uncertainty of armed_at, seconds
  double skew = 0;                // s, at most, between the samples of two channels in one row
  Picos pre_trigger{};            // segmented only
  Picos segment_length{};         // segmented only; 0: continuous
  bool integrity_proven = false;  // until the digitizer proves that nothing is lost and that this
                                  // is the acquisition that was armed; nothing may pass before
};

struct Block {
  std::uint64_t first_sample = 0;
  std::uint32_t segment = 0;
  bool lost_before = false;  // samples are missing between the block before and this one
  std::vector<std::span<const std::int16_t>> codes;  // one span per channel, equally long

  std::size_t size() const { return codes.empty() ? 0 : codes.front().size(); }
};

// How one sample stands in memory, in the machine's own byte order.
enum class CodeType : std::uint8_t { kU8, kI8, kI16, kU16, kF32 };

constexpr std::size_t size_of(CodeType type) {
  constexpr std::array<std::size_t, 5> kSizes{1, 1, 2, 2, 4};
  return kSizes[static_cast<std::size_t>(type)];
}

// Consecutive samples in whatever layout they came: planar (stride 1) or interleaved (stride =
// number of channels). Borrows the memory; every element is aligned for its type.
struct CodeBlock {
  static constexpr std::size_t kMostChannels = 8;

  std::uint64_t first_sample = 0;
  std::uint32_t segment = 0;
  bool lost_before = false;
  CodeType type = CodeType::kI16;
  std::size_t channels = 0;
  std::size_t size = 0;                                 // samples per channel
  std::size_t stride = 1;                               // elements from one sample to the next
  std::array<const void*, kMostChannels> first_code{};  // of each channel
};

// The same samples, borrowed.
inline CodeBlock code_block(const Block& block) {
  CodeBlock codes{.first_sample = block.first_sample,
                  .segment = block.segment,
                  .lost_before = block.lost_before,
                  .channels = block.codes.size(),
                  .size = block.size()};
  for (std::size_t c = 0; c < block.codes.size(); ++c) {
    codes.first_code.at(c) = block.codes[c].data();
  }
  return codes;
}

class CodeSink {
 public:
  virtual ~CodeSink() = default;
  virtual void take(const CodeBlock& block) = 0;  // borrows the block for the call
};

class BlockSink {
 public:
  virtual ~BlockSink() = default;
  virtual void take(const Block& block) = 0;  // borrows the block for the call
};

}  // namespace rig
