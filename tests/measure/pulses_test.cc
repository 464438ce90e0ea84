// Shapes: what one drawn pulse is found to be.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/measure/drawn.h"

namespace rig::testing {
namespace {

constexpr double kStep = 1e-6;          // s, at the scope's 1 MHz
constexpr double kCode = 0.15 / 2048;   // A
constexpr double kCoarse = 0.15 / 128;  // A, of 8 bits

Pulse only_pulse(const Drawn& drawn, const Scope& scope = {}) {
  const Found found = find(record(drawn, scope));
  EXPECT_EQ(found.pulses.size(), 1u);
  return found.pulses.empty() ? Pulse{} : found.pulses.front();
}

TEST(PulseFinder, FindsNothingInSilence) {
  const Found found = find(record({.length = 10e-3}));
  EXPECT_TRUE(found.pulses.empty());
  EXPECT_EQ(found.totals.samples, 10'000u);
  EXPECT_EQ(found.totals.losses, 0u);
  EXPECT_EQ(found.totals.segments, 1u);
}

TEST(PulseFinder, MeasuresABiphasicPulse) {
  Drawn drawn;
  add_biphasic(drawn, 1e-3, 20e-3, 200e-6, 100e-6);
  const Pulse p = only_pulse(drawn);
  EXPECT_EQ(p.phases, 2);
  EXPECT_NEAR(p.first.width, 200e-6, kStep);
  EXPECT_NEAR(p.second.width, 200e-6, kStep);
  EXPECT_NEAR(p.gap, 100e-6, kStep);
  EXPECT_NEAR(p.first.amplitude, 20e-3, kCode / 2);
  EXPECT_NEAR(p.second.amplitude, -20e-3, kCode / 2);
  EXPECT_NEAR(p.first.charge, 4e-6, 200e-6 * kCode / 2 + 20e-3 * kStep);
  EXPECT_NEAR(p.second.charge, -4e-6, 200e-6 * kCode / 2 + 20e-3 * kStep);
  EXPECT_NEAR(p.net_charge, 0, 20e-3 * kStep);
  EXPECT_NEAR(p.energy, 500 * 20e-3 * 20e-3 * 400e-6, 1e-6);
  EXPECT_NEAR(p.voltage_peak, 10.0, 0.1);
  EXPECT_NEAR(p.current_peak, 20e-3, kCode);
  EXPECT_FALSE(p.cut);
  EXPECT_FALSE(p.clipped);
}

TEST(PulseFinder, PlacesThePulseOnTheBenchClock) {
  Drawn drawn;
  add_biphasic(drawn, 1.0005e-3, 20e-3, 200e-6, 100e-6);
  const Recording recording = record(drawn);
  const Pulse p = find(recording).pulses.at(0);
  const auto since_armed = [&](Picos t) { return to_seconds(t - recording.info.armed_at); };
  EXPECT_NEAR(since_armed(p.first.begin), 1.0005e-3, kStep / 2 + 1e-9);
  EXPECT_NEAR(since_armed(p.second.begin), 1.3005e-3, kStep / 2 + 1e-9);
  EXPECT_NEAR(since_armed(p.active_begin), 1.0005e-3, kStep);
  EXPECT_NEAR(since_armed(p.active_end), 1.5005e-3, kStep);
}

TEST(PulseFinder, MeasuresAMonophasicPulse) {
  const Pulse p = only_pulse({.current = {{.begin = 1e-3, .width = 560e-6, .level = 27e-3}}});
  EXPECT_EQ(p.phases, 1);
  EXPECT_NEAR(p.first.width, 560e-6, kStep);
  EXPECT_EQ(p.second.width, 0);
  EXPECT_EQ(p.second.charge, 0);
  EXPECT_NEAR(p.net_charge, 15.12e-6, 560e-6 * kCode / 2 + 27e-3 * kStep);
}

TEST(PulseFinder, KeepsTheSignOfAPulseThatBeginsNegative) {
  Drawn drawn;
  add_biphasic(drawn, 1e-3, -20e-3, 200e-6, 100e-6);
  const Pulse p = only_pulse(drawn);
  EXPECT_NEAR(p.first.amplitude, -20e-3, kCode / 2);
  EXPECT_NEAR(p.second.amplitude, 20e-3, kCode / 2);
  EXPECT_LT(p.first.charge, 0);
  EXPECT_GT(p.energy, 0);
}

TEST(PulseFinder, MeasuresAnAsymmetricPulse) {
  const Pulse p = only_pulse({.current = {{.begin = 1e-3, .width = 150e-6, .level = 80e-3},
                                          {.begin = 1.25e-3, .width = 600e-6, .level = -20e-3}}});
  EXPECT_NEAR(p.first.width, 150e-6, kStep);
  EXPECT_NEAR(p.second.width, 600e-6, kStep);
  EXPECT_NEAR(p.gap, 100e-6, kStep);
  EXPECT_NEAR(p.first.amplitude, 80e-3, kCode / 2);
  EXPECT_NEAR(p.second.amplitude, -20e-3, kCode / 2);
  EXPECT_NEAR(p.net_charge, 0, 80e-3 * kStep + 750e-6 * kCode);
}

TEST(PulseFinder, MeasuresPhasesWithoutAGap) {
  Drawn drawn;
  add_biphasic(drawn, 1e-3, 50e-3, 300e-6, 0);
  const Pulse p = only_pulse(drawn);
  EXPECT_EQ(p.phases, 2);
  EXPECT_NEAR(p.first.width, 300e-6, kStep);
  EXPECT_NEAR(p.second.width, 300e-6, kStep);
  EXPECT_NEAR(p.gap, 0, kStep);
  EXPECT_NEAR(p.first.charge, 15e-6, 50e-3 * kStep + 300e-6 * kCode);
}

TEST(PulseFinder, TakesTheMeanOfADroopingStateAndAllOfItsCharge) {
  // 500 ohm and 1 uF: 500 us.
  const DrawnPhase phase{.begin = 1e-3, .width = 200e-6, .level = 40e-3, .droop = 2000};
  const Pulse p = only_pulse({.current = {phase}});
  const double middle = 40e-3 / (2000 * 160e-6) * (std::exp(-0.04) - std::exp(-0.36));
  EXPECT_NEAR(p.first.amplitude, middle, kCode);
  EXPECT_NEAR(p.first.charge, phase.charge(), 40e-3 * kStep + 200e-6 * kCode / 2);
  EXPECT_NEAR(p.first.width, 200e-6, kStep);
}

TEST(PulseFinder, SeesTheRecoveryAfterADroopAsTheSecondPhase) {
  // A voltage step into R and C: the current droops, then flows back when the step ends.
  const double back = -40e-3 * (1 - std::exp(-0.4));
  const Pulse p =
      only_pulse({.current = {{.begin = 1e-3, .width = 200e-6, .level = 40e-3, .droop = 2000},
                              {.begin = 1.2e-3, .width = 5e-3, .level = back, .droop = 2000}},
                  .length = 9e-3});
  EXPECT_EQ(p.phases, 2);
  EXPECT_NEAR(p.net_charge, 0, 0.02 * p.first.charge);
}

TEST(PulseFinder, KeepsTailsBeyondTheThresholdOutOfTheState) {
  // Electrode capacitance discharging through the stage: after either phase a tenth of it flows
  // back, in the gap in the direction of the second phase.
  const Pulse p =
      only_pulse({.current = {{.begin = 1e-3, .width = 300e-6, .level = 20e-3},
                              {.begin = 1.3e-3, .width = 100e-6, .level = -2e-3, .droop = 2000},
                              {.begin = 1.4e-3, .width = 300e-6, .level = -20e-3},
                              {.begin = 1.7e-3, .width = 2e-3, .level = -4e-3, .droop = 500}},
                  .length = 9e-3});
  EXPECT_EQ(p.phases, 2);
  EXPECT_NEAR(p.gap, 100e-6, kStep);
  EXPECT_NEAR(p.second.amplitude, -20e-3, kCode);
  EXPECT_NEAR(p.second.width, 300e-6, kStep);
}

TEST(PulseFinder, KeepsALongTailOfTheSameSignOutOfTheState) {
  const Pulse p =
      only_pulse({.current = {{.begin = 1e-3, .width = 300e-6, .level = 20e-3},
                              {.begin = 1.3e-3, .width = 4e-3, .level = 5e-3, .droop = 400}},
                  .length = 9e-3});
  EXPECT_EQ(p.phases, 1);
  EXPECT_NEAR(p.first.amplitude, 20e-3, kCode);
  EXPECT_NEAR(p.first.width, 300e-6, kStep);
}

TEST(PulseFinder, SmoothsNothingAwayBehindALowPass) {
  Drawn drawn{.tau = 8e-6};  // 20 kHz: the edges take many samples
  add_biphasic(drawn, 1e-3, 20e-3, 200e-6, 100e-6);
  const Pulse p = only_pulse(drawn);
  EXPECT_NEAR(p.first.width, 200e-6, kStep);
  EXPECT_NEAR(p.gap, 100e-6, kStep);
  EXPECT_NEAR(p.first.charge, 4e-6, 2e-3 * 4e-6);
  EXPECT_NEAR(p.net_charge, 0, 2e-3 * 4e-6);
}

TEST(PulseFinder, MeasuresThroughNoise) {
  Drawn drawn;
  add_biphasic(drawn, 1e-3, 20e-3, 200e-6, 100e-6);
  const Pulse p = only_pulse(drawn, {.noise = 150e-6});
  EXPECT_EQ(p.phases, 2);
  EXPECT_NEAR(p.first.width, 200e-6, 1.1 * kStep);
  EXPECT_NEAR(p.first.amplitude, 20e-3, 5 * 150e-6 / 10);
  EXPECT_NEAR(p.noise, 150e-6, 5 * 150e-6 / 16);
}

TEST(PulseFinder, MeasuresWithEightBits) {
  Drawn drawn;
  add_biphasic(drawn, 1e-3, 60e-3, 200e-6, 100e-6);
  const Pulse p = only_pulse(drawn, {.bits = 8});
  EXPECT_NEAR(p.first.width, 200e-6, kStep);
  EXPECT_NEAR(p.gap, 100e-6, kStep);
  EXPECT_NEAR(p.first.amplitude, 60e-3, kCoarse / 2 * 1.01);
}

TEST(PulseFinder, SubtractsTheBaseline) {
  Drawn drawn{.baseline = 600e-6};
  add_biphasic(drawn, 1e-3, 20e-3, 200e-6, 100e-6);
  const Pulse p = only_pulse(drawn);
  EXPECT_NEAR(p.baseline, 600e-6, kCode / 2);
  EXPECT_NEAR(p.first.amplitude, 20e-3, kCode);
  EXPECT_NEAR(p.second.amplitude, -20e-3, kCode);
}

TEST(PulseFinder, KeepsTheBaselineFreeOfThePulsesOwnEdge) {
  // A weak pulse behind a slow low pass: its edge climbs below the threshold for 16 samples.
  Drawn drawn{.tau = 20e-6};
  drawn.current = {{.begin = 1e-3, .width = 300e-6, .level = 1.8e-3}};
  const Pulse p = only_pulse(drawn, {.bits = 16, .range = 10e-3});
  EXPECT_NEAR(p.baseline, 0, 2e-6) << "a baseline error counts over the whole pulse";
}

TEST(PulseFinder, MarksAPulseAtFullScaleAsClipped) {
  Drawn drawn;
  add_biphasic(drawn, 1e-3, 20e-3, 200e-6, 100e-6);
  const Recording recording = record(drawn, {.range = 15e-3});
  const Found found = find(recording);
  ASSERT_EQ(found.pulses.size(), 1u);
  EXPECT_TRUE(found.pulses[0].clipped);
  EXPECT_EQ(found.totals.clipped.at(0), 400u) << "samples of both phases";
  EXPECT_EQ(found.totals.clipped.at(1), 0u);
}

TEST(PulseFinder, MarksAClippedVoltageToo) {
  Drawn drawn;
  add_biphasic(drawn, 1e-3, 20e-3, 200e-6, 100e-6);
  EXPECT_TRUE(only_pulse(drawn, {.volt_range = 5}).voltage_clipped);
}

TEST(PulseFinder, SeesAnOpenLoadByItsVoltage) {
  const Pulse p = only_pulse({.voltage = {{.begin = 1e-3, .width = 200e-6, .level = 150}}});
  EXPECT_EQ(p.phases, 0);
  EXPECT_NEAR(p.voltage_peak, 150, 0.1);
  EXPECT_EQ(p.first.width, 0);
  EXPECT_NEAR(p.net_charge, 0, 1e-9);
  EXPECT_NEAR(to_seconds(p.active_end - p.active_begin), 200e-6, 1.01 * kStep);
  EXPECT_EQ(p.onset(), p.active_begin);
}

TEST(PulseFinder, DoesWithoutEitherChannel) {
  Drawn drawn;
  add_biphasic(drawn, 1e-3, 20e-3, 200e-6, 100e-6);
  const Pulse no_voltage = only_pulse(drawn, {.has_voltage = false});
  EXPECT_EQ(no_voltage.phases, 2);
  EXPECT_TRUE(std::isnan(no_voltage.energy));
  EXPECT_TRUE(std::isnan(no_voltage.voltage_peak));
  const Pulse no_current = only_pulse(drawn, {.has_current = false});
  EXPECT_EQ(no_current.phases, 0);
  EXPECT_NEAR(no_current.voltage_peak, 10, 0.1);
}

TEST(PulseFinder, IgnoresWhatStaysBelowTheThreshold) {
  Drawn drawn;
  add_biphasic(drawn, 1e-3, 0.9e-3, 200e-6, 100e-6);
  EXPECT_TRUE(find(record(drawn)).pulses.empty());
  EXPECT_EQ(find(record(drawn), {.current_threshold = 0.5e-3}).pulses.size(), 1u);
}

TEST(PulseFinder, SplitsPulsesFurtherApartThanTheGap) {
  Drawn drawn{.length = 10e-3};
  add_biphasic(drawn, 1e-3, 20e-3, 200e-6, 998e-6);
  EXPECT_EQ(find(record(drawn)).pulses.size(), 1u);
  EXPECT_EQ(find(record(drawn), {.max_gap = 900e-6}).pulses.size(), 2u);
}

TEST(PulseFinder, CountsMorePhasesThanTwo) {
  const Pulse p = only_pulse({.current = {{.begin = 1e-3, .width = 100e-6, .level = 20e-3},
                                          {.begin = 1.2e-3, .width = 100e-6, .level = -20e-3},
                                          {.begin = 1.4e-3, .width = 100e-6, .level = 20e-3}}});
  EXPECT_EQ(p.phases, 3);
  EXPECT_NEAR(p.second.charge, -2e-6, 30e-9) << "the third phase is not part of the second";
  EXPECT_NEAR(p.net_charge, 2e-6, 50e-9);
}

// After each edge a lobe of 25 % in the direction of the step, then one of 10 % against it.
Drawn ringing(const std::vector<DrawnPhase>& phases) {
  Drawn drawn{.current = phases};
  for (const DrawnPhase& phase : phases) {
    const double end = phase.begin + phase.width;
    drawn.current.push_back({.begin = phase.begin, .width = 5e-6, .level = 0.25 * phase.level});
    drawn.current.push_back({.begin = end, .width = 5e-6, .level = -0.25 * phase.level});
    drawn.current.push_back({.begin = end + 5e-6, .width = 5e-6, .level = 0.1 * phase.level});
  }
  return drawn;
}

TEST(PulseFinder, TakesRingingBesideAPhaseForNoPhase) {
  const Found one = find(record(ringing({{.begin = 1e-3, .width = 300e-6, .level = 40e-3}})));
  ASSERT_EQ(one.pulses.size(), 1u);
  EXPECT_EQ(one.pulses[0].phases, 1);
  EXPECT_NEAR(one.pulses[0].first.width, 300e-6, 1e-6);
  EXPECT_NEAR(one.pulses[0].first.aftershoot, 0.25, 0.01);
  const Found two = find(record(ringing({{.begin = 1e-3, .width = 300e-6, .level = 40e-3},
                                         {.begin = 1.4e-3, .width = 300e-6, .level = -40e-3}})));
  ASSERT_EQ(two.pulses.size(), 1u);
  EXPECT_EQ(two.pulses[0].phases, 2);
  EXPECT_NEAR(two.pulses[0].gap, 100e-6, 1e-6);
  EXPECT_NEAR(two.pulses[0].second.width, 300e-6, 1e-6);
  EXPECT_NEAR(two.pulses[0].second.amplitude, -40e-3, 0.2e-3);
}

TEST(PulseFinder, TakesNothingForRingingThatIsHighLongOrFarAway) {
  const auto phases = [](const DrawnPhase& other) {
    Drawn drawn;
    drawn.current = {{.begin = 1e-3, .width = 300e-6, .level = 40e-3}, other};
    const Found found = find(record(drawn));
    return found.pulses.size() == 1 ? found.pulses[0].phases : -1;
  };
  EXPECT_EQ(phases({.begin = 1.31e-3, .width = 20e-6, .level = -10e-3}), 1);
  EXPECT_EQ(phases({.begin = 1.31e-3, .width = 20e-6, .level = -20e-3}), 2) << "high";
  EXPECT_EQ(phases({.begin = 1.31e-3, .width = 60e-6, .level = -10e-3}), 2) << "long";
  EXPECT_EQ(phases({.begin = 1.4e-3, .width = 20e-6, .level = -10e-3}), 2) << "far away";
  EXPECT_EQ(phases({.begin = 0.97e-3, .width = 20e-6, .level = -10e-3}), 1) << "before it";
}

TEST(PulseFinder, SeesOutputThoughZeroLiesBetweenTwoCodes) {
  // Codes 1.2 mA apart around -0.6, +0.6 mA: none of them is within the threshold of zero.
  Drawn drawn;
  add_biphasic(drawn, 1e-3, 20e-3, 200e-6, 100e-6);
  Recording recording = record(drawn, {.bits = 8, .has_voltage = false});
  Channel& channel = recording.info.channels[0];
  channel.offset = 0.5 * channel.scale;
  const std::vector<Pulse> pulses = find(recording, {.current_threshold = 0.4e-3}).pulses;
  ASSERT_EQ(pulses.size(), 1u);
  EXPECT_NEAR(pulses[0].first.width, 200e-6, kStep);
}

TEST(PulseFinder, ReadsAnInvertedChannel) {
  Drawn drawn;
  add_biphasic(drawn, 1e-3, 20e-3, 200e-6, 100e-6);
  Recording recording = record(drawn, {.has_voltage = false});
  recording.info.channels[0].scale *= -1;
  const std::vector<Pulse> pulses = find(recording).pulses;
  ASSERT_EQ(pulses.size(), 1u);
  EXPECT_FALSE(pulses[0].cut);
  EXPECT_NEAR(pulses[0].first.amplitude, -20e-3, kCode);
  EXPECT_NEAR(pulses[0].first.charge, -4e-6, 4e-8);
}

TEST(PulseFinder, TakesAFullScaleBelowTheThresholdForOutput) {
  // What is at full scale may be anything above: silence cannot be claimed.
  Drawn drawn;
  add_biphasic(drawn, 1e-3, 20e-3, 200e-6, 100e-6);
  const std::vector<Pulse> pulses =
      find(record(drawn, {.range = 0.8e-3, .has_voltage = false})).pulses;
  ASSERT_EQ(pulses.size(), 1u);
  EXPECT_TRUE(pulses[0].clipped);
}

}  // namespace
}  // namespace rig::testing
