// Every vector kind that this processor has, and the plain loops, against loops written here.
#include "rig/measure/scan.h"

#include <gtest/gtest.h>

#include <hwy/targets.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace rig {
namespace {

// Runs `check` once for each vector kind of this processor, and once with the plain loops.
template <typename Check>
void on_every_target(const Check& check) {
  const auto supported = hwy::SupportedTargets();
  for (auto left = supported; left != 0; left &= left - 1) {
    hwy::SetSupportedTargetsForTest(left & (~left + 1));
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    check();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  use_vectors(false);
  check();
  use_vectors(true);
}

template <typename T>
class Scan : public ::testing::Test {
 protected:
  // Mostly in the middle of the scale, some anywhere.
  std::vector<T> draw(std::size_t count) {
    std::vector<T> codes(count);
    for (T& code : codes) {
      const double spread = random_() % 40 == 0 ? 0.5 : 0.02;
      const double x = middle() + spread * scale() * (uniform_(random_) - 0.5);
      code = static_cast<T>(x);
    }
    return codes;
  }
  CodeBand<T> band() const {
    return {static_cast<T>(middle() - 0.011 * scale()), static_cast<T>(middle() + 0.011 * scale())};
  }
  static double scale() { return std::is_same_v<T, float> ? 200.0 : std::pow(2.0, 8 * sizeof(T)); }
  static double middle() { return std::is_unsigned_v<T> ? scale() / 2 : 0; }

  std::mt19937_64 random_{7};
  std::uniform_real_distribution<double> uniform_{0, 1};
};

using CodeTypes = ::testing::Types<std::uint8_t, std::int8_t, std::int16_t, std::uint16_t, float>;
TYPED_TEST_SUITE(Scan, CodeTypes);

TYPED_TEST(Scan, FindsTheFirstCodeOutsideAndInside) {
  const std::vector<TypeParam> codes = this->draw(3000);
  const CodeBand<TypeParam> band = this->band();
  const auto quiet = [&band](TypeParam c) { return c >= band.low && c <= band.high; };
  on_every_target([&] {
    for (std::size_t from = 0; from < codes.size(); from += 1 + from % 7) {
      for (const std::size_t length :
           {codes.size() - from, std::min(codes.size() - from, from % 97)}) {
        const auto part = std::span<const TypeParam>(codes).subspan(from, length);
        const auto out = std::ranges::find_if_not(part, quiet) - part.begin();
        ASSERT_EQ(find_outside(part, band), static_cast<std::size_t>(out)) << from;
        const auto in = std::ranges::find_if(part, quiet) - part.begin();
        ASSERT_EQ(find_inside(part, band), static_cast<std::size_t>(in)) << from;
      }
    }
  });
}

TYPED_TEST(Scan, KeepsInterleavedChannelsApart) {
  for (std::size_t channels = 1; channels <= 8; ++channels) {
    const std::vector<TypeParam> codes = this->draw(1500);
    std::vector<CodeBand<TypeParam>> bands(channels, this->band());
    bands.back() = {std::numeric_limits<TypeParam>::lowest(),
                    std::numeric_limits<TypeParam>::max()};
    on_every_target([&] {
      for (std::size_t from = 0; from + channels < codes.size();
           from += channels * (1 + from % 5)) {
        std::size_t k = from;
        while (k < codes.size()) {
          const auto& band = bands[(k - from) % channels];
          if (!(codes[k] >= band.low && codes[k] <= band.high)) break;
          ++k;
        }
        const auto part = std::span<const TypeParam>(codes).subspan(from);
        ASSERT_EQ(find_outside(part, std::span<const CodeBand<TypeParam>>(bands)), k - from);
      }
    });
  }
}

TEST(ScanOfFloats, TakesNothingThatIsNotANumberForQuiet) {
  std::vector<float> codes(100, 0.0F);
  codes[61] = std::numeric_limits<float>::quiet_NaN();
  on_every_target([&] {
    EXPECT_EQ(find_outside(std::span<const float>(codes), CodeBand<float>{-1, 1}), 61u);
  });
}

TEST(TallyOfCodes, IsExactWhateverTheCodes) {
  std::mt19937_64 random(3);
  for (const std::size_t count : {1u, 7u, 64u, 1000u, 300'000u}) {
    std::vector<std::int16_t> codes(count);
    for (auto& code : codes) code = static_cast<std::int16_t>(random());
    if (count > 100) std::fill_n(codes.begin(), count / 2, std::int16_t{-32768});
    std::int64_t sum = 0;
    std::uint64_t square = 0;
    for (const std::int64_t c : codes) {
      sum += c;
      square += static_cast<std::uint64_t>(c * c);
    }
    const auto [low, high] = std::ranges::minmax(codes);
    on_every_target([&] {
      const Tally<std::int16_t> t = tally(std::span<const std::int16_t>(codes));
      EXPECT_EQ(t.count, count);
      EXPECT_EQ(t.sum, sum);
      EXPECT_EQ(t.square, square);
      EXPECT_EQ(t.low, low);
      EXPECT_EQ(t.high, high);
      const Tally<std::int16_t> levels = tally_levels(std::span<const std::int16_t>(codes));
      EXPECT_EQ(levels.count, count);
      EXPECT_EQ(levels.sum, sum);
      EXPECT_EQ(levels.low, low);
      EXPECT_EQ(levels.high, high);
    });
  }
}

TEST(SumOfProducts, IsExactWhateverTheCodes) {
  std::mt19937_64 random(4);
  for (const std::size_t count : {0u, 1u, 9u, 1000u, 100'000u}) {
    for (const bool lowest : {false, true}) {
      std::vector<std::int16_t> a(count, -32768);
      std::vector<std::int16_t> b(count, -32768);
      std::int64_t sum = 0;
      for (std::size_t k = 0; k < count; ++k) {
        if (!lowest) a[k] = static_cast<std::int16_t>(random());
        if (!lowest) b[k] = static_cast<std::int16_t>(random());
        sum += std::int64_t{a[k]} * b[k];
      }
      on_every_target([&] {
        EXPECT_EQ(
            sum_of_products(std::span<const std::int16_t>(a), std::span<const std::int16_t>(b)),
            static_cast<double>(sum));
      });
    }
  }
}

TEST(CountInto, PutsEveryCodeIntoTheBinOfItsQuotient) {
  std::mt19937_64 random(5);
  for (int width = 1; width <= 517; width += width < 30 ? 1 : 61) {
    for (const int low : {-32768, -129, 0, 32767 - 127 * std::min(width, 258)}) {
      const int range = std::min(127 * width, 32767 - low);  // every difference there is, and more
      std::vector<std::int16_t> codes;
      for (int d = 0; d <= range; ++d) codes.push_back(static_cast<std::int16_t>(low + d));
      std::shuffle(codes.begin(), codes.end(), random);
      std::vector<std::int16_t> expected(128);
      for (const std::int16_t code : codes)
        ++expected[static_cast<std::size_t>(code - low) / static_cast<std::size_t>(width)];
      on_every_target([&] {
        std::vector<std::int16_t> bins(128);
        count_into(bins, codes, static_cast<std::int16_t>(low), static_cast<std::uint16_t>(width));
        EXPECT_EQ(bins, expected) << "width " << width << ", low " << low;
      });
    }
  }
}

}  // namespace
}  // namespace rig
