#include "fixtures/second_heart/vein.h"

#include <gtest/gtest.h>

namespace rig::second_heart {
namespace {

constexpr VeinParameters kVein{.unstressed = 40, .distensible = 55, .compliance = 2.2};

constexpr double kCollapse = 2;

TEST(Vein, HasItsComplianceAtNoPressure) {
  const Vein vein(kVein, kCollapse);
  EXPECT_EQ(vein.pressure(40), 0);
  EXPECT_NEAR(1e-4 / vein.pressure(40 + 1e-4), 2.2, 1e-4);
  EXPECT_NEAR(vein.pressure(40 - 1e-6), 0, 1e-6);
}

TEST(Vein, HoldsHalfOfWhatItCanTakeAtItsHalfPressure) {
  EXPECT_NEAR(Vein(kVein, kCollapse).pressure(40 + 55.0 / 2), 55 / 2.2, 1e-9);
}

TEST(Vein, GivesTheVolumeThatItsPressureCameFrom) {
  const Vein vein(kVein, kCollapse);
  for (const double volume : {41.0, 55.0, 80.0, 94.0}) {
    EXPECT_NEAR(vein.volume(vein.pressure(volume)), volume, 1e-9);
  }
}

TEST(Vein, ResistsBeingEmptied) {
  const Vein vein(kVein, kCollapse);
  EXPECT_LT(vein.pressure(20), vein.pressure(30));
  EXPECT_NEAR(vein.pressure(10), kCollapse * (1 - 8), 1e-9);  // (40 / 10)^1.5 = 8
}

TEST(Vein, ConductsLessWhenItCollapses) {
  const Vein vein(kVein, kCollapse);
  EXPECT_EQ(vein.openness(80), 1);
  EXPECT_NEAR(vein.openness(20), 0.25, 1e-12);
}

}  // namespace
}  // namespace rig::second_heart
