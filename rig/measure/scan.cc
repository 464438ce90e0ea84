#include "rig/measure/scan.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

// Highway compiles what follows once for each kind of processor, by including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rig/measure/scan.cc"
#include "hwy/foreach_target.h"  // NOLINT(misc-header-include-cycle)
// Not before foreach_target.h:
#include "hwy/highway.h"
#include "rig/measure/scan_plain.h"

HWY_BEFORE_NAMESPACE();
namespace rig {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

template <typename T>
std::size_t first_outside(const T* codes, std::size_t count, const CodeBand<T>* bands,
                          std::size_t period) {
  return plain_outside<T>({codes, count}, {bands, period});
}
template <typename T>
std::size_t first_inside(const T* codes, std::size_t count, CodeBand<T> band) {
  return plain_inside<T>({codes, count}, band);
}
template <bool kSquares>
Tally<std::int16_t> tally_some(const std::int16_t* codes, std::size_t count) {
  return plain_tally<std::int16_t, kSquares>({codes, count});
}
std::int64_t products_i16(const std::int16_t* a, const std::int16_t* b, std::size_t count) {
  return plain_products({a, count}, {b, count});
}

void count_i16(std::int16_t* bins, const std::int16_t* codes, std::size_t count, std::int16_t low,
               std::uint16_t width) {
  plain_count(bins, codes, count, low, width);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kUnroll = 8;

template <class D, class V = hn::Vec<D>>
auto outside(D /*d*/, V x, V low, V high) {
  if constexpr (hwy::IsFloat<hn::TFromD<D>>()) {
    // Written so that a NaN, which is neither below nor above, is outside.
    return hn::Not(hn::And(hn::Ge(x, low), hn::Le(x, high)));
  } else {
    return hn::Or(hn::Lt(x, low), hn::Gt(x, high));
  }
}

template <typename T>
std::size_t first_outside(const T* HWY_RESTRICT codes, std::size_t count, CodeBand<T> band) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto low = hn::Set(d, band.low);
  const auto high = hn::Set(d, band.high);
  std::size_t k = 0;
  for (; k + kUnroll * lanes <= count; k += kUnroll * lanes) {
    auto any = outside(d, hn::LoadU(d, codes + k), low, high);
    for (std::size_t u = 1; u < kUnroll; ++u) {
      any = hn::Or(any, outside(d, hn::LoadU(d, codes + k + u * lanes), low, high));
    }
    if (!hn::AllFalse(d, any)) break;
  }
  for (; k + lanes <= count; k += lanes) {
    const std::intptr_t lane = hn::FindFirstTrue(d, outside(d, hn::LoadU(d, codes + k), low, high));
    if (lane >= 0) return k + static_cast<std::size_t>(lane);
  }
  for (; k < count; ++k) {
    if (!(codes[k] >= band.low && codes[k] <= band.high)) return k;
  }
  return count;
}

// `period` bands repeat over the elements; vectors see them in the phase of their first element.
template <typename T>
std::size_t first_outside(const T* HWY_RESTRICT codes, std::size_t count, const CodeBand<T>* bands,
                          std::size_t period) {
  if (period == 1) return first_outside<T>(codes, count, bands[0]);
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  constexpr std::size_t kMost = 8;
  HWY_ALIGN T lows[kMost * hn::MaxLanes(hn::ScalableTag<T>())];
  HWY_ALIGN T highs[kMost * hn::MaxLanes(hn::ScalableTag<T>())];
  for (std::size_t k = 0; k < lanes * period; ++k) {
    lows[k] = bands[k % period].low;
    highs[k] = bands[k % period].high;
  }
  std::size_t k = 0;
  const std::size_t stride = lanes * period;
  for (; k + 2 * stride <= count; k += 2 * stride) {
    auto any = hn::FirstN(d, 0);
    for (std::size_t u = 0; u < 2 * period; ++u) {
      const std::size_t at = (u % period) * lanes;
      any = hn::Or(any, outside(d, hn::LoadU(d, codes + k + u * lanes), hn::Load(d, lows + at),
                                hn::Load(d, highs + at)));
    }
    if (!hn::AllFalse(d, any)) break;
  }
  for (; k + lanes <= count; k += lanes) {
    const std::size_t at = (k / lanes % period) * lanes;
    const auto mask =
        outside(d, hn::LoadU(d, codes + k), hn::Load(d, lows + at), hn::Load(d, highs + at));
    const std::intptr_t lane = hn::FindFirstTrue(d, mask);
    if (lane >= 0) return k + static_cast<std::size_t>(lane);
  }
  for (; k < count; ++k) {
    const CodeBand<T>& band = bands[k % period];
    if (!(codes[k] >= band.low && codes[k] <= band.high)) return k;
  }
  return count;
}

template <typename T>
std::size_t first_inside(const T* HWY_RESTRICT codes, std::size_t count, CodeBand<T> band) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto low = hn::Set(d, band.low);
  const auto high = hn::Set(d, band.high);
  std::size_t k = 0;
  for (; k + lanes <= count; k += lanes) {
    const auto x = hn::LoadU(d, codes + k);
    const std::intptr_t lane = hn::FindFirstTrue(d, hn::Not(outside(d, x, low, high)));
    if (lane >= 0) return k + static_cast<std::size_t>(lane);
  }
  for (; k < count; ++k) {
    if (codes[k] >= band.low && codes[k] <= band.high) return k;
  }
  return count;
}

