// The rows of a block of samples, and the channels in it that pulses are looked for in. Internal to
// measure/.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "rig/core/capture.h"
#include "rig/measure/scan.h"

namespace rig {

constexpr std::size_t kTogether = 8192;  // rows scanned in one channel before the next
constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

// What a region keeps of a code. 16 bits without a sign are moved to lie around zero.
template <typename T>
using Kept = std::conditional_t<std::is_same_v<T, float>, float, std::int16_t>;
template <typename T>
constexpr double kMoved = std::is_same_v<T, std::uint16_t> ? 32768.0 : 0.0;

template <typename T>
Kept<T> kept(T code) {
  if constexpr (std::is_same_v<T, std::uint16_t>) {
    return static_cast<std::int16_t>(static_cast<int>(code) - 32768);
  } else {
    return static_cast<Kept<T>>(code);
  }
}

template <typename Code>
double mean_of(std::span<const Code> codes) {
  return static_cast<double>(tally(codes).sum) / static_cast<double>(codes.size());
}

// Of integers from their exact sums. REQUIRES: at most 2^16 codes.
inline double deviation_of(std::span<const std::int16_t> codes, double /*mean*/) {
  const Tally<std::int16_t> t = tally(codes);
  const std::uint64_t n = t.count;
  if (n < 2) return 0;
  const std::uint64_t spread = n * t.square - static_cast<std::uint64_t>(t.sum * t.sum);
  return std::sqrt(static_cast<double>(spread) / static_cast<double>(n * (n - 1)));
}

inline double deviation_of(std::span<const float> codes, double mean) {
  double sum = 0;
  for (const float code : codes) {
    const double x = static_cast<double>(code) - mean;
    sum += x * x;
  }
  return codes.size() > 1 ? std::sqrt(sum / static_cast<double>(codes.size() - 1)) : 0;
}

inline std::size_t index_of(const CaptureInfo& info, std::string_view name) {
  for (std::size_t i = 0; i < info.channels.size(); ++i) {
    if (info.channels[i].name == name) return i;
  }
  return kNowhere;
}

template <typename T>
T clamped_to(double code) {
  constexpr auto kLowest = static_cast<double>(std::numeric_limits<T>::lowest());
  constexpr auto kHighest = static_cast<double>(std::numeric_limits<T>::max());
  return static_cast<T>(std::clamp(code, kLowest, kHighest));
}

// A channel that pulses are looked for in.
template <typename T>
struct Watched {
  std::size_t index = kNowhere;
  CodeBand<T> quiet;     // never empty, never the whole scale
  CodeBand<T> in_scale;  // outside: clipped
  Channel kept;          // as the region's codes have it
  std::vector<Kept<T>>
      history;  // quiet samples: for the baseline, and for edges below the threshold
  std::vector<Kept<T>> region;  // of the open region, with `lead` of history in front

  bool present() const { return index != kNowhere; }
};

template <typename T>
Watched<T> watch(const CaptureInfo& info, std::string_view name, double zero_value,
                 double threshold) {
  Watched<T> w{.index = index_of(info, name)};
  if (!w.present()) return w;
  const Channel& c = info.channels[w.index];
  const double zero = (zero_value - c.offset) / c.scale;
  const double half = std::fabs(threshold / c.scale);
  // A code at full scale may stand for anything beyond it, so it is never quiet.
  w.in_scale = {clamped_to<T>(c.clip_low + 1.0), clamped_to<T>(c.clip_high - 1.0)};
  const auto within = [&w](double code) {
    return std::clamp(clamped_to<T>(code), w.in_scale.low, w.in_scale.high);
  };
  if constexpr (std::is_same_v<T, float>) {
    w.quiet = {within(zero - half), within(zero + half)};
  } else {
    w.quiet = {within(std::ceil(zero - half)), within(std::floor(zero + half))};
  }
  // Zero lies between two codes, and the threshold is smaller than a code.
  if (w.quiet.low > w.quiet.high) std::swap(w.quiet.low, w.quiet.high);
  w.kept = c;
  w.kept.offset = c.offset + c.scale * kMoved<T>;
  w.kept.clip_low -= static_cast<std::int32_t>(kMoved<T>);
  w.kept.clip_high -= static_cast<std::int32_t>(kMoved<T>);
  return w;
}

// The rows of a block, whatever their layout.
template <typename T>
class Rows {
 public:
  explicit Rows(const CodeBlock& block) : block_(block) {}

