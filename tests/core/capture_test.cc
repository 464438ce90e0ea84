// Sample instants are exact at any index, for any rational rate.
#include "rig/core/capture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>

namespace rig {
namespace {

constexpr std::uint64_t kTera = 1'000'000'000'000u;

TEST(SampleRate, TimeIsExactAtATrillionSamples) {
  // 10^12 samples at 20 MHz: 50 000 s, where a double's step is already 7 ps.
  EXPECT_EQ((SampleRate{20'000'000, 1}.time_of(kTera)), Picos(50'000 * 1'000'000'000'000));
  EXPECT_EQ((SampleRate{20'000'000, 1}.time_of(kTera + 1)),
            Picos(50'000 * 1'000'000'000'000 + 50'000));
}

TEST(SampleRate, TimeIsExactForARateThatDoesNotDivideASecond) {
  // 3 samples in 7 s; sample 3 n lies at exactly 7 n s.
  const SampleRate slow{3, 7};
  EXPECT_EQ(slow.time_of(3'000'000), Picos(7'000'000 * 1'000'000'000'000));
  EXPECT_EQ(slow.time_of(1), Picos(2'333'333'333'333)) << "rounded down";
  EXPECT_EQ(slow.time_of(2), Picos(4'666'666'666'666)) << "rounded down";
}

TEST(SampleRate, TimeNeverDriftsFromTheRationalNumber) {
  // t is right when t <= exact < t + 1 ps, that is t * samples <= index * seconds * 10^12 <
  // (t + 1) * samples: whole numbers, no division.
  std::mt19937_64 draw(3);
  for (int n = 0; n < 100'000; ++n) {
    const SampleRate rate{1 + draw() % 100'000'000, 1 + draw() % 1000};
    const std::uint64_t longest = 8'000'000 * rate.samples / rate.seconds + 1;
    const std::uint64_t index = draw() % std::min<std::uint64_t>(longest, 2 * kTera);
    const auto t = static_cast<Wide>(rate.time_of(index).count());
    const Wide exact = static_cast<Wide>(index) * rate.seconds * kTera;
    ASSERT_LE(t * rate.samples, exact);
    ASSERT_GT((t + 1) * rate.samples, exact);
  }
}

TEST(SampleRate, TimesRiseWithTheIndex) {
  const SampleRate rate{44'100, 1};
  for (std::uint64_t index = kTera; index < kTera + 1000; ++index) {
    ASSERT_LT(rate.time_of(index), rate.time_of(index + 1));
  }
}

TEST(SampleRate, HertzIsTheQuotient) {
  EXPECT_DOUBLE_EQ((SampleRate{1'000'000, 3}.hertz()), 1e6 / 3);
}

TEST(Channel, TurnsCodesIntoValues) {
  const Channel channel{.scale = 0.5, .offset = -3};
  EXPECT_DOUBLE_EQ(channel.value_of(0), -3);
  EXPECT_DOUBLE_EQ(channel.value_of(10), 2);
}

TEST(Block, WithoutChannelsIsEmpty) { EXPECT_EQ(Block{}.size(), 0u); }

}  // namespace
}  // namespace rig