// Sum and sum of squares of 16-bit codes. Squares of a pair fit into 32 bits without a sign.
template <bool kSquares>
Tally<std::int16_t> tally_some(const std::int16_t* HWY_RESTRICT codes, std::size_t count) {
  const hn::ScalableTag<std::int16_t> d16;
  const hn::RepartitionToWide<decltype(d16)> d32;
  const hn::RebindToUnsigned<decltype(d32)> du32;
  const hn::RepartitionToWide<decltype(du32)> du64;
  const hn::RepartitionToWide<decltype(d32)> d64;
  const std::size_t lanes = hn::Lanes(d16);
  constexpr std::size_t kFlush = 8192;  // vectors; 2 * 2 * 32768 * 8192 fits into 32 bits
  Tally<std::int16_t> t{.count = count, .low = codes[0], .high = codes[0]};
  auto low = hn::Set(d16, codes[0]);
  auto high = low;
  const auto ones = hn::Set(d16, std::int16_t{1});
  const auto mask32 = hn::Set(du64, std::uint64_t{0xFFFFFFFF});
  auto squares = hn::Zero(du64);
  auto wide = hn::Zero(d64);
  auto sums = hn::Zero(d32);
  auto sums_odd = hn::Zero(d32);
  const auto add = [&](auto x) HWY_ATTR {
    sums = hn::ReorderWidenMulAccumulate(d32, x, ones, sums, sums_odd);
    if constexpr (!kSquares) return;
    auto square_odd = hn::Zero(d32);
    const auto square = hn::ReorderWidenMulAccumulate(d32, x, x, hn::Zero(d32), square_odd);
    for (const auto& part : {hn::BitCast(du64, square), hn::BitCast(du64, square_odd)}) {
      squares = hn::Add(squares, hn::And(part, mask32));
      squares = hn::Add(squares, hn::ShiftRight<32>(part));
    }
  };
  const auto flush = [&]() HWY_ATTR {
    for (const auto& some : {sums, sums_odd}) {
      // Halves of 64 bits: the sum of all lanes may not fit into 32.
      const auto pairs = hn::BitCast(d64, some);
      wide = hn::Add(wide, hn::ShiftRight<32>(pairs));
      wide = hn::Add(wide, hn::ShiftRight<32>(hn::ShiftLeft<32>(pairs)));
    }
    sums = sums_odd = hn::Zero(d32);
  };
  std::size_t k = 0;
  while (k + lanes <= count) {
    for (std::size_t v = 1; v < kFlush && k + lanes <= count; ++v, k += lanes) {
      const auto x = hn::LoadU(d16, codes + k);
      low = hn::Min(low, x);
      high = hn::Max(high, x);
      add(x);
    }
    if (k + lanes <= count) flush();
  }
  if (k < count && count >= lanes) {  // the last vector, of which some was seen
    const auto x = hn::LoadU(d16, codes + count - lanes);
    low = hn::Min(low, x);
    high = hn::Max(high, x);
    add(hn::IfThenZeroElse(hn::FirstN(d16, lanes - (count - k)), x));
    k = count;
  }
  flush();
  t.sum = hn::GetLane(hn::SumOfLanes(d64, wide));
  if constexpr (kSquares) t.square = hn::GetLane(hn::SumOfLanes(du64, squares));
  t.low = hn::GetLane(hn::MinOfLanes(d16, low));
  t.high = hn::GetLane(hn::MaxOfLanes(d16, high));
  for (; k < count; ++k) {
    const std::int64_t x = codes[k];
    t.sum += x;
    if constexpr (kSquares) t.square += static_cast<std::uint64_t>(x * x);
    t.low = std::min(t.low, codes[k]);
    t.high = std::max(t.high, codes[k]);
  }
  return t;
}

