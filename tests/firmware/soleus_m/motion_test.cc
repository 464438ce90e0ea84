// The sine, and what its demodulation sees of a motion.
#include "logic/motion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <numbers>

#include "logic/limits.h"
#include "logic/sine.h"

namespace {

constexpr double kTwoPi = 2 * std::numbers::pi;

// Samples one cycle as the interrupt does, of a motion in counts as a function of the sine's phase
// in radians.
template <typename Counts>
Cycle cycle_of(std::uint32_t frequency_mhz, std::uint32_t phase, Counts counts) {
  Cycle cycle{.samples = 0,
              .in_phase = 0,
              .quadrature = 0,
              .sine_sum = 0,
              .cosine_sum = 0,
              .sum = 0,
              .lowest = kMiddle,
              .highest = -kMiddle,
              .current = 0};
  const std::uint32_t step = phase_step(frequency_mhz);
  while (true) {
    const auto index = static_cast<std::uint8_t>(phase >> 24);
    const std::int8_t s = weight_of(sine(index));
    const std::int8_t c = weight_of(sine(static_cast<std::uint8_t>(index + 64)));
    const auto x = static_cast<std::int16_t>(std::lround(counts(phase * kTwoPi / 0x1p32)));
    ++cycle.samples;
    cycle.in_phase += x * s;
    cycle.quadrature += x * c;
    cycle.sine_sum = static_cast<std::int16_t>(cycle.sine_sum + s);
    cycle.cosine_sum = static_cast<std::int16_t>(cycle.cosine_sum + c);
    cycle.sum += x;
    cycle.lowest = std::min(cycle.lowest, x);
    cycle.highest = std::max(cycle.highest, x);
    if (phase + step < phase) return cycle;
    phase += step;
  }
}

TEST(Sine, IsASineToHalfAStepOfItsTable) {
  for (int k = 0; k < 256; ++k) {
    EXPECT_NEAR(sine(static_cast<std::uint8_t>(k)), kSinePeak * std::sin(kTwoPi * k / 256), 0.51);
  }
}

TEST(Sine, HasWeightsWithHardlyABias) {
  int sum = 0;
  for (int k = 0; k < 256; ++k) sum += weight_of(sine(static_cast<std::uint8_t>(k)));
  EXPECT_LE(std::abs(sum), 2);
  EXPECT_EQ(weight_of(kSinePeak), 127);
  EXPECT_EQ(weight_of(-kSinePeak), -127);
}

TEST(PhaseStep, IsTheFrequencyToAPartInAMillion) {
  for (std::uint32_t f = 20000; f <= 60000; f += 100) {
    EXPECT_NEAR(phase_step(f) * 4000.0 * 1000 / 0x1p32 / f, 1, 1e-6) << f;
  }
}

TEST(SquareRoot, IsTheLargestWholeRoot) {
  for (const std::uint32_t root : {0u, 1u, 2u, 1000u, 40000u, 65535u}) {
    EXPECT_EQ(square_root(root * root), root);
    EXPECT_EQ(square_root(root * root + root), root);
  }
  EXPECT_EQ(square_root(UINT32_MAX), 65535);
}

class EveryFrequency : public testing::TestWithParam<std::uint32_t> {};

TEST_P(EveryFrequency, ShowsTheAmplitudeWhateverItsPhaseAndBias) {
  for (const double peak : {25.0, 51.2, 251.0}) {  // 0.05 g, 1 m/s2, 0.5 g
    for (const double bias : {-30.0, 0.0, 30.0}) {
      for (double lag = 0; lag < kTwoPi; lag += 0.7) {
        const Motion motion = motion_of(cycle_of(
            GetParam(), 12345, [&](double phase) { return bias + peak * std::sin(phase - lag); }));
        const double expected = peak * 5 / 1024 / 0.25 * 1e4;
        EXPECT_NEAR(motion.acceleration, expected, 0.012 * expected + 30) << peak << " " << lag;
        EXPECT_FALSE(clipped(motion));
      }
    }
  }
}

TEST_P(EveryFrequency, DoesNotSeeHarmonics) {
  const Motion motion = motion_of(cycle_of(GetParam(), 0, [](double phase) {
    return 100 * std::sin(phase) + 50 * std::sin(3 * phase);
  }));
  EXPECT_NEAR(motion.acceleration, 100 * 195.3, 600);
  EXPECT_GT(motion.peak, 100 * 195);
}

TEST_P(EveryFrequency, TellsAClippedMotion) {
  const auto clipped_at = [&](double top) {
    return clipped(motion_of(cycle_of(GetParam(), 0, [&](double phase) {
      return std::clamp(200 * std::sin(phase), -top, top);
    })));
  };
  EXPECT_FALSE(clipped_at(200));
  EXPECT_TRUE(clipped_at(120));
}

INSTANTIATE_TEST_SUITE_P(Motion, EveryFrequency,
                         testing::Values(20000u, 27300u, 33300u, 45000u, 59900u, 60000u));

TEST(Motion, StaysWithinItsNumbersAtTheWorst) {
  const Motion square = motion_of(cycle_of(
      20000, 0, [](double phase) { return phase < std::numbers::pi ? kMiddle : -kMiddle; }));
  EXPECT_NEAR(square.acceleration, 4 / std::numbers::pi * 100000, 1000);
}

}  // namespace
