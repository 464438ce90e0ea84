// Every quantity of the catalog can be explained, and gives a number or says why not.
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "rig/measure/logic.h"
#include "rig/measure/motion_quantities.h"
#include "rig/measure/sine_quantities.h"
#include "tests/measure/drawn.h"

namespace rig::testing {
namespace {

// Two bursts of five pulses and the beginning of a third.
Drawn bursts() {
  Drawn drawn{.length = 0.65};
  for (const double begin : {0.05, 0.3, 0.55}) {
    for (int k = 0; k < 5; ++k) add_biphasic(drawn, begin + k * 0.01, 20e-3, 200e-6, 100e-6);
  }
  return drawn;
}

TEST(Catalog, NamesEachQuantityOnceAndExplainsIt) {
  const std::set<std::string_view> units{"s", "A",    "C",    "J",   "V",    "Hz", "%",
                                         "1", "A/m2", "W/m2", "A/s", "m/s2", "m"};
  const std::set<std::string_view> dimensions{
      "time",  "current", "charge",        "energy", "voltage",      "frequency", "ratio",
      "count", "density", "power_density", "slope",  "acceleration", "length"};
  std::set<std::string_view> names;
  for (const QuantityInfo& info : quantities()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_TRUE(units.contains(info.unit)) << info.name << " in " << info.unit;
    EXPECT_TRUE(dimensions.contains(info.dimension)) << info.name << ": " << info.dimension;
    EXPECT_GT(info.definition.size(), 20u) << info.name;
    EXPECT_TRUE(info.definition.ends_with(".")) << info.name;
    EXPECT_FALSE(info.source.empty()) << info.name;
  }
  EXPECT_GT(names.size(), 25u);
}

TEST(Catalog, FindsAQuantityByNameAndStatistic) {
  EXPECT_EQ(find_quantity("phase1.width")->statistic, Statistic::kEvery);
  EXPECT_EQ(find_quantity("phase1.width.mean")->statistic, Statistic::kMean);
  EXPECT_EQ(find_quantity("phase1.width.mean")->info->name, "phase1.width");
  EXPECT_EQ(find_quantity("period.jitter")->info->name, "period.jitter");
}

TEST(Catalog, FindsNothingElse) {
  for (const char* name :
       {"", "phase1", "phase1.width.", "phase1.width.median", "phase1.width.mean.mean", "rms.mean",
        "pulse.count.max", "Phase1.width", " rate"}) {
    EXPECT_FALSE(find_quantity(name).has_value()) << name;
  }
}

TEST(Catalog, GivesAFiniteNumberInItsUnitForEverythingInAGoodCapture) {
  Drawn drawn = bursts();
  for (std::size_t k = 0; k < 4; ++k) {  // the first pulses ramp up
    const double part = 0.2 + 0.2 * static_cast<double>(k);
    for (DrawnPhase* phase : {&drawn.current[2 * k], &drawn.current[2 * k + 1]})
      phase->level *= part;
  }
  Measuring capture(record(drawn, {.bits = 16, .noise = 5e-6}));
  capture.know_electrode(25e-4, 500);
  for (const QuantityInfo& info : quantities()) {
    const bool own = is_of_a_sine(info.name) || is_of_a_motion(info.name);
    if (own || is_between_channels(info)) continue;  // in their own tests
    if (info.name == "envelope.period") continue;    // these do not modulate
    const Measured measured = capture.take(info.name, nullptr, 0.345);
    ASSERT_TRUE(measured.value.has_value()) << info.name << ": " << measured.why_not;
    EXPECT_TRUE(std::isfinite(measured.value->value)) << info.name;
    EXPECT_TRUE(std::isfinite(measured.value->u)) << info.name;
    EXPECT_GE(measured.value->u, 0) << info.name;
    EXPECT_EQ(measured.value->unit, info.unit) << info.name;
    EXPECT_EQ(measured.value->name, info.name);
    EXPECT_GT(measured.value->count, 0u) << info.name;
    EXPECT_LE(measured.value->lowest, measured.value->highest) << info.name;
  }
}

TEST(Catalog, SaysInWordsWhatItCannotMeasureInSilence) {
  const Measuring capture(record({.length = 10e-3}));
  for (const QuantityInfo& info : quantities()) {
    const bool own = is_of_a_sine(info.name) || is_of_a_motion(info.name);
    if (own || is_between_channels(info)) continue;  // other channels
    const Measured measured = capture.take(info.name, nullptr, 5e-3);
    if (measured.value) {
      EXPECT_TRUE(info.name == "pulse.count" || info.name.ends_with(".peak")) << info.name;
      EXPECT_EQ(measured.value->value, 0) << info.name;
    } else {
      EXPECT_FALSE(measured.why_not.empty()) << info.name;
      EXPECT_TRUE(measured.device_silent) << info.name;
    }
  }
}

TEST(Catalog, ClaimsNoPeakFromAChannelThatWasNotCaptured) {
  for (const bool silent : {true, false}) {
    const Drawn drawn = silent ? Drawn{.length = 10e-3} : train(3, 20e-3, 20e-3, 200e-6, 100e-6);
    const Measuring no_current(record(drawn, {.has_current = false}));
    const Measuring no_voltage(record(drawn, {.has_voltage = false}));
    EXPECT_FALSE(no_current.take("current.peak").value.has_value());
    EXPECT_EQ(no_current.take("current.peak").why_not, "current.peak needs channel current");
    EXPECT_FALSE(no_current.take("current.peak").device_silent);
    EXPECT_EQ(no_voltage.take("voltage.peak").why_not, "voltage.peak needs channel voltage");
    EXPECT_FALSE(no_voltage.take("voltage.peak").device_silent);
  }
}

TEST(Catalog, MeasuresNothingOfTheCurrentInAVoltageAlone) {
  const Measuring capture(record(train(3, 20e-3, 20e-3, 200e-6, 100e-6), {.has_current = false}));
  for (const char* name : {"pulse.phases",
                           "phase1.width",
                           "phase2.width",
                           "width.difference",
                           "gap",
                           "phase1.amplitude",
                           "phase2.amplitude",
                           "baseline",
                           "phase1.charge",
                           "phase2.charge",
                           "net_charge",
                           "charge_imbalance",
                           "rms",
                           "dc",
                           "energy",
                           "output.charge_after",
                           "output.energy_after",
                           "ramp.up_time",
                           "ramp.down_time",
                           "ramp.largest_step"}) {
    const Measured measured = capture.take(name, nullptr, 20e-3);
    EXPECT_FALSE(measured.value.has_value()) << name;
    EXPECT_FALSE(measured.device_silent) << name << ": the bench did not look";
    EXPECT_EQ(measured.why_not, std::string(name) + " needs channel current");
  }
  EXPECT_EQ(capture.value("pulse.count"), 3);
  EXPECT_NEAR(capture.value("rate"), 50, 0.01);
}

TEST(Catalog, NeedsTheVoltageForEnergy) {
  const Measuring capture(record(train(3, 20e-3, 20e-3, 200e-6, 100e-6), {.has_voltage = false}));
  for (const char* name : {"energy", "output.energy_after"}) {
    const Measured measured = capture.take(name, nullptr, 30e-3);
    EXPECT_FALSE(measured.value.has_value()) << name;
    EXPECT_FALSE(measured.device_silent) << name;
    EXPECT_NE(measured.why_not.find("voltage"), std::string::npos) << measured.why_not;
  }
}

TEST(Catalog, GivesALowerBoundOfMagnitudesWhenClipped) {
  const Measuring capture(record(train(3, 20e-3, 20e-3, 200e-6, 100e-6), {.range = 15e-3}));
  for (const char* name : {"phase1.amplitude", "phase2.amplitude", "phase1.charge", "energy", "rms",
                           "current.peak", "output.energy_after", "output.charge_after"}) {
    const Measured measured = capture.take(name, nullptr, 20e-3);
    ASSERT_TRUE(measured.value.has_value()) << name << ": " << measured.why_not;
    EXPECT_TRUE(measured.lower_bound) << name;
  }
  EXPECT_FALSE(capture.take("pulse.count").lower_bound);
}

TEST(Catalog, NumbersOfAGoodCaptureAreNoLowerBounds) {
  Drawn drawn = bursts();
  drawn.tau = 3e-6;  // an edge that the samples resolve
  const Measuring capture(record(drawn));
  for (const QuantityInfo& info : quantities()) {
    EXPECT_FALSE(capture.take(info.name, nullptr, 0.345).lower_bound) << info.name;
  }
}

}  // namespace
}  // namespace rig::testing
