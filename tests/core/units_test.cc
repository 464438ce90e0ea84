// Quantities cannot be mixed up, and instants are whole picoseconds.
#include "rig/core/units.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>

namespace rig {
namespace {

using namespace rig::literals;

template <typename A, typename B>
concept Comparable = requires(A a, B b) {
  a < b;
};
template <typename A, typename B>
concept Addable = requires(A a, B b) {
  a + b;
};

static_assert(Comparable<Amps, Amps> && Addable<Volts, Volts>);
static_assert(!Comparable<Amps, Volts>, "a milliamp must not be compared with a millivolt");
static_assert(!Addable<Ohms, Farads>);
static_assert(!Comparable<Amps, double>, "a bare number has no unit");

TEST(Quantity, FollowsOhmsLaw) {
  EXPECT_DOUBLE_EQ((10.0_V / 500.0_ohm).si(), 20e-3);
  EXPECT_DOUBLE_EQ((20.0_mA * 500.0_ohm).si(), 10.0);
  EXPECT_DOUBLE_EQ(20.0_mA / 5.0_mA, 4.0);
}

TEST(Quantity, LiteralsScaleToSi) {
  EXPECT_DOUBLE_EQ((3.0_uA).si(), 3e-6);
  EXPECT_DOUBLE_EQ((5.0_mV).si(), 5e-3);
  EXPECT_DOUBLE_EQ((100.0_nF).si(), 100e-9);
  EXPECT_DOUBLE_EQ((22.0_uF).si(), 22e-6);
  EXPECT_DOUBLE_EQ((5.0_MHz).si(), 5e6);
  EXPECT_LT(1999.0_uA, 2.0_mA);
}

TEST(FromSeconds, RoundsToTheNearestPicosecondOnBothSidesOfZero) {
  EXPECT_EQ(from_seconds(62.5e-9), Picos(62500));
  EXPECT_EQ(from_seconds(1.4e-12), Picos(1));
  EXPECT_EQ(from_seconds(1.6e-12), Picos(2));
  EXPECT_EQ(from_seconds(-1.4e-12), Picos(-1));
  EXPECT_EQ(from_seconds(-1.6e-12), Picos(-2));
  EXPECT_EQ(from_seconds(0), Picos(0));
}

TEST(FromSeconds, KeepsEveryWholeMicrosecondOfAnHour) {
  std::mt19937_64 draw(1);
  for (int n = 0; n < 100'000; ++n) {
    const auto us = static_cast<std::int64_t>(draw() % 3'600'000'000u);
    const Picos exact(us * 1'000'000);
    ASSERT_EQ(from_seconds(static_cast<double>(us) * 1e-6), exact) << us << " us";
  }
}

TEST(FromSeconds, HoldsAHundredDays) {
  const double days = 100.0 * 86400.0;
  EXPECT_NEAR(to_seconds(from_seconds(days)), days, 1e-8);
  EXPECT_NEAR(to_seconds(from_seconds(-days)), -days, 1e-8);
}

TEST(FromSeconds, AndBackIsTheSameToHalfAPicosecond) {
  std::mt19937_64 draw(2);
  std::uniform_real_distribution<double> seconds(-10.0, 10.0);
  for (int n = 0; n < 100'000; ++n) {
    const double s = seconds(draw);
    ASSERT_LE(std::fabs(to_seconds(from_seconds(s)) - s), 0.51e-12);
  }
}

}  // namespace
}  // namespace rig
