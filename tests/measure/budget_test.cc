// GUM arithmetic: sums of independent parts, degrees of freedom, means.
#include "rig/measure/budget.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "rig/core/verdict.h"
#include "tests/measure/drawn.h"

namespace rig::testing {
namespace {

TEST(Budget, AddsIndependentPartsInQuadrature) {
  Budget budget(Source::kGain, 3e-3);
  budget.add(Source::kNoise, 4e-3).add(Source::kNoise, 12e-3);
  EXPECT_NEAR(budget[Source::kNoise], std::hypot(4e-3, 12e-3), 1e-15);
  EXPECT_NEAR(budget.u(), 13e-3, 1e-15);
}

TEST(Budget, KnowsItsPartsByNameTheLargestFirst) {
  const auto parts = Budget(Source::kClock, 1).add(Source::kLoad, 2).parts();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0], (std::pair<std::string, double>("load", 2)));
  EXPECT_EQ(parts[1], (std::pair<std::string, double>("sample clock", 1)));
}

// GUM H.1.6: the end gauge's 32 nm rest on 25, 9.7, 2.9 and 16.6 nm with 18, 25.6, 50 and 2
// degrees of freedom: 16. Here the two that a budget tells apart.
TEST(Budget, HasTheDegreesOfFreedomOfWelchAndSatterthwaite) {
  Budget budget(Source::kGain, 10);
  budget.add(Source::kScatter, 5, 4);
  const double u = std::sqrt(125.0);
  EXPECT_NEAR(budget.dof(), std::pow(u, 4) / (625.0 / 4), 1e-9);
  EXPECT_EQ(Budget(Source::kGain, 1).dof(), std::numeric_limits<double>::infinity());
}

TEST(Budget, OfASumOverPulsesAddsNoiseInQuadratureAndTheRestAlike) {
  Budget sum;
  for (int k = 0; k < 16; ++k) {
    sum.add_pulse(Budget(Source::kNoise, 1).add(Source::kGain, 1));
  }
  EXPECT_NEAR(sum[Source::kNoise], 4, 1e-12);
  EXPECT_NEAR(sum[Source::kGain], 16, 1e-12);
}

TEST(Budget, OfAMeanKeepsWhatAllPulsesHaveAlike) {
  const Budget mean =
      Budget(Source::kNoise, 1).add(Source::kSampling, 1).add(Source::kGain, 1).of_mean(25, 0.5);
  EXPECT_NEAR(mean[Source::kNoise], 0.2, 1e-12);
  EXPECT_NEAR(mean[Source::kSampling], 0.5, 1e-12);
  EXPECT_NEAR(mean[Source::kGain], 1, 1e-12);
}

// GUM table G.2, column 95.45 %.
TEST(CoverageFactor, IsStudentsTOfTheWholeDegreesOfFreedom) {
  EXPECT_NEAR(coverage_factor(1), 13.97, 0.005);
  EXPECT_NEAR(coverage_factor(2), 4.53, 0.005);
  EXPECT_NEAR(coverage_factor(4.9), 2.87, 0.005);
  EXPECT_NEAR(coverage_factor(10), 2.28, 0.005);
  EXPECT_NEAR(coverage_factor(50), 2.05, 0.005);
  EXPECT_EQ(coverage_factor(std::numeric_limits<double>::infinity()), 2);
}

TEST(Measured, CarriesTheBudgetThatItsUncertaintyIsTheRootOf) {
  const Measuring capture(
      record(train(20, 10e-3, 20e-3, 300e-6, 100e-6), {.noise = 100e-6, .gain_u = 1e-3}));
  for (const char* name : {"phase1.width", "phase1.amplitude.mean", "net_charge", "rms", "rate"}) {
    const Measured m = capture.take(name);
    ASSERT_TRUE(m.value) << name;
    double square = 0;
    for (const auto& [source, u] : m.value->budget) square += u * u;
    EXPECT_GT(square, 0) << name;
    EXPECT_NEAR(std::sqrt(square), m.value->u, 1e-12 * m.value->u) << name;
  }
  EXPECT_EQ(capture.take("phase1.amplitude").value->budget.front().first, "gain");
}

// Four samples before the trigger tell the noise with 3 degrees of freedom, and no better.
TEST(Measured, OfAShortBaselineHasAWiderInterval) {
  Drawn drawn{.length = 3e-3};
  add_biphasic(drawn, 1e-3, 20e-3, 300e-6, 100e-6);
  const auto of = [&drawn](double pre) {
    return Measuring(segmented(record(drawn, {.noise = 100e-6}), {1e-3 - pre}, pre, 1.5e-3))
        .take("baseline");
  };
  EXPECT_GT(of(6e-6).value->k, 2.2);
  EXPECT_LT(of(250e-6).value->k, 2.05);
}

}  // namespace
}  // namespace rig::testing
