// The closed form of a low-passed signal against numerical integration of the same equation.
#include "fixtures/simulated/waveform.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

#include "fixtures/simulated/signal_history.h"

namespace rig::simulated {
namespace {

// dy/dt = pole (x - y) by the classical Runge-Kutta method; returns y(t).
double integrated(const Waveform& x, double pole, double start, double t, int steps) {
  const double h = t / steps;
  const auto rate = [&](double s, double y) { return pole * (x.at(s) - y); };
  double y = start;
  for (int n = 0; n < steps; ++n) {
    const double s = n * h;
    const double k1 = rate(s, y);
    const double k2 = rate(s + h / 2, y + h / 2 * k1);
    const double k3 = rate(s + h / 2, y + h / 2 * k2);
    const double k4 = rate(s + h, y + h * k3);
    y += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
  }
  return y;
}

TEST(LowPass, AgreesWithRungeKutta) {
  std::mt19937_64 draw(21);
  std::uniform_real_distribution<double> unit(-1, 1);
  for (int n = 0; n < 60; ++n) {
    const double pole = std::pow(10, 5 + 2 * unit(draw));
    Waveform x{.level = unit(draw), .slope = unit(draw) * pole};
    x.decays[0] = {unit(draw), pole * std::pow(10, 1.5 * unit(draw))};
    x.decays[1] = {unit(draw), pole * std::pow(10, 1.5 * unit(draw))};
    const double start = unit(draw);
    const Waveform y = low_passed(x, pole, start);
    for (const double t : {0.01, 0.3, 1.0, 4.0}) {
      ASSERT_NEAR(y.at(t / pole), integrated(x, pole, start, t / pole, 8000), 1e-9)
          << "pole " << pole << ", after " << t << " time constants";
    }
  }
}

TEST(LowPass, AgreesWhereADecayIsAsFastAsThePole) {
  const double pole = 1e6;
  for (const double beside : {0.0, 1e-12, -1e-12, 1e-9, -3e-7, 9.9e-7, 1.1e-6, 1e-4}) {
    Waveform x{.level = 0.5};
    x.decays[1] = {2.0, pole * (1 + beside)};
    const Waveform y = low_passed(x, pole, -1);
    for (const double t : {0.1, 1.0, 3.0}) {
      ASSERT_NEAR(y.at(t / pole), integrated(x, pole, -1, t / pole, 4000), 3e-6)
          << "rate off by " << beside;
    }
  }
}

TEST(LowPass, BeginsWhereItWas) {
  const Waveform y = low_passed({.level = 3, .slope = 100}, 1e5, -2);
  EXPECT_DOUBLE_EQ(y.at(0), -2);
}

TEST(LowPass, FollowsAConstantInTheEnd) {
  EXPECT_NEAR(low_passed({.level = 3}, 1e6, -2).at(1e-4), 3, 1e-12);
}

TEST(LowPass, ReachesHalfOfAStepAfterLogTwo) {
  EXPECT_NEAR(low_passed({.level = 1}, 1e6, 0).at(std::log(2.0) * 1e-6), 0.5, 1e-12);
}

TEST(SignalHistory, IsContinuousBehindTheLowPassWhateverTheSignalDoes) {
  std::mt19937_64 draw(22);
  std::uniform_real_distribution<double> unit(-1, 1);
  SignalHistory history({3e5});
  Picos t(0);
  history.append(t, {Waveform{}}, 0);
  for (int n = 0; n < 200; ++n) {
    t += Picos(1 + static_cast<std::int64_t>(draw() % 20'000'000));
    const double before = SignalHistory::value(history.segments().back(), 0, t);
    Waveform x{.level = unit(draw)};
    x.decays[0] = {unit(draw), 1e4};
    history.append(t, {x}, 0);
    ASSERT_NEAR(SignalHistory::value(history.segments().back(), 0, t), before, 1e-12);
  }
}

TEST(SignalHistory, ReplacesASegmentAtTheSameInstant) {
  SignalHistory history({0});
  history.append(Picos(0), {Waveform{.level = 1}}, 0);
  history.append(Picos(5), {Waveform{.level = 2}}, 0);
  history.append(Picos(5), {Waveform{.level = 3}}, 1);
  ASSERT_EQ(history.segments().size(), 2u);
  EXPECT_EQ(history.segments().back().inputs[0].level, 3);
  EXPECT_EQ(history.segments().back().logic, 1u);
}

TEST(SignalHistory, ForgetsWhatHasEndedAndKeepsWhatHolds) {
  SignalHistory history({0});
  for (const int t : {0, 10, 20, 30}) history.append(Picos(t), {Waveform{}}, 0);
  history.forget_before(Picos(19));
  EXPECT_EQ(history.segments().front().begin, Picos(10));
  history.forget_before(Picos(20));
  EXPECT_EQ(history.segments().front().begin, Picos(20));
  history.forget_before(Picos(1000));
  ASSERT_EQ(history.segments().size(), 1u);
  EXPECT_EQ(history.segments().front().begin, Picos(30));
}

}  // namespace
}  // namespace rig::simulated
