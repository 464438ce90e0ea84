// The regulator on a platform that answers with a gain and a lag.
#include "logic/regulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

namespace {

// 0.1 mm/s2 for 1/16 DAC code, with half of the way to go left after each cycle.
struct Platform {
  double gain = 1;
  double acceleration = 0;
  std::uint32_t cycle(std::uint16_t drive) {
    acceleration += 0.5 * (gain * drive - acceleration);
    return static_cast<std::uint32_t>(acceleration);
  }
};

class EveryGain : public testing::TestWithParam<double> {};

TEST_P(EveryGain, ReachesTheLevelFromASoftStartWithoutOvershoot) {
  Platform platform{.gain = GetParam()};
  Regulator regulator;
  double highest = 0;
  std::uint32_t level = 0;
  for (std::uint32_t cycle = 0; cycle < 120; ++cycle) {
    const std::uint32_t measured = platform.cycle(regulator.drive(level));
    regulator.learn(level, measured);
    highest = std::max<double>(highest, measured);
    level = 20000 * std::min(cycle, 45u) / 45;
  }
  EXPECT_NEAR(platform.acceleration, 20000, 100);
  EXPECT_LT(highest, 20000 * 1.1);
}

TEST_P(EveryGain, ComesBackWhenTheLoadChanges) {
  Platform platform{.gain = GetParam()};
  Regulator regulator;
  const auto run = [&](int cycles) {
    for (int k = 0; k < cycles; ++k) regulator.learn(5000, platform.cycle(regulator.drive(5000)));
  };
  run(60);
  platform.gain *= 0.5;
  run(40);
  EXPECT_NEAR(platform.acceleration, 5000, 50);
  platform.gain *= 2;
  run(40);
  EXPECT_NEAR(platform.acceleration, 5000, 50);
}

INSTANTIATE_TEST_SUITE_P(Regulator, EveryGain, testing::Values(2.0, 4.0, 8.0, 30.0, 60.0));

TEST(Regulator, DoesNotWindUpWhileTheDriveIsFull) {
  Platform platform{.gain = 0.5};  // 14400 at the most
  Regulator regulator;
  for (int k = 0; k < 500; ++k) regulator.learn(30000, platform.cycle(regulator.drive(30000)));
  EXPECT_EQ(regulator.drive(30000), kDriveFull);
  platform.gain = 4;
  double highest = 0;
  int until_right = 0;
  for (int k = 0; k < 60; ++k) {
    regulator.learn(30000, platform.cycle(regulator.drive(30000)));
    highest = std::max(highest, platform.acceleration);
    if (platform.acceleration > 1.1 * 30000) until_right = k + 1;
  }
  EXPECT_LT(until_right, 12) << "from there on it is right";
  EXPECT_LT(highest, 4 * kDriveFull);
}

TEST(Regulator, LearnsNothingFromWhatIsTooSmallToBeSeen) {
  Regulator regulator;
  const std::uint16_t before = regulator.drive(10000);
  regulator.learn(kLeastLearnt - 1, 0);
  EXPECT_EQ(regulator.drive(10000), before);
}

}  // namespace
