// Motions drawn in closed form: what their amplitude does over time, and what cannot be told.
#include "rig/measure/motion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "rig/measure/weighting.h"
#include "tests/measure/drawn_motion.h"

namespace rig::testing {
namespace {

constexpr double kTwoPi = 2 * std::numbers::pi;

double sine(double t, double hertz = 45) { return std::sin(kTwoPi * hertz * t); }

double value(const Measured& m) {
  EXPECT_TRUE(m.value.has_value()) << m.why_not;
  return m.value ? m.value->value : std::nan("");
}

TEST(Motion, RampsFromTenToNinetyPercent) {
  const DrawnMotion up([](double t) { return 2 * std::clamp(t - 0.5, 0.0, 1.0) * sine(t); }, 4, {},
                       1);
  EXPECT_NEAR(value(up.of("vibration.ramp_up")), 0.8, 0.01);
  const DrawnMotion sudden([](double t) { return t < 1 ? 0 : 2 * sine(t); }, 4, {}, 2);
  EXPECT_LT(value(sudden.of("vibration.ramp_up")), 0.03) << "within a period";
  const DrawnMotion down([](double t) { return 2 * std::clamp(3 - t, 0.0, 1.0) * sine(t); }, 4, {},
                         3);
  EXPECT_NEAR(value(down.of("vibration.ramp_down")), 0.8, 0.01);
  EXPECT_EQ(down.of("vibration.ramp_up").why_not, "the amplitude is lost in the noise");
  const DrawnMotion steady([](double t) { return 2 * sine(t); }, 4, {}, 4);
  EXPECT_EQ(steady.of("vibration.ramp_up").why_not,
            "the window does not begin below 10 % and end above 90 % of the amplitude");
  EXPECT_EQ(steady.of("vibration.ramp_down").why_not,
            "the window does not begin above 90 % and end below 10 % of the amplitude");
}

TEST(Motion, ThatLingersAtTenPercentHasItsRampKnownToWithinThatPause) {
  const auto amplitude = [](double t) {  // at 10 % from 0.6 s to 0.9 s
    return t < 0.6 ? 2 * std::max(0.0, t - 0.5) : std::clamp(0.2 + 2 * (t - 0.9), 0.2, 2.0);
  };
  int missed = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const DrawnMotion m([&](double t) { return amplitude(t) * sine(t); }, 4, {}, seed);
    const Measured ramp = m.of("vibration.ramp_up");
    if (std::fabs(value(ramp) - 0.95) > 2 * ramp.value->u + 0.02) ++missed;
    EXPECT_LT(2 * ramp.value->u, 0.35) << "seed " << seed;
  }
  EXPECT_LE(missed, 16) << "5 % of 200, and two standard deviations of that";
}

TEST(Motion, IsNotTakenForTheSlowerOneThatTooFewSamplesShow) {
  const DrawnMotion m([](double t) { return 3 * sine(t, 50); }, 4, {.rate = 60}, 1);
  for (const char* quantity : {"vibration.frequency", "vibration.peak", "vibration.largest"}) {
    EXPECT_EQ(m.of(quantity).why_not,
              "undersampled, at 60 Hz: a motion of up to 100 Hz needs 400 Hz, or may show as "
              "another one");
  }
}

TEST(Motion, OvershootsItsSettledAmplitude) {
  const DrawnMotion m([](double t) { return (t < 1 ? 2.4 : 2.0) * sine(t); }, 4, {}, 1);
  EXPECT_NEAR(value(m.of("vibration.overshoot")), 20, 1);
  EXPECT_NEAR(value(m.of("vibration.largest")), 2.4, 0.03);
  EXPECT_NEAR(value(m.of("vibration.largest", 2)), 2.0, 0.03);
  EXPECT_NEAR(value(m.of("vibration.surge", 1.5, 4, 1.5)), 100, 1.5);
}

TEST(Motion, SurgesWhereTheLoadIsTakenAway) {
  const DrawnMotion m(
      [](double t) {
        return (t < 2 ? 1.0 : t < 2.3 ? 1.8 : 0.0) * sine(t);
      },
      4, {}, 1);
  EXPECT_NEAR(value(m.of("vibration.surge", 2, 4, 2)), 180, 3);
  EXPECT_EQ(m.of("vibration.surge", 3.5, 4, 3.5).why_not, "no amplitude before the event");
  EXPECT_TRUE(m.of("vibration.surge", 3.5, 4, 3.5).device_silent);
  EXPECT_EQ(m.of("vibration.surge").why_not, "no event to count from");
}

TEST(Motion, StopsWhenItStaysNearWhereItRests) {
  const auto ring = [](double t) {
    return t < 1 ? 2 * sine(t) : 2 * std::exp(-(t - 1) / 0.1) * std::cos(kTwoPi * 25 * (t - 1));
  };
  const DrawnMotion m(ring, 3, {.noise = 2e-3}, 1);
  const double extreme = 2 / std::hypot(1, 1 / (kTwoPi * 25 * 0.1));
  EXPECT_NEAR(value(m.of("vibration.stop_time", 1, 3, 1)), 0.1 * std::log(extreme / 0.1), 2e-3);
  EXPECT_NEAR(value(m.of("vibration.ring_down", 1, 3, 1)), 0.1, 1e-3);
  EXPECT_EQ(value(m.of("vibration.stop_time", 1.6, 3, 1.6)), 0) << "it moved before";
  const Measured still = m.of("vibration.stop_time", 2.5, 3, 2.5);
  EXPECT_EQ(still.why_not, "nothing moved before the event");
  EXPECT_TRUE(still.device_silent);
}

// Half cycles of 20 ms whose extremes are given; their envelope is exponential in between.
double swing(double t, const std::vector<double>& extremes) {
  const double place = std::max(0.0, (t - 1) / 0.02);
  const auto k = std::min(static_cast<std::size_t>(place), extremes.size() - 2);
  const double share = std::min(1.0, place - static_cast<double>(k));
  return std::pow(extremes[k], 1 - share) * std::pow(extremes[k + 1], share) *
         std::cos(std::numbers::pi * place);
}

TEST(Motion, ThatLingersNearWhatCountsAsStillHasStoppedWithinThoseHalfCycles) {
  const std::vector<double> extremes = {2, 0.6, 0.102, 0.1004, 0.0996, 0.097, 0.03, 1e-3, 1e-9};
  const auto signal = [&](double t) { return t < 1 ? 2 * sine(t, 25) : swing(t, extremes); };
  int missed = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const DrawnMotion m(signal, 2, {.noise = 5e-3}, seed);
    const Measured stop = m.of("vibration.stop_time", 1, 2, 1);
    if (std::fabs(value(stop) - 0.07) > 2 * stop.value->u) ++missed;
    EXPECT_LT(2 * stop.value->u, 0.07) << "seed " << seed;
  }
  EXPECT_LE(missed, 16) << "5 % of 200, and two standard deviations of that";
}

