// The loops of scan.h in plain C++: for processors without vectors, and for the tests to compare
// with. Internal to measure/.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "rig/measure/scan.h"

namespace rig {

template <typename T>
bool quiet(T code, CodeBand<T> band) {
  return code >= band.low && code <= band.high;
}

template <typename T>
std::size_t plain_outside(std::span<const T> codes, std::span<const CodeBand<T>> bands) {
  std::size_t k = 0;
  while (k < codes.size() && quiet(codes[k], bands[k % bands.size()])) ++k;
  return k;
}

template <typename T>
std::size_t plain_inside(std::span<const T> codes, CodeBand<T> band) {
  std::size_t k = 0;
  while (k < codes.size() && !quiet(codes[k], band)) ++k;
  return k;
}

template <typename T, bool kSquares>
Tally<T> plain_tally(std::span<const T> codes) {
  using Sum = typename Tally<T>::Sum;
  Tally<T> t{.count = codes.size(), .low = codes[0], .high = codes[0]};
  for (const T code : codes) {
    const auto x = static_cast<Sum>(code);
    t.sum += x;
    if constexpr (kSquares) t.square += static_cast<decltype(t.square)>(x * x);
    t.low = std::min(t.low, code);
    t.high = std::max(t.high, code);
  }
  return t;
}

// The quotient of integers below 2^16 by multiplication: with m = ceil(2^32 / width) it is exact,
// for code * (m * width - 2^32) < 2^32.
inline void plain_count(std::int16_t* bins, const std::int16_t* codes, std::size_t count,
                        std::int16_t low, std::uint16_t width) {
  const std::uint64_t multiplier = ((std::uint64_t{1} << 32) + width - 1) / width;
  for (std::size_t k = 0; k < count; ++k) {
    ++bins[static_cast<std::uint64_t>(codes[k] - low) * multiplier >> 32];
  }
}

inline std::int64_t plain_products(std::span<const std::int16_t> a,
                                   std::span<const std::int16_t> b) {
  std::int64_t sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += std::int64_t{a[k]} * b[k];
  return sum;
}

}  // namespace rig
