// Follows a sine on one channel, such as the acceleration of a vibrating plate, in constant memory:
// windows of about one second, each fitted once. Pure: the same samples give the same windows,
// whatever the block sizes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rig/core/capture.h"
#include "rig/measure/sine_fit.h"

namespace rig {

enum class SineQuantity : std::uint8_t {
  kFrequency,
  kPeak,
  kPeakToPeak,
  kRms,
  kThd,
  kOffset,
  kDisplacement,
  kHarmonic2,
  kHarmonic3,
  kHarmonic4,
  kHarmonic5,
  kWeighted,
};
constexpr std::size_t kSineQuantities = 12;

// A value of one window: what noise makes of it, and what all windows have alike (gain, clock,
// quantisation).
struct SineValue {
  double value = 0;
  double random_u = 0;
  double common_u = 0;
};

// One window, or several side by side where a capture has more than are kept.
struct SineWindow {
  // Why a window has no value. kNone: it has.
  enum class Bad : std::uint8_t {
    kNone,
    kOnlyNoise,
    kTooFewCycles,
    kUndersampled,
    kClipped,
    kMissing
  };

  struct Pooled {
    std::size_t count = 0;
    double mean = 0;
    double m2 = 0;  // Welford
    double lowest = 0;
    double highest = 0;
    double random_u = 0;  // the largest
    double common_u = 0;
  };

  std::uint64_t first = 0;  // samples [first, end)
  std::uint64_t end = 0;
  std::array<Pooled, kSineQuantities> values;
  Bad bad = Bad::kNone;  // of the first bad one
  std::uint64_t bad_first = 0;
  std::uint64_t bad_end = 0;
  std::size_t bad_count = 0;
};

class SineTrack {
 public:
  // Of channel `channel`. Harmonics up to the tenth, fewer where the samples do not carry them.
  SineTrack(const CaptureInfo& info, std::size_t channel);
  ~SineTrack();
  SineTrack(SineTrack&&) noexcept;

  void take(const CodeBlock& block);
  void finish();  // the samples end

  const std::vector<SineWindow>& windows() const;
  double window_length() const;  // s, nominal
  const Channel& channel() const;

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

// "samples 0 to 65535: no sine, only noise".
std::string in_words(const SineWindow& bad);

}  // namespace rig
