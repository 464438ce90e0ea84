// Trains: statistics, periods and missing pulses, bursts, ramps.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "tests/measure/drawn.h"

namespace rig::testing {
namespace {

constexpr double kStep = 1e-6;

// Pulses of the given widths (s) and amplitudes (A), 20 ms apart.
Measuring of_widths(const std::vector<double>& widths, const Scope& scope = {}) {
  Drawn drawn{.length = 5e-3 + 20e-3 * static_cast<double>(widths.size())};
  for (std::size_t k = 0; k < widths.size(); ++k) {
    add_biphasic(drawn, 5e-3 + 20e-3 * static_cast<double>(k), 20e-3, widths[k], 100e-6);
  }
  return Measuring(record(drawn, scope));
}

Drawn at_times(const std::vector<double>& onsets) {
  Drawn drawn{.length = onsets.back() + 30e-3};
  for (const double t : onsets) add_biphasic(drawn, t, 20e-3, 200e-6, 100e-6);
  return drawn;
}

TEST(Statistic, EachTakesWhatItSays) {
  const Measuring capture = of_widths({210e-6, 190e-6, 260e-6, 200e-6, 205e-6});
  EXPECT_NEAR(capture.value("phase1.width.mean"), 213e-6, kStep);
  EXPECT_NEAR(capture.value("phase1.width.min"), 190e-6, kStep);
  EXPECT_NEAR(capture.value("phase1.width.max"), 260e-6, kStep);
  EXPECT_NEAR(capture.value("phase1.width.first"), 210e-6, kStep);
  EXPECT_NEAR(capture.value("phase1.width.last"), 205e-6, kStep);
  EXPECT_NEAR(capture.value("phase1.width.sd"), 27.29e-6, kStep) << "n - 1";
}

TEST(Statistic, EveryTakesThePulseWithTheLeastMargin) {
  const Measuring capture = of_widths({200e-6, 204e-6, 193e-6, 200e-6});
  const Limit wide = between(150e-6, 206e-6, "s");
  const Measured nearest_high = capture.take("phase1.width", &wide);
  EXPECT_NEAR(nearest_high.value->value, 204e-6, kStep);
  const Limit low = between(192e-6, 260e-6, "s");
  const Measured nearest_low = capture.take("phase1.width", &low);
  EXPECT_NEAR(nearest_low.value->value, 193e-6, kStep);
  EXPECT_NEAR(to_seconds(*nearest_low.value->at - capture.recording_info().armed_at), 45e-3, kStep);
  EXPECT_EQ(nearest_low.value->count, 4u);
  EXPECT_NEAR(nearest_low.value->lowest, 193e-6, kStep);
  EXPECT_NEAR(nearest_low.value->highest, 204e-6, kStep);
}

TEST(Statistic, EveryPassesOnlyWhenEveryPulseDoes) {
  std::mt19937_64 draw(11);
  const Limit limit = between(190e-6, 210e-6, "s");
  for (int n = 0; n < 100; ++n) {
    std::vector<double> widths(6);
    std::ranges::generate(widths, [&] { return 1e-6 * static_cast<double>(186 + draw() % 29); });
    const bool all_good =
        std::ranges::all_of(widths, [](double w) { return w > 188.5e-6 && w < 211.5e-6; });
    const bool one_bad =
        std::ranges::any_of(widths, [](double w) { return w < 188.5e-6 || w > 211.5e-6; });
    const bool doubtful = std::ranges::any_of(widths, [](double w) {
      return std::min(std::fabs(w - 190e-6), std::fabs(w - 210e-6)) < 1.6e-6;
    });
    const Verdict verdict =
        judge(*of_widths(widths).take("phase1.width", &limit).value, limit).verdict;
    if (one_bad) {
      ASSERT_EQ(verdict, Verdict::kFail);
    } else if (all_good && !doubtful) {
      ASSERT_EQ(verdict, Verdict::kPass);
    }
  }
}

TEST(Statistic, HasItsNameInTheMeasurement) {
  const Measuring capture = of_widths({200e-6, 201e-6, 202e-6});
  EXPECT_EQ(capture.take("phase1.width.max").value->name, "phase1.width.max");
  EXPECT_EQ(capture.take("phase1.width.max").value->statistic, "max");
  EXPECT_EQ(capture.take("phase1.width").value->statistic, "every");
  EXPECT_EQ(capture.take("period.min").value->name, "period.min");
}

TEST(Statistic, OfScatterNeedsTwoPulses) {
  EXPECT_EQ(of_widths({200e-6}).take("phase1.width.sd").why_not, "one pulse has no scatter");
}

TEST(Statistic, LooksAtThePulsesOfTheWindowAlone) {
  Measuring capture = of_widths({300e-6, 200e-6, 200e-6, 100e-6});
  capture.look_from(20e-3);
  capture.look_to(60e-3);
  EXPECT_EQ(capture.value("pulse.count"), 2);
  EXPECT_NEAR(capture.value("phase1.width.max"), 200e-6, kStep);
  EXPECT_NEAR(capture.value("phase1.width.min"), 200e-6, kStep);
}

TEST(Period, IsTheTimeBetweenOnsets) {
  const Measuring capture(record(at_times({5e-3, 25e-3, 45.5e-3, 65e-3})));
  EXPECT_NEAR(capture.value("period.mean"), 20e-3, kStep);
  EXPECT_NEAR(capture.value("period.max"), 20.5e-3, kStep);
  EXPECT_NEAR(capture.value("period.min"), 19.5e-3, kStep);
  EXPECT_NEAR(capture.value("period.first"), 20e-3, kStep);
  EXPECT_NEAR(capture.value("period.last"), 19.5e-3, kStep);
  EXPECT_NEAR(capture.value("rate"), 50, 0.01);
}

TEST(Period, ShowsAMissingPulse) {
  std::vector<double> onsets;
  for (int k = 0; k < 50; ++k) {
    if (k != 31) onsets.push_back(5e-3 + 20e-3 * k);
  }
  const Measuring capture(record(at_times(onsets)));
  const Limit limit = between(19.9e-3, 20.1e-3, "s");
  const Measured period = capture.take("period", &limit);
  EXPECT_NEAR(period.value->value, 40e-3, kStep);
  EXPECT_NEAR(to_seconds(*period.value->at - capture.recording_info().armed_at), 5e-3 + 30 * 20e-3,
              kStep);
  EXPECT_EQ(judge(*period.value, limit).verdict, Verdict::kFail);
}

TEST(Period, ShowsADoublePulse) {
  const Measuring capture(record(at_times({5e-3, 25e-3, 28e-3, 45e-3, 65e-3})));
  const Limit limit = between(19.9e-3, 20.1e-3, "s");
  EXPECT_NEAR(capture.take("period", &limit).value->value, 3e-3, kStep);
  EXPECT_EQ(capture.value("pulse.count"), 5);
}

TEST(Period, NeedsTwoPulses) {
  const Measured period = Measuring(record(at_times({5e-3}))).take("period");
  EXPECT_FALSE(period.value.has_value());
  EXPECT_TRUE(period.device_silent);
}

TEST(Jitter, IsTheStandardDeviationOfThePeriods) {
  std::mt19937_64 draw(12);
  std::normal_distribution<double> late(0, 30e-6);
  std::vector<double> periods;
  std::vector<double> onsets{5e-3};
  for (int k = 0; k < 300; ++k) {
    periods.push_back(20e-3 + late(draw));
    onsets.push_back(onsets.back() + periods.back());
  }
  double mean = 0;
  for (const double p : periods) mean += p / 300;
  double square = 0;
  for (const double p : periods) square += (p - mean) * (p - mean) / 299;
  const Measuring capture(record(at_times(onsets), {.has_voltage = false}));
  EXPECT_NEAR(capture.value("period.jitter"), std::sqrt(square), 0.5e-6);
}

TEST(Jitter, NeedsThreePulses) {
  EXPECT_FALSE(Measuring(record(at_times({5e-3, 25e-3}))).take("period.jitter").value.has_value());
}

TEST(Rate, CountsTheClocksErrorIntoItsUncertainty) {
  const Measuring capture(record(at_times({5e-3, 25e-3, 45e-3}), {.rate_u = 50e-6}));
  EXPECT_GT(capture.take("rate").value->u, 50 * 50e-6 * 0.99);
}

// Bursts of `pulses` at 100 Hz, beginning at the given times.
Drawn bursts(const std::vector<double>& begins, const std::vector<int>& pulses, double length) {
  Drawn drawn{.length = length};
  for (std::size_t k = 0; k < begins.size(); ++k) {
    for (int n = 0; n < pulses[k]; ++n) {
      add_biphasic(drawn, begins[k] + 10e-3 * n, 20e-3, 200e-6, 100e-6);
    }
  }
  return drawn;
}

TEST(Burst, IsCountedAndTimed) {
  const Measuring capture(record(bursts({0.05, 0.45, 0.85}, {20, 20, 20}, 1.3)));
  EXPECT_EQ(capture.value("burst.count"), 3);
  EXPECT_EQ(capture.value("burst.pulses"), 20);
  EXPECT_NEAR(capture.value("burst.on_time"), 0.2, 3 * kStep);
  EXPECT_NEAR(capture.value("burst.off_time"), 0.2, 3 * kStep);
}

TEST(Burst, WithAPulseTooManyDecides) {
  const Measuring capture(record(bursts({0.05, 0.45, 0.85}, {20, 21, 20}, 1.3)));
  const Limit limit = between(20, 20, "1");
  const Measured pulses = capture.take("burst.pulses", &limit);
  EXPECT_EQ(pulses.value->value, 21);
  EXPECT_EQ(pulses.value->lowest, 20);
  EXPECT_EQ(pulses.value->highest, 21);
}

TEST(Burst, StillGoingOnAtTheEndIsNotCounted) {
  const Measuring capture(record(bursts({0.05, 0.45, 0.85}, {20, 20, 20}, 0.95)));
  EXPECT_EQ(capture.value("burst.count"), 2);
  EXPECT_EQ(capture.value("burst.pulses"), 20);
}

TEST(Burst, AlreadyGoingOnAtTheBeginningIsNotCounted) {
  Measuring capture(record(bursts({0.05, 0.45, 0.85}, {20, 20, 20}, 1.3)));
  capture.look_from(0.152);  // ten of the first burst's pulses are left
  EXPECT_EQ(capture.value("burst.count"), 2);
  const Limit limit = between(20, 20, "1");
  EXPECT_EQ(capture.take("burst.pulses", &limit).value->value, 20);
  EXPECT_NEAR(capture.value("burst.off_time"), 0.2, 3 * kStep) << "the rest after it was seen";
}

TEST(Burst, SurvivesAMissingPulse) {
  Drawn drawn = bursts({0.05, 0.45}, {20, 20}, 0.9);
  drawn.current.erase(drawn.current.begin() + 10, drawn.current.begin() + 12);
  const Measuring capture(record(drawn));
  EXPECT_EQ(capture.value("burst.count"), 2);
}

Drawn ramp(std::size_t up, std::size_t flat, std::size_t down) {
  Drawn drawn;
  double t = 5e-3;
  const auto add = [&](double part) {
    add_biphasic(drawn, t, 40e-3 * part, 200e-6, 100e-6);
    t += 20e-3;
  };
  for (std::size_t k = 1; k < up; ++k) add(static_cast<double>(k) / static_cast<double>(up));
  for (std::size_t k = 0; k < flat; ++k) add(1);
  for (std::size_t k = down - 1; k > 0; --k)
    add(static_cast<double>(k) / static_cast<double>(down));
  drawn.length = t + 20e-3;
  return drawn;
}

TEST(Ramp, IsTimedBetweenItsEndAndTheFirstAndLastPulse) {
  const Measuring capture(record(ramp(50, 20, 25), {.noise = 50e-6}));
  // 95 % of the top is reached at the 48th of 50 steps, and left one of 25 steps below it.
  EXPECT_NEAR(capture.value("ramp.up_time"), 47 * 20e-3, 21e-3);
  EXPECT_NEAR(capture.value("ramp.down_time"), 23 * 20e-3, 21e-3);
}

TEST(Ramp, ShowsItsLargestStep) {
  Drawn drawn = ramp(40, 10, 40);
  drawn.current[40].level += 5e-3;  // the 21st pulse, 20.5 mA over zero before
  const Measuring capture(record(drawn));
  EXPECT_NEAR(capture.value("ramp.largest_step"), 6e-3, 1e-4);
}

TEST(Ramp, OfNoneTakesNoTime) {
  const Measuring capture(record(train(10, 20e-3, 40e-3, 200e-6, 100e-6)));
  EXPECT_EQ(capture.value("ramp.up_time"), 0);
  EXPECT_LT(capture.value("ramp.largest_step"), 0.2e-3);
}

TEST(Rms, DoesNotCountTheNoise) {
  // Of 2 mA in 0.4 ms; 0.2 mA of noise over the whole region of 1.5 ms would add 4 % to the square.
  const Measuring capture(
      record(train(40, 10e-3, 2e-3, 200e-6, 100e-6), {.has_voltage = false, .noise = 170e-6}));
  EXPECT_NEAR(capture.value("rms"), 2e-3 * std::sqrt(400e-6 / 10e-3), 0.007 * 0.4e-3);
}

TEST(Width, CountsTheClocksErrorIntoItsUncertainty) {
  const Measuring capture = of_widths({200e-6, 200e-6}, {.rate_u = 0.02});
  EXPECT_GT(capture.take("phase1.width").value->u, 0.02 * 199e-6);
  EXPECT_GT(capture.take("period").value->u, 0.02 * 19.9e-3);
}

TEST(Peak, IsTheLargestMagnitudeOfEitherSign) {
  Drawn drawn = train(5, 20e-3, 20e-3, 200e-6, 100e-6);
  drawn.current[5].level = -33e-3;
  const Measuring capture(record(drawn));
  EXPECT_NEAR(capture.value("current.peak"), 33e-3, 1e-4);
  EXPECT_NEAR(capture.value("voltage.peak"), 16.5, 0.1);
}

TEST(Peak, OfSilenceIsZeroWithinTheThreshold) {
  const Measured peak = Measuring(record({.length = 20e-3})).take("current.peak");
  EXPECT_EQ(peak.value->value, 0);
  EXPECT_DOUBLE_EQ(2 * peak.value->u, 1e-3);
}

}  // namespace
}  // namespace rig::testing
