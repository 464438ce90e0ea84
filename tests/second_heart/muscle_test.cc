#include "fixtures/second_heart/muscle.h"

#include <gtest/gtest.h>

#include "tests/second_heart/plant_fixture.h"

namespace rig::second_heart {
namespace {

constexpr StimulationPulse kAll{.charge = 1, .width = 300e-6};  // recruits every fibre

double time_of_peak(const Muscle& muscle, double from, double to) {
  double best = from;
  for (double t = from; t < to; t += 1e-4) {
    if (muscle.force(t) > muscle.force(best)) best = t;
  }
  return best;
}

TEST(Muscle, TwitchesAsHumanSoleusDoes) {
  Muscle muscle(shipped());
  muscle.stimulate(1, kAll);
  const double peak = time_of_peak(muscle, 1, 2);
  EXPECT_NEAR(peak - 1, shipped().twitch_rise, 1e-3);
  EXPECT_NEAR(muscle.force(peak), shipped().twitch_size, 0.02 * shipped().twitch_size);
  double half = peak;
  while (muscle.force(half) > muscle.force(peak) / 2) half += 1e-4;
  EXPECT_NEAR(half - peak, 0.130, 0.003) << "domain notes 7.2: ~130 ms half relaxation";
}

double ripple(double rate) {
  Muscle muscle(shipped());
  for (int k = 0; k < 2 * static_cast<int>(rate); ++k) muscle.stimulate(k / rate, kAll);
  double least = 1;
  double most = 0;
  const double last = (2 * rate - 1) / rate;
  for (double t = last; t < last + 1 / rate; t += 1e-4) {
    least = std::min(least, muscle.force(t));
    most = std::max(most, muscle.force(t));
  }
  return (most - least) / most;
}

TEST(Muscle, FusesItsTwitchesBetween10And20Hertz) {
  EXPECT_GT(ripple(2), 0.9);
  EXPECT_GT(ripple(8), 0.05);
  EXPECT_LT(ripple(20), 0.05);
}

TEST(Muscle, NeverExceedsItsTetanus) {
  Muscle muscle(shipped());
  for (int k = 0; k < 1000; ++k) muscle.stimulate(k * 0.005, kAll);
  EXPECT_LE(muscle.force(5), 1);
  EXPECT_GT(muscle.force(5), 0.9);
}

TEST(Muscle, IgnoresASecondPhaseInsideTheRefractoryPeriod) {
  Muscle once(shipped());
  Muscle twice(shipped());
  once.stimulate(0, kAll);
  twice.stimulate(0, kAll);
  twice.stimulate(0.5e-3, kAll);
  EXPECT_EQ(once.force(0.1), twice.force(0.1));
}

TEST(Muscle, AnswersAVibrationInProportionToItsStrengthAndFrequency) {
  const auto force = [](double rms, double hertz) {
    Muscle muscle(shipped());
    muscle.vibrate(0, {.rms = rms, .hertz = hertz});
    return muscle.force(5);
  };
  const Parameters& p = shipped();
  EXPECT_NEAR(force(p.reflex_acceleration, p.reflex_frequency), p.reflex_force, 1e-9);
  EXPECT_NEAR(force(2 * p.reflex_acceleration, p.reflex_frequency), 2 * p.reflex_force, 1e-9);
  EXPECT_NEAR(force(p.reflex_acceleration, p.reflex_frequency / 3), p.reflex_force / 3, 1e-9);
  EXPECT_EQ(force(0, 45), 0);
}

TEST(Muscle, RestsBeforeAndLongAfterAPulse) {
  Muscle muscle(shipped());
  EXPECT_EQ(muscle.force(0.5), 0);
  muscle.stimulate(1, kAll);
  EXPECT_LT(muscle.force(4), 1e-12);
}

TEST(Recruited, NeedsTwiceTheCurrentAtTheChronaxie) {
  const Parameters& p = shipped();
  const double width = p.chronaxie;
  EXPECT_NEAR(recruited(p, {.charge = 2 * p.half_current * width, .width = width}), 0.5, 1e-9);
  EXPECT_LT(recruited(p, {.charge = p.half_current * width, .width = width}), 0.05);
}

TEST(Recruited, GrowsWithCurrentAndWidthUpToAllFibres) {
  const Parameters& p = shipped();
  const auto at = [&](double amps, double width) {
    return recruited(p, {.charge = amps * width, .width = width});
  };
  EXPECT_LT(at(20e-3, 300e-6), at(30e-3, 300e-6));
  EXPECT_LT(at(30e-3, 100e-6), at(30e-3, 300e-6));
  EXPECT_GT(at(500e-3, 300e-6), 0.999);
  EXPECT_EQ(at(0, 300e-6), 0);
  EXPECT_EQ(at(-30e-3, 300e-6), at(30e-3, 300e-6)) << "either sign";
}

}  // namespace
}  // namespace rig::second_heart
