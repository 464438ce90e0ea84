// Quantities with a closed form: what is drawn says what must come out.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "tests/measure/drawn.h"

namespace rig::testing {
namespace {

constexpr Scope kFine{.rate = {10'000'000, 1}, .bits = 16};

Drawn one_pulse(double tau) {
  Drawn drawn{.length = 3e-3, .tau = tau};
  add_biphasic(drawn, 0.5e-3, 40e-3, 300e-6, 100e-6);
  return drawn;
}

TEST(Transition, OfAnExponentialEdgeIsItsTimeConstantTimesLn9) {
  const double tau = 2e-6;
  const Measuring capture(record(one_pulse(tau), kFine));
  for (const char* name : {"phase1.first_transition", "phase1.second_transition",
                           "phase2.first_transition", "phase2.second_transition"}) {
    EXPECT_NEAR(capture.value(name), tau * std::log(9), 2e-9) << name;
  }
}

TEST(Settling, OfAnExponentialEdgeIsItsTimeConstantTimesLn25) {
  const double tau = 2e-6;  // from 50 % to 98 %
  const Measuring capture(record(one_pulse(tau), kFine));
  EXPECT_NEAR(capture.value("phase1.settling"), tau * std::log(25), 5e-9);
}

TEST(Droop, IsWhatTheStateLosesFromItsBeginToItsEnd) {
  Drawn drawn{.length = 3e-3};
  drawn.current.push_back({.begin = 0.5e-3, .width = 400e-6, .level = 40e-3, .droop = 250});
  const Measuring capture(record(drawn, kFine));
  // Over the middle 80 % of 400 us: 1 - exp(-250 / s * 320 us) = 7.69 %.
  EXPECT_NEAR(capture.value("phase1.droop"), 100 * (1 - std::exp(-250 * 320e-6)), 0.05);
}

TEST(Overshoot, IsTheExcessAfterTheFirstTransition) {
  Drawn drawn = one_pulse(1e-6);
  drawn.current.push_back({.begin = 0.5e-3, .width = 5e-6, .level = 8e-3});  // 20 %
  const Measuring capture(record(drawn, kFine));
  EXPECT_NEAR(capture.value("phase1.overshoot"), 20, 1.0);
  EXPECT_NEAR(capture.value("phase2.overshoot"), 0, 0.2);
  EXPECT_NEAR(capture.value("phase1.peak"), 48e-3, 0.5e-3);
  EXPECT_NEAR(capture.value("phase1.mode"), 40e-3, 0.02e-3);
  EXPECT_NEAR(capture.value("phase2.mode"), 40e-3, 0.02e-3);
}

TEST(Undershoot, IsTheShortfallAfterTheFirstTransition) {
  Drawn drawn = one_pulse(1e-6);
  drawn.current.push_back({.begin = 0.505e-3, .width = 3e-6, .level = -6e-3});  // 15 %
  const Measuring capture(record(drawn, kFine));
  EXPECT_NEAR(capture.value("phase1.undershoot"), 15 * (1 - std::exp(-3)), 2.0);
}

TEST(Aftershoot, IsTheExcursionBeyondTheBaseline) {
  Drawn drawn{.length = 3e-3, .tau = 1e-6};
  drawn.current.push_back({.begin = 0.5e-3, .width = 300e-6, .level = 40e-3});
  drawn.current.push_back({.begin = 0.8e-3, .width = 12e-6, .level = -0.8e-3});  // 2 %
  const Measuring capture(record(drawn, kFine));
  EXPECT_NEAR(capture.value("phase1.aftershoot"), 2, 0.3);
  EXPECT_NEAR(capture.value("phase1.preshoot"), 0, 0.05);
}

TEST(Duration, SpansAllPhases) {
  const Measuring capture(record(one_pulse(0), kFine));
  EXPECT_NEAR(capture.value("pulse.duration"), 700e-6, 0.1e-6);
}

TEST(Duty, IsTheShareOfThePeriodThatAPulseLasts) {
  const Measuring capture(record(train(20, 10e-3, 20e-3, 300e-6, 100e-6)));
  EXPECT_NEAR(capture.value("duty"), 7.0, 0.02);
  EXPECT_NEAR(capture.value("separation"), 9.3e-3, 1e-6);
}

struct Rhythm {
  std::vector<double> onsets;  // s
  Measuring capture;
};

// Pulses on whole samples, so that the drawn onsets are exactly those found.
Rhythm irregular(const std::vector<double>& periods) {
  Drawn drawn;
  std::vector<double> onsets{5e-3};
  for (const double p : periods) onsets.push_back(std::round((onsets.back() + p) * 1e6) * 1e-6);
  for (const double t : onsets) add_biphasic(drawn, t, 20e-3, 200e-6, 100e-6);
  drawn.length = onsets.back() + 5e-3;
  return {onsets, Measuring(record(drawn))};
}

TEST(Jitter, IsTheSpreadOfThePeriods) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> scatter(0, 50e-6);
  std::vector<double> periods(400);
  for (double& p : periods) p = 10e-3 + scatter(random);
  const Rhythm r = irregular(periods);
  std::vector<double> found;
  for (std::size_t k = 1; k < r.onsets.size(); ++k) found.push_back(r.onsets[k] - r.onsets[k - 1]);
  const auto n = static_cast<double>(found.size());
  double mean = 0;
  for (const double p : found) mean += p / n;
  std::vector<double> distance;
  double square = 0;
  double steps = 0;
  for (std::size_t k = 0; k < found.size(); ++k) {
    distance.push_back(std::fabs(found[k] - mean));
    square += distance.back() * distance.back();
    if (k > 0) steps += std::pow(found[k] - found[k - 1], 2);
  }
  std::ranges::sort(distance);
  EXPECT_NEAR(r.capture.value("period.jitter"), std::sqrt(square / (n - 1)), 1e-9);
  EXPECT_NEAR(r.capture.value("period.jitter_peak"), distance.back(), 1e-9);
  EXPECT_NEAR(r.capture.value("period.jitter_p999"), distance.back(), 0.012 * distance.back());
  EXPECT_NEAR(r.capture.value("period.cycle_to_cycle"), std::sqrt(steps / (n - 1)), 1e-9);
}

TEST(Drift, IsTheChangeOfThePeriodOverTheWindow) {
  std::vector<double> periods;
  for (int k = 0; k < 200; ++k) periods.push_back(10e-3 + 1e-6 * k);  // +2 %
  const Rhythm r = irregular(periods);
  EXPECT_NEAR(r.capture.value("period.drift"), 100 * 199e-6 / 10.0995e-3, 0.01);
  // A parabola a k^2 differs from its best line by a (n^2 - 1) / 6 at either end.
  const double n = 201;
  EXPECT_NEAR(r.capture.value("tie.peak"), 0.5e-6 * (n * n - 1) / 6, 0.02 * 0.5e-6 * n * n / 6);
}

TEST(Rhythm, CountsMissingAndDoublePulses) {
  std::vector<double> periods(50, 10e-3);
  periods[10] = 20e-3;  // one is missing
  periods[20] = 30e-3;  // two are
  periods[30] = 2e-3;   // one is double
  const Rhythm r = irregular(periods);
  EXPECT_EQ(r.capture.value("pulse.missing"), 3);
  EXPECT_EQ(r.capture.value("pulse.extra"), 1);
  const Measured missing = r.capture.take("pulse.missing");
  const Picos first = r.capture.recording_info().armed_at + from_seconds(r.onsets[10]);
  EXPECT_NEAR(to_seconds(*missing.value->at - first), 0, 2e-6);
}

TEST(Ramp, HasItsSlopeAndNoFalls) {
  Drawn drawn;
  for (int k = 0; k < 40; ++k) {
    const double amps = 2e-3 + 1e-3 * std::min(k, 20) - (k == 12 ? 2.5e-3 : 0);
    add_biphasic(drawn, 5e-3 + 20e-3 * k, amps, 200e-6, 100e-6);
  }
  drawn.length = 0.85;
  const Measuring capture(record(drawn, kFine));
  EXPECT_NEAR(capture.value("ramp.slope"), 50e-3, 2e-3);
  EXPECT_EQ(capture.value("ramp.falls"), 1);
}

}  // namespace
}  // namespace rig::testing