// REQUIRES: not both codes of a row are -32768: a pair of such products overflows.
std::int64_t products_i16(const std::int16_t* HWY_RESTRICT a, const std::int16_t* HWY_RESTRICT b,
                          std::size_t count) {
  const hn::ScalableTag<std::int16_t> d16;
  const hn::RepartitionToWide<decltype(d16)> d32;
  const hn::RepartitionToWide<decltype(d32)> d64;
  const std::size_t lanes = hn::Lanes(d16);
  auto sum = hn::Zero(d64);
  std::size_t k = 0;
  for (; k + lanes <= count; k += lanes) {
    auto odd = hn::Zero(d32);
    const auto even = hn::ReorderWidenMulAccumulate(d32, hn::LoadU(d16, a + k),
                                                    hn::LoadU(d16, b + k), hn::Zero(d32), odd);
    for (const auto& part : {even, odd}) {
      const auto pair = hn::BitCast(d64, part);
      sum = hn::Add(sum, hn::ShiftRight<32>(pair));
      sum = hn::Add(sum, hn::ShiftRight<32>(hn::ShiftLeft<32>(pair)));
    }
  }
  HWY_ALIGN std::int64_t parts[hn::MaxLanes(hn::ScalableTag<std::int64_t>())];
  hn::Store(sum, d64, parts);
  std::int64_t total = 0;
  for (std::size_t j = 0; j < hn::Lanes(d64); ++j) total += parts[j];
  for (; k < count; ++k) total += std::int64_t{a[k]} * b[k];
  return total;
}

// As in plain_count, in 16 bits: exact while code * (m * width - 2^16) < 2^16, hence for narrow
// bins of not too many codes.
void count_i16(std::int16_t* bins, const std::int16_t* codes, std::size_t count, std::int16_t low,
               std::uint16_t width) {
  constexpr std::uint16_t kWidest = 22;
  constexpr std::uint32_t kMostBins = 130;
  static_assert((kMostBins * kWidest - 1) * (kWidest - 1) < 65536);
  const hn::ScalableTag<std::int16_t> d16;
  const hn::RebindToUnsigned<decltype(d16)> du16;
  const std::size_t lanes = hn::Lanes(d16);
  HWY_ALIGN std::uint16_t index[hn::MaxLanes(hn::ScalableTag<std::uint16_t>())];
  const auto lowest = hn::Set(d16, low);
  const auto multiplier = hn::Set(
      du16, static_cast<std::uint16_t>((65536u + width - 1) / std::max<unsigned>(width, 2)));
  std::size_t k = 0;
  for (; width <= kWidest && k + lanes <= count; k += lanes) {
    auto code = hn::BitCast(du16, hn::Sub(hn::LoadU(d16, codes + k), lowest));
    if (width > 1) code = hn::MulHigh(code, multiplier);
    hn::Store(code, du16, index);
    // Four at once: the loop around a single one costs as much as its bin.
    for (std::size_t j = 0; j < lanes; j += 4) {
      ++bins[index[j]];
      ++bins[index[j + 1]];
      ++bins[index[j + 2]];
      ++bins[index[j + 3]];
    }
  }
  plain_count(bins, codes + k, count - k, low, width);
}

#endif  // not HWY_SCALAR

Tally<std::int16_t> tally_i16(const std::int16_t* codes, std::size_t count) {
  return tally_some<true>(codes, count);
}
Tally<std::int16_t> levels_i16(const std::int16_t* codes, std::size_t count) {
  return tally_some<false>(codes, count);
}

#define RIG_SCANS(T, name)                                                                \
  std::size_t outside_##name(const T* codes, std::size_t count, const CodeBand<T>* bands, \
                             std::size_t period) {                                        \
    return first_outside<T>(codes, count, bands, period);                                 \
  }                                                                                       \
  std::size_t inside_##name(const T* codes, std::size_t count, CodeBand<T> band) {        \
    return first_inside<T>(codes, count, band);                                           \
  }