TEST(Motion, ThatIsDampedWithinACycleStopsInItsLastLobeNotInTheQuietBehindIt) {
  const double tau = 5e-3;
  const double turn = kTwoPi * 25;
  const double first = 31;  // extremes of 8.2, 0.15 and 0.003
  const auto signal = [&](double t) {
    return t < 1 ? first * sine(t, 25)
                 : first * std::exp(-(t - 1) / tau) * std::sin(turn * (t - 1));
  };
  const double extreme = first * turn / std::hypot(turn, 1 / tau);
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const DrawnMotion m(signal, 2, {.noise = 5e-3}, seed);
    const Measured stop = m.of("vibration.stop_time", 1, 2, 1);
    EXPECT_NEAR(value(stop), tau * std::log(extreme / 0.1), 2e-3) << "seed " << seed;
    EXPECT_LT(2 * stop.value->u, 4e-3) << "seed " << seed;
  }
}

TEST(Motion, ThatDoesNotStopIsToldByALowerBound) {
  const DrawnMotion m([](double t) { return 2 * sine(t); }, 3, {.noise = 2e-3}, 1);
  const Measured going = m.of("vibration.stop_time", 1, 3, 1);
  EXPECT_TRUE(going.lower_bound);
  EXPECT_GT(value(going), 1.9);
  EXPECT_EQ(going.doubt, "it still moves at the end of the window");
  EXPECT_EQ(m.of("vibration.ring_down", 1, 3, 1).why_not.substr(0, 10), "the motion");
}

TEST(Motion, IsNotStillWhereNoiseHidesIt) {
  const DrawnMotion m([](double t) { return t < 1 ? 2 * sine(t) : 0; }, 3, {.noise = 0.1}, 1);
  EXPECT_EQ(m.of("vibration.stop_time", 1, 3, 1).why_not,
            "the channel's noise hides what counts as still");
}

TEST(Motion, HasItsCrossAxisAtItsOwnFrequency) {
  const DrawnMotion m([](double t) { return 2 * sine(t); },
                      [](double t) { return 0.06 * sine(t) + 0.3 * sine(t, 71); }, 4.2, {}, 1);
  EXPECT_NEAR(value(m.of("cross_axis.acceleration_x.to.acceleration.mean")), 3, 0.1);
  const DrawnMotion none([](double t) { return 2 * sine(t); }, [](double) { return 0; }, 4.2, {},
                         2);
  EXPECT_NEAR(value(none.of("cross_axis.acceleration_x.to.acceleration")), 0, 0.1);
  const DrawnMotion alone([](double t) { return 2 * sine(t); }, 4.2, {}, 3);
  EXPECT_EQ(alone.of("cross_axis.acceleration_x.to.acceleration").why_not,
            "it needs the channels acceleration_x and acceleration in m/s2");
}

