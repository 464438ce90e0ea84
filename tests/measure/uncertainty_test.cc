// The stated uncertainty against the truth: over 500 drawn captures the interval value +- U (k = 2)
// must hold the truth in at least 93 % of them (95 % less three standard deviations of the count),
// for every quantity, on digitizers and pulses of every kind.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <numbers>
#include <ostream>
#include <random>
#include <string>

#include "tests/measure/drawn.h"

namespace rig::testing {
namespace {

constexpr int kCaptures = 500;
constexpr double kFewest = 0.93;

struct Population {
  std::string name;
  Scope scope;
  double tau = 0;         // s
  double weakest = 5e-3;  // A
  double strongest = 140e-3;
  double shortest = 50e-6;  // s
  double threshold = 1e-3;  // A, that pulses are found with
  double pre = 0;           // s, of a triggered capture; 0: continuous
  bool monophasic = false;
};

std::ostream& operator<<(std::ostream& out, const Population& p) { return out << p.name; }

struct Tally {
  int held = 0;
  double square = 0;  // of error / u

  void add(double error, double u) {
    if (std::fabs(error) <= 2 * u) ++held;
    square += error * error / (u * u);
  }
};

double uniform(std::mt19937_64& draw, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(draw);
}

// One pulse at an instant between two samples, through a digitizer as wrong as it says it may be.
void tally_one(const Population& p, std::uint64_t seed, std::map<std::string, Tally>& tallies) {
  std::mt19937_64 draw(seed);
  std::normal_distribution<double> normal;
  const double amps = uniform(draw, p.weakest, p.strongest);
  const double width = uniform(draw, p.shortest, 500e-6);
  const double gap = uniform(draw, 20e-6, 200e-6);
  const double begin = uniform(draw, 0.5e-3, 0.501e-3);
  Scope scope = p.scope;
  scope.gain = 1 + scope.gain_u * normal(draw);
  scope.volt_gain = 1 + scope.gain_u * normal(draw);
  scope.volt_offset = scope.volt_offset_u * normal(draw);
  scope.clock = 1 + scope.rate_u * normal(draw);
  Drawn drawn{.length = 3.2e-3, .tau = p.tau};
  drawn.current.push_back({.begin = begin, .width = width, .level = amps});
  if (!p.monophasic) {
    drawn.current.push_back({.begin = begin + width + gap, .width = width, .level = -amps});
  }
  Recording recording = record(drawn, scope, seed);
  if (p.pre > 0) recording = segmented(recording, {begin - p.pre}, p.pre, 2e-3);
  // The voltage has its own threshold; the noise of either must not reach it.
  const PulseCriteria criteria{.current_threshold = p.threshold,
                               .voltage_threshold = 500 * p.threshold};
  const Measuring capture(std::move(recording), criteria);
  ASSERT_EQ(capture.pulses().size(), 1u);
  const double phases = p.monophasic ? 1 : 2;
  // Slow edges belong to the pulse: the integral of (1 - exp(-t / tau))^2 and of what follows.
  const double energetic = p.tau > 0 ? width - p.tau * (1 - std::exp(-width / p.tau)) : width;
  std::map<std::string, double> truth{{"phase1.width", width},
                                      {"phase1.amplitude", amps},
                                      {"phase1.charge", amps * width},
                                      {"net_charge", p.monophasic ? amps * width : 0},
                                      {"energy", phases * drawn.ohms * amps * amps * energetic}};
  if (!p.monophasic) {
    truth.insert({{"phase2.width", width},
                  {"width.difference", 0},
                  {"gap", gap},
                  {"phase2.amplitude", amps},
                  {"phase2.charge", amps * width},
                  {"charge_imbalance", 0}});
  }
  for (const auto& [name, value] : truth) {
    const Measured measured = capture.take(name);
    ASSERT_TRUE(measured.value.has_value()) << name << ": " << measured.why_not;
    tallies[name].add(measured.value->value - value, measured.value->u);
  }
}

class Uncertainty : public ::testing::TestWithParam<Population> {};

TEST_P(Uncertainty, HoldsTheTruthAsOftenAsItClaims) {
  std::map<std::string, Tally> tallies;
  for (int n = 0; n < kCaptures; ++n) {
    tally_one(GetParam(), 20'000 + static_cast<std::uint64_t>(n), tallies);
    if (HasFatalFailure()) return;
  }
  for (const auto& [name, tally] : tallies) {
    const double held = static_cast<double>(tally.held) / kCaptures;
    const double pull = std::sqrt(tally.square / kCaptures);
    std::printf("%-34s %-17s held %5.1f %%   r.m.s. error %.2f u\n", GetParam().name.c_str(),
                name.c_str(), 100 * held, pull);
    EXPECT_GE(held, kFewest) << name;
  }
}

constexpr double kTwoMegahertz = 1 / (2 * std::numbers::pi * 2e6);  // s, time constant

INSTANTIATE_TEST_SUITE_P(
    Of, Uncertainty,
    ::testing::Values(
        Population{
            .name = "the simulated bench",
            .scope = {.rate = {5'000'000, 1}, .noise = 60e-6, .gain_u = 2.5e-3, .rate_u = 25e-6},
            .tau = kTwoMegahertz},
        Population{.name = "the simulated bench at 1 MHz",
                   .scope = {.noise = 60e-6, .gain_u = 2.5e-3, .rate_u = 25e-6},
                   .tau = kTwoMegahertz},
        Population{.name = "a well calibrated digitizer",
                   .scope = {.noise = 60e-6, .gain_u = 2e-4, .rate_u = 2e-6}},
        Population{.name = "a noisy digitizer",
                   .scope = {.noise = 150e-6, .gain_u = 1e-3, .rate_u = 25e-6}},
        Population{.name = "eight bits without noise",
                   .scope = {.bits = 8, .gain_u = 1e-4, .rate_u = 25e-6},
                   .weakest = 10e-3},
        Population{.name = "eight bits with noise",
                   .scope = {.bits = 8, .noise = 0.9e-3, .gain_u = 1e-4, .rate_u = 25e-6},
                   .weakest = 40e-3,
                   .threshold = 6e-3},
        Population{.name = "edges of 3 us",
                   .scope = {.noise = 60e-6, .gain_u = 1e-3, .rate_u = 25e-6},
                   .tau = 3e-6,
                   .shortest = 150e-6},
        Population{.name = "weak pulses",
                   .scope = {.noise = 60e-6, .gain_u = 2e-4, .rate_u = 25e-6},
                   .tau = kTwoMegahertz,
                   .weakest = 1.6e-3,
                   .strongest = 5e-3},
        Population{.name = "12 us before the trigger",
                   .scope = {.noise = 60e-6, .gain_u = 2e-4, .rate_u = 25e-6},
                   .weakest = 2e-3,
                   .strongest = 40e-3,
                   .pre = 12e-6},
        Population{.name = "single phases",
                   .scope = {.rate = {5'000'000, 1},
                             .noise = 60e-6,
                             .gain_u = 2e-4,
                             .rate_u = 25e-6,
                             .volt_offset_u = 0.1},
                   .tau = kTwoMegahertz,
                   .weakest = 2e-3,
                   .monophasic = true}));

// Means: the truth of the train, not of one pulse.
TEST(MeanOfManyPulses, HoldsTheTruthAsOftenAsItClaims) {
  std::map<std::string, Tally> tallies;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 draw(seed);
    std::normal_distribution<double> normal;
    Scope scope{.noise = 60e-6, .gain_u = 1e-3, .rate_u = 25e-6};
    scope.gain = 1 + scope.gain_u * normal(draw);
    scope.clock = 1 + scope.rate_u * normal(draw);
    const double width = uniform(draw, 100e-6, 300e-6);
    const double period = uniform(draw, 4e-3, 5e-3);
    Drawn drawn = train(20, period, 20e-3, width, 100e-6, uniform(draw, 1e-3, 2e-3));
    const Measuring capture(record(drawn, scope, seed));
    const std::map<std::string, double> truth{{"phase1.width.mean", width},
                                              {"phase1.amplitude.mean", 20e-3},
                                              {"phase1.charge.mean", 20e-3 * width},
                                              {"net_charge.mean", 0},
                                              {"charge_imbalance.mean", 0},
                                              {"period.mean", period},
                                              {"rate", 1 / period},
                                              {"rms", 20e-3 * std::sqrt(2 * width / period)},
                                              {"dc", 0}};
    for (const auto& [name, value] : truth) {
      const Measured measured = capture.take(name);
      ASSERT_TRUE(measured.value.has_value()) << name << ": " << measured.why_not;
      tallies[name].add(measured.value->value - value, measured.value->u);
    }
  }
  for (const auto& [name, tally] : tallies) {
    const double held = static_cast<double>(tally.held) / 200;
    std::printf("%-34s %-21s held %5.1f %%   r.m.s. error %.2f u\n", "20 pulses", name.c_str(),
                100 * held, std::sqrt(tally.square / 200));
    EXPECT_GE(held, 0.91) << name << ": 95 % less 2.6 standard deviations of 200 draws";
  }
}

// An amplitude between two codes looks like one of them in every pulse: averaging does not help,
// and widths at half of it come out as wrong every time.
TEST(MeanOfManyPulses, HoldsTheTruthOfEightBitsWithoutDither) {
  std::map<std::string, Tally> tallies;
  constexpr int kTrains = 200;
  for (std::uint64_t seed = 1; seed <= kTrains; ++seed) {
    std::mt19937_64 draw(seed);
    const double code = 0.15 / 128;
    const double width = uniform(draw, 100e-6, 300e-6);
    const double amps = uniform(draw, 25 * code, 60 * code);
    Drawn drawn = train(12, uniform(draw, 1e-3, 1.1e-3), amps, width, 80e-6, 1e-3);
    drawn.tau = 2e-6 / std::log(9);
    drawn.baseline = uniform(draw, -0.5 * code, 0.5 * code);
    const Scope scope{
        .rate = {5'000'000, 1}, .bits = 8, .has_voltage = false, .noise = 0.15 * code};
    for (const EdgeEstimator edges : {EdgeEstimator::kFitted, EdgeEstimator::kInterpolated}) {
      const Measuring capture(record(drawn, scope, seed),
                              {.current_threshold = 3 * code, .max_gap = 200e-6, .edges = edges});
      const std::map<std::string, double> truth{
          {"phase1.width.mean", width}, {"phase1.width.first", width},
          {"gap.mean", 80e-6},          {"pulse.duration.mean", 2 * width + 80e-6},
          {"width.difference.mean", 0}, {"phase1.amplitude.mean", amps}};
      for (const auto& [name, value] : truth) {
        const Measured measured = capture.take(name);
        ASSERT_TRUE(measured.value.has_value()) << name << ": " << measured.why_not;
        const bool fitted = edges == EdgeEstimator::kFitted;
        tallies[name + (fitted ? " fitted" : " interpolated")].add(measured.value->value - value,
                                                                   measured.value->u);
      }
    }
  }
  for (const auto& [name, tally] : tallies) {
    const double held = static_cast<double>(tally.held) / kTrains;
    std::printf("%-34s %-34s held %5.1f %%   r.m.s. error %.2f u\n", "8 bits without dither",
                name.c_str(), 100 * held, std::sqrt(tally.square / kTrains));
    EXPECT_GE(held, 0.91) << name << ": 95 % less 2.6 standard deviations of 200 draws";
  }
}

}  // namespace
}  // namespace rig::testing
