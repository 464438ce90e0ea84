// The output table of FDA's 1999 guidance, section 3: pulse trains with figures worked out by hand,
// drawn, sampled and measured. 500 ohm throughout.
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "tests/measure/drawn.h"

namespace rig::testing {
namespace {

struct Vector {
  std::string name;
  double amps;
  double first_width;
  double second_width;  // 0: monophasic
  double rate;
  double rms;     // A
  double charge;  // C, first phase
  double energy;  // J per pulse
  double net;     // C per pulse
  double dc;      // A
};

std::ostream& operator<<(std::ostream& out, const Vector& v) { return out << v.name; }

class FdaTable : public ::testing::TestWithParam<Vector> {};

Measuring measured(const Vector& v) {
  const double count = std::max(5.0, 0.5 * v.rate);
  Drawn drawn{.length = (count + 0.5) / v.rate};
  for (double k = 0; k < count; ++k) {
    const double begin = 5e-3 + k / v.rate;
    drawn.current.push_back({.begin = begin, .width = v.first_width, .level = v.amps});
    if (v.second_width == 0) continue;
    drawn.current.push_back(
        {.begin = begin + v.first_width + 100e-6, .width = v.second_width, .level = -v.amps});
  }
  return Measuring(record(drawn, {.rate = {1'000'000, 1}, .bits = 16, .range = 0.25}));
}

// Half a sample of one edge is 0.5 us in at least 297 us; without noise the rest is far smaller.
TEST_P(FdaTable, IsMetToATenthOfAPercent) {
  const Vector& v = GetParam();
  const Measuring capture = measured(v);
  EXPECT_NEAR(capture.value("rms"), v.rms, 1e-3 * v.rms);
  EXPECT_NEAR(capture.value("phase1.charge"), v.charge, 1e-3 * v.charge);
  EXPECT_NEAR(capture.value("energy"), v.energy, 1e-3 * v.energy);
  EXPECT_NEAR(capture.value("rate"), v.rate, 1e-4 * v.rate);
  EXPECT_NEAR(capture.value("net_charge.mean"), v.net, 1e-3 * v.charge);
  EXPECT_NEAR(capture.value("dc"), v.dc, 1e-3 * v.charge * v.rate);
  EXPECT_NEAR(capture.value("voltage.peak"), 500 * v.amps, 0.1);
}

INSTANTIATE_TEST_SUITE_P(Guidance1999, FdaTable,
                         ::testing::Values(Vector{"symmetric, 100 mA, 50 Hz", 100e-3, 300e-6,
                                                  300e-6, 50, 17.321e-3, 30e-6, 3.000e-3, 0, 0},
                                           Vector{"symmetric, 60 mA, 35 Hz", 60e-3, 300e-6, 300e-6,
                                                  35, 8.695e-3, 18e-6, 1.080e-3, 0, 0},
                                           Vector{"symmetric, 200 mA, 25 Hz", 200e-3, 450e-6,
                                                  450e-6, 25, 30.000e-3, 90e-6, 18.00e-3, 0, 0},
                                           Vector{"monophasic, 27 mA, 1 Hz", 27e-3, 560e-6, 0, 1,
                                                  0.639e-3, 15.12e-6, 0.204e-3, 15.12e-6, 15.12e-6},
                                           Vector{"1 % imbalance, 100 mA, 50 Hz", 100e-3, 300e-6,
                                                  297e-6, 50, 17.277e-3, 30e-6, 2.985e-3, 0.30e-6,
                                                  15e-6}));

// Facts 2.2 [C]: 100 mA, 2 x 300 us, 50 Hz, 25 cm2 give 0.693 mA/cm2 and 0.006 W/cm2.
TEST(Densities, AreThoseOfTheSmallestElectrode) {
  Drawn drawn{.length = 2.1};
  for (int k = 0; k < 104; ++k) add_biphasic(drawn, 5e-3 + 0.02 * k, 100e-3, 300e-6, 100e-6);
  Measuring capture(record(drawn, {.bits = 16, .range = 0.25}));
  capture.know_electrode(25e-4, 500);
  EXPECT_NEAR(capture.value("current.density"), 6.93, 0.01);
  EXPECT_NEAR(capture.value("power.density"), 60.0, 0.1);
  EXPECT_NEAR(capture.value("rms.sliding_1s"), 17.321e-3, 0.01e-3);
  EXPECT_NEAR(capture.value("current.average"), 50 * 60e-6, 0.01e-3);
}

TEST(Imbalance, IsThePercentageOfTheFirstPhasesCharge) {
  const Measuring capture = measured({"", 100e-3, 300e-6, 297e-6, 50, 0, 0, 0, 0, 0});
  EXPECT_NEAR(capture.value("charge_imbalance.mean"), 1.0, 0.02);
  EXPECT_NEAR(capture.value("width.difference.mean"), 3e-6, 0.05e-6);
}

}  // namespace
}  // namespace rig::testing