  std::size_t size() const { return block_.size; }
  const T& at(std::size_t channel, std::size_t row) const {
    return base(channel)[row * block_.stride];
  }
  bool outside(const Watched<T>& w, std::size_t row) const {
    const T code = at(w.index, row);
    return !(code >= w.quiet.low && code <= w.quiet.high);
  }

  // First row in [from, to) where one of the channels is outside its band, or `to`.
  std::size_t first_active(std::span<const Watched<T>* const> channels, std::size_t from,
                           std::size_t to) const {
    if (block_.stride > 1) return first_active_interleaved(channels, from, to);
    std::size_t row = from;
    while (row < to) {
      const std::size_t stop = std::min(to, row + kTogether);
      std::size_t earliest = stop;
      for (const Watched<T>* w : channels) {
        earliest = row + find_outside(planar(w->index, row, earliest), w->quiet);
      }
      if (earliest < stop) return earliest;
      row = stop;
    }
    return to;
  }

  // First row in [from, to) where all of the channels are inside their bands, or `to`.
  std::size_t first_quiet(std::span<const Watched<T>* const> channels, std::size_t from,
                          std::size_t to) const {
    std::size_t row = from;
    while (row < to) {
      const std::size_t before = row;
      for (const Watched<T>* w : channels) row = first_inside(*w, row, to);
      if (row == before) return row;  // all agree
    }
    return to;
  }

  std::uint64_t count_outside(std::size_t channel, CodeBand<T> band, std::size_t from,
                              std::size_t to) const {
    std::size_t row = from;
    if (block_.stride == 1) row += find_outside(planar(channel, from, to), band);
    std::uint64_t count = 0;
    for (; row < to; ++row) {
      const T code = at(channel, row);
      count += code >= band.low && code <= band.high ? 0 : 1;
    }
    return count;
  }

  void list_outside(std::size_t channel, CodeBand<T> band, std::size_t from, std::size_t to,
                    Stretches& list) const {
    for (std::size_t row = from; row < to; ++row) {
      if (const T code = at(channel, row); code >= band.low && code <= band.high) continue;
      list.add({block_.segment, block_.first_sample + row, 1});
    }
  }

  void copy(std::size_t channel, std::size_t from, std::size_t to,
            std::vector<Kept<T>>& into) const {
    const T* in = base(channel) + from * block_.stride;
    if constexpr (std::is_same_v<T, Kept<T>>) {
      if (block_.stride == 1) {
        into.insert(into.end(), in, in + (to - from));
        return;
      }
    }
    const std::size_t size = into.size();
    into.resize(size + (to - from));
    Kept<T>* out = into.data() + size;
    if (block_.stride == 1) {
      for (std::size_t k = 0; k < to - from; ++k) out[k] = kept(in[k]);
      return;
    }
    for (std::size_t k = 0; k < to - from; ++k) out[k] = kept(in[k * block_.stride]);
  }

 private:
  const T* base(std::size_t channel) const {
    return static_cast<const T*>(block_.first_code[channel]);
  }
  std::span<const T> planar(std::size_t channel, std::size_t from, std::size_t to) const {
    return {base(channel) + from, to - from};
  }
  std::size_t first_inside(const Watched<T>& w, std::size_t from, std::size_t to) const {
    if (block_.stride == 1) return from + find_inside(planar(w.index, from, to), w.quiet);
    while (from < to && outside(w, from)) ++from;
    return from;
  }
  std::size_t first_active_interleaved(std::span<const Watched<T>* const> channels,
                                       std::size_t from, std::size_t to) const {
    std::array<CodeBand<T>, CodeBlock::kMostChannels> bands;
    bands.fill({std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max()});
    for (const Watched<T>* w : channels) bands[w->index] = w->quiet;
    const std::span<const T> all(base(0) + from * block_.stride, (to - from) * block_.stride);
    const std::size_t found =
        find_outside(all, std::span<const CodeBand<T>>(bands).first(block_.stride));
    return from + found / block_.stride;
  }

  const CodeBlock& block_;
};

}  // namespace rig