RIG_SCANS(std::uint8_t, u8)
RIG_SCANS(std::int8_t, i8)
RIG_SCANS(std::int16_t, i16)
RIG_SCANS(std::uint16_t, u16)
RIG_SCANS(float, f32)
#undef RIG_SCANS

}  // namespace HWY_NAMESPACE
}  // namespace rig
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rig {
namespace {

bool vectors = true;

#define RIG_EXPORT(T, name)   \
  HWY_EXPORT(outside_##name); \
  HWY_EXPORT(inside_##name);
RIG_EXPORT(u8, u8)
RIG_EXPORT(i8, i8)
RIG_EXPORT(i16, i16)
RIG_EXPORT(u16, u16)
RIG_EXPORT(f32, f32)
#undef RIG_EXPORT
HWY_EXPORT(tally_i16);
HWY_EXPORT(levels_i16);
HWY_EXPORT(products_i16);
HWY_EXPORT(count_i16);

}  // namespace

// NOLINTBEGIN(bugprone-macro-parentheses): a type cannot stand in parentheses
#define RIG_DISPATCH(T, name)                                                              \
  template <>                                                                              \
  std::size_t find_outside(std::span<const T> codes, std::span<const CodeBand<T>> bands) { \
    if (!vectors) return plain_outside<T>(codes, bands);                                   \
    return HWY_DYNAMIC_DISPATCH(outside_##name)(codes.data(), codes.size(), bands.data(),  \
                                                bands.size());                             \
  }                                                                                        \
  template <>                                                                              \
  std::size_t find_outside(std::span<const T> codes, CodeBand<T> band) {                   \
    return find_outside(codes, std::span<const CodeBand<T>>(&band, 1));                    \
  }                                                                                        \
  template <>                                                                              \
  std::size_t find_inside(std::span<const T> codes, CodeBand<T> band) {                    \
    if (!vectors) return plain_inside<T>(codes, band);                                     \
    return HWY_DYNAMIC_DISPATCH(inside_##name)(codes.data(), codes.size(), band);          \
  }
RIG_DISPATCH(std::uint8_t, u8)
RIG_DISPATCH(std::int8_t, i8)
RIG_DISPATCH(std::int16_t, i16)
RIG_DISPATCH(std::uint16_t, u16)
RIG_DISPATCH(float, f32)
#undef RIG_DISPATCH
// NOLINTEND(bugprone-macro-parentheses)

template <>
Tally<std::int16_t> tally(std::span<const std::int16_t> codes) {
  if (!vectors) return plain_tally<std::int16_t, true>(codes);
  return HWY_DYNAMIC_DISPATCH(tally_i16)(codes.data(), codes.size());
}
template <>
Tally<std::int16_t> tally_levels(std::span<const std::int16_t> codes) {
  if (!vectors) return plain_tally<std::int16_t, false>(codes);
  return HWY_DYNAMIC_DISPATCH(levels_i16)(codes.data(), codes.size());
}

// Floating point depends on the order of adding, so there is one order for all processors.
template <>
Tally<float> tally(std::span<const float> codes) {
  return plain_tally<float, true>(codes);
}
template <>
Tally<float> tally_levels(std::span<const float> codes) {
  return plain_tally<float, false>(codes);
}

double sum_of_products(std::span<const std::int16_t> a, std::span<const std::int16_t> b) {
  constexpr std::int16_t kLowest = std::numeric_limits<std::int16_t>::min();
  const bool plain =
      !vectors || a.empty() || (tally_levels(a).low == kLowest && tally_levels(b).low == kLowest);
  if (plain) return static_cast<double>(plain_products(a, b));
  return static_cast<double>(HWY_DYNAMIC_DISPATCH(products_i16)(a.data(), b.data(), a.size()));
}

double sum_of_products(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    sum += static_cast<double>(a[k]) * static_cast<double>(b[k]);
  }
  return sum;
}

void count_into(std::span<std::int16_t> bins, std::span<const std::int16_t> codes, std::int16_t low,
                std::uint16_t width) {
  if (!vectors || bins.size() > 130) {
    plain_count(bins.data(), codes.data(), codes.size(), low, width);
  } else {
    HWY_DYNAMIC_DISPATCH(count_i16)(bins.data(), codes.data(), codes.size(), low, width);
  }
}

bool use_vectors(bool on) { return std::exchange(vectors, on); }

}  // namespace rig
#endif
