// The loops over samples: where codes leave a band, where they come back, what they add up to. Each
// in plain C++ and in vectors chosen at run time for the processor (Google Highway); both give the
// same bits, and a test compares them. Internal to measure/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rig {

// Codes inside [low, high] are quiet. A NaN is never quiet.
template <typename T>
struct CodeBand {
  T low{};
  T high{};
};

// Row of the first code outside the band, or the number of codes.
// T: std::uint8_t, std::int8_t, std::int16_t, std::uint16_t, float.
template <typename T>
std::size_t find_outside(std::span<const T> codes, CodeBand<T> band);

// Row of the first code inside the band, or the number of codes.
template <typename T>
std::size_t find_inside(std::span<const T> codes, CodeBand<T> band);

// Interleaved samples: element k belongs to band k % bands.size(). Element of the first code
// outside its band. REQUIRES: at most 8 bands.
template <typename T>
std::size_t find_outside(std::span<const T> codes, std::span<const CodeBand<T>> bands);

// Sums over codes. Exact for integers: no order of adding changes them.
template <typename T>
struct Tally {
  using Sum = std::int64_t;
  std::size_t count = 0;
  Sum sum = 0;
  std::uint64_t square = 0;
  T low{};
  T high{};
};
template <>
struct Tally<float> {
  using Sum = double;
  std::size_t count = 0;
  double sum = 0;
  double square = 0;
  float low = 0;
  float high = 0;
};

// T: std::int16_t, float. REQUIRES: codes is not empty.
template <typename T>
Tally<T> tally(std::span<const T> codes);
// Likewise but for the squares, which stay 0: a third of the work.
template <typename T>
Tally<T> tally_levels(std::span<const T> codes);

// Sum of a[k] * b[k]. REQUIRES: equally long.
double sum_of_products(std::span<const std::int16_t> a, std::span<const std::int16_t> b);
double sum_of_products(std::span<const float> a, std::span<const float> b);

// Histogram: counts every code into bin (code - low) / width. REQUIRES: width > 0, no code below
// low, a bin for each.
void count_into(std::span<std::int16_t> bins, std::span<const std::int16_t> codes, std::int16_t low,
                std::uint16_t width);

// Tests and benchmarks only: false takes the plain loops. Returns what it was.
bool use_vectors(bool on);

}  // namespace rig