TEST(Motion, AtFullScaleTellsNothingOfTheWindowItIsIn) {
  const DrawnMotion m([](double t) { return t < 1 ? 3 * sine(t) : sine(t); }, 4, {.range = 2}, 1);
  EXPECT_NE(m.of("vibration.largest").why_not.find("of acceleration: clipped"), std::string::npos);
  EXPECT_NEAR(value(m.of("vibration.largest", 1.1)), 1, 0.03);
}

TEST(Motion, IsStillWhereNothingMoves) {
  const DrawnMotion m([](double) { return 0.0; }, 2, {.noise = 5e-3}, 1);
  EXPECT_LT(value(m.of("vibration.largest")), 0.01);
  EXPECT_EQ(m.of("vibration.overshoot").why_not, "no sine stands out of the noise");
  EXPECT_TRUE(m.of("vibration.overshoot").device_silent);
}

TEST(Motion, DriftsByTheLineThroughItsWindows) {
  const DrawnMotion m([](double t) { return 2 * (1 + 0.01 * (t - 5) / 9) * sine(t); }, 10, {}, 1);
  EXPECT_NEAR(value(m.of("vibration.drift")), 1, 0.1) << "9 s from the first window to the last";
  EXPECT_EQ(m.of("vibration.drift", 0, 2.5).why_not, "a drift needs 3 windows");
}

TEST(Motion, KeepsItsPointsInBoundedMemory) {
  const CaptureInfo info{.channels = {{.name = "acceleration",
                                       .unit = "m/s2",
                                       .bits = 16,
                                       .clip_low = -32768,
                                       .clip_high = 32767}},
                         .rate = {2000, 1}};
  MotionTrack track(info, 0);
  std::vector<std::int16_t> codes(2000);
  for (std::size_t k = 0; k < codes.size(); ++k) {
    codes[k] =
        static_cast<std::int16_t>(std::lround(1e4 * sine(static_cast<double>(k) / 2000, 20)));
  }
  for (std::uint64_t s = 0; s < 5000; ++s) {
    CodeBlock block{.first_sample = 2000 * s, .channels = 1, .size = 2000};
    block.first_code[0] = codes.data();
    track.take(block);
  }
  EXPECT_LE(track.points().size(), std::size_t{1} << 22U);
  EXPECT_EQ(track.averaged(), 4u);
  EXPECT_EQ(track.points().size(), 2'500'000u);
  EXPECT_TRUE(track.continuous());
}

// Factors for Wk in thousandths as they are tabulated everywhere; the standard itself was not seen.
TEST(Weighting, IsTheOneOfTheTable) {
  struct Row {
    double hertz;
    double thousandths;
  };
  for (const Row& row : std::initializer_list<Row>{{1, 482},
                                                   {2, 531},
                                                   {4, 967},
                                                   {5, 1039},
                                                   {6.3, 1054},
                                                   {8, 1036},
                                                   {10, 988},
                                                   {12.5, 902},
                                                   {16, 768},
                                                   {20, 636},
                                                   {25, 513},
                                                   {31.5, 405},
                                                   {40, 314},
                                                   {50, 246},
                                                   {63, 186},
                                                   {80, 132}}) {
    EXPECT_NEAR(1000 * wk_weighting(row.hertz), row.thousandths, 1.2) << row.hertz;
  }
  EXPECT_EQ(wk_weighting(0), 0);
}

TEST(Weighting, OfASineIsItsRmsTimesTheFactor) {
  const DrawnMotion m([](double t) { return 2 * sine(t) + 0.2 * sine(t, 90); }, 4, {}, 1);
  const double expected =
      std::sqrt(0.5 * (std::pow(2 * wk_weighting(45), 2) + std::pow(0.2 * wk_weighting(90), 2)));
  EXPECT_NEAR(value(m.of("vibration.weighted.mean")), expected, 1e-3);
  EXPECT_NEAR(value(m.of("vibration.exposure_8h")), expected * std::sqrt(4.0 / 28800), 1e-5);
  EXPECT_NEAR(value(m.of("vibration.harmonic2.mean")), 10, 0.1);
  EXPECT_NEAR(value(m.of("vibration.harmonic3.mean")), 0, 0.1);
}

TEST(Weighting, NeedsAHarmonicThatTheSamplesCarry) {
  const DrawnMotion m([](double t) { return 2 * sine(t, 60); }, 4, {.rate = 400}, 1);
  EXPECT_EQ(m.of("vibration.harmonic5").why_not, "the samples do not carry that harmonic");
}

}  // namespace
}  // namespace rig::testing
