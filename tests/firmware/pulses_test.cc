// The rhythm of the pulses and the envelope of a burst.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "logic/envelope.h"
#include "logic/rhythm.h"

namespace {

class EveryRate : public testing::TestWithParam<std::uint32_t> {};

TEST_P(EveryRate, NeverStraysATickFromTheIdealGrid) {
  const std::uint32_t rate = GetParam();
  Rhythm rhythm;
  std::uint64_t ticks = 0;
  for (std::uint64_t pulse = 1; pulse <= 20000; ++pulse) {
    ticks += rhythm.next_period(rate);
    EXPECT_EQ(ticks, pulse * 2000000000u / rate);
  }
}

INSTANTIATE_TEST_SUITE_P(Rhythm, EveryRate,
                         testing::Values(1000u, 1001u, 7777u, 35000u, 50000u, 99999u, 120000u));

TEST(Rhythm, StartsAFreshGridWhenTheRateChanges) {
  Rhythm rhythm;
  rhythm.next_period(35000);
  EXPECT_EQ(rhythm.next_period(50000), 40000u);
  EXPECT_EQ(rhythm.next_period(50000), 40000u);
}

TEST(PulsesIn, CountsToTheNearestWholePulse) {
  EXPECT_EQ(pulses_in(1000, 35000), 35);
  EXPECT_EQ(pulses_in(0, 35000), 0);
  EXPECT_EQ(pulses_in(10, 35000), 0);
  EXPECT_EQ(pulses_in(15, 35000), 1);
  EXPECT_EQ(pulses_in(60000, 120000), 7200);
  EXPECT_EQ(pulses_in(59999, 1000), 60);
}

std::vector<int> codes(const Burst& burst, std::uint16_t set_code) {
  std::vector<int> all;
  for (std::uint32_t k = 0; k < burst.length; ++k) all.push_back(envelope(burst, k, set_code));
  return all;
}

TEST(Envelope, RisesAndFallsByEqualSteps) {
  EXPECT_EQ(codes({.length = 8, .up = 4, .down = 2}, 400),
            (std::vector{100, 200, 300, 400, 400, 400, 400, 200}));
}

TEST(Envelope, IsFlatWithoutRamps) {
  EXPECT_EQ(codes({.length = 3, .up = 0, .down = 0}, 400), (std::vector{400, 400, 400}));
}

TEST(Envelope, OfARampOnlyBurstIsATriangle) {
  EXPECT_EQ(codes({.length = 6, .up = 4, .down = 4}, 400),
            (std::vector{100, 200, 300, 300, 200, 100}));
}

TEST(Envelope, NeverExceedsTheSettingAndFitsTheLongestRamp) {
  const Burst burst{.length = 7200, .up = 1200, .down = 1200};
  int before = 0;
  for (std::uint32_t k = 0; k < burst.length; ++k) {
    const int code = envelope(burst, k, 4000);
    EXPECT_LE(code, 4000);
    EXPECT_LE(std::abs(code - before), 4) << "steps of at most set / pulses, rounded up";
    before = code;
  }
  EXPECT_EQ(before, 3);
}

TEST(Envelope, WithoutEndDoesNotFall) {
  const Burst burst{.length = 0, .up = 2, .down = 10};
  EXPECT_EQ(envelope(burst, 0, 400), 200);
  EXPECT_EQ(envelope(burst, 432000, 400), 400);
}

TEST(Envelope, IsZeroAfterTheEnd) {
  EXPECT_EQ(envelope({.length = 8, .up = 0, .down = 2}, 9, 400), 0);
}

}  // namespace
