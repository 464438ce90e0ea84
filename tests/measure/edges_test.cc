// Fitted edges against the Cramer-Rao bound. Truth is drawn; noise is white and seeded.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "rig/measure/pulses.h"

namespace rig {
namespace {

struct Train {
  double sample_rate = 10e6;
  double amplitude = 8000;                 // codes
  double noise = 40;                       // codes
  double tau = 2e-6 / 2.1972245773362196;  // s: 2 us from 10 % to 90 %
  double width = 300e-6;                   // s
  double period = 0.6e-3;  // s; the odd part makes edges fall anywhere between samples
  double odd = 0.3719e-7;  // s: makes edges fall anywhere between samples; 0: always at one place
  std::size_t pulses = 2000;
};

double exponential_edge(double t, double tau) { return t < 0 ? 0 : 1 - std::exp(-t / tau); }

std::vector<double> widths(const Train& train, EdgeEstimator edges, std::uint64_t seed) {
  const double period = train.period + train.odd;
  Channel current{.name = "current", .unit = "A", .bits = 16, .scale = 1e-6};
  current.clip_low = -32768;
  current.clip_high = 32767;
  const CaptureInfo info{.name = "edges",
                         .channels = {current},
                         .rate = {static_cast<std::uint64_t>(train.sample_rate), 1}};
  std::vector<double> found;
  PulseFinder finder(info,
                     {.current_threshold = std::max(0.1 * train.amplitude, 8 * train.noise) * 1e-6,
                      .max_gap = 100e-6,
                      .edges = edges},
                     [&found](const Pulse& p) { found.push_back(p.first.width); });
  std::mt19937_64 random(seed);
  std::normal_distribution<double> noise(0, train.noise);
  std::vector<std::int16_t> codes(
      static_cast<std::size_t>(static_cast<double>(train.pulses) * period * train.sample_rate));
  for (std::size_t k = 0; k < codes.size(); ++k) {
    const double t = static_cast<double>(k) / train.sample_rate;
    const double n = std::floor(t / period);
    const double since = t - n * period - 100e-6;
    const double x =
        exponential_edge(since, train.tau) - exponential_edge(since - train.width, train.tau);
    codes[k] = static_cast<std::int16_t>(std::lround(train.amplitude * x + noise(random)));
  }
  CodeBlock block{.channels = 1, .size = codes.size()};
  block.first_code[0] = codes.data();
  finder.take(block);
  finder.finish();
  return found;
}

struct Scatter {
  double bias = 0;
  double sd = 0;
};

Scatter scatter_of(const std::vector<double>& values, double truth) {
  double sum = 0;
  for (const double v : values) sum += v - truth;
  const double mean = sum / static_cast<double>(values.size());
  double square = 0;
  for (const double v : values) square += std::pow(v - truth - mean, 2);
  return {mean, std::sqrt(square / static_cast<double>(values.size() - 1))};
}

// Of a width: two edges of sd (noise / amplitude) * sqrt(2 tau step).
double bound(const Train& t) {
  return std::sqrt(2.0) * t.noise / t.amplitude * std::sqrt(2 * t.tau / t.sample_rate);
}

TEST(FittedEdges, ReachTheCramerRaoBoundOnTheReferenceCase) {
  const Train train;
  const std::vector<double> fitted = widths(train, EdgeEstimator::kFitted, 1);
  ASSERT_EQ(fitted.size(), train.pulses);
  const Scatter s = scatter_of(fitted, train.width);
  std::printf("fitted: sd %.3f bound, bias %.3f bound\n", s.sd / bound(train),
              s.bias / bound(train));
  EXPECT_LT(s.sd, 1.2 * bound(train));
  EXPECT_GT(s.sd, 0.9 * bound(train)) << "no unbiased estimator can";
  EXPECT_LT(std::fabs(s.bias), 0.1 * bound(train));
}

TEST(FittedEdges, AreThreeTimesBetterThanStraightLines) {
  const Train train;
  const Scatter naive = scatter_of(widths(train, EdgeEstimator::kInterpolated, 1), train.width);
  std::printf("interpolated: sd %.3f bound\n", naive.sd / bound(train));
  EXPECT_GT(naive.sd, 2.5 * bound(train));
}

TEST(FittedEdges, ReachTheBoundInStrongNoiseAndWithFewSamplesOnTheEdge) {
  for (const Train& train : {Train{.noise = 400}, Train{.noise = 10}, Train{.tau = 0.3e-6},
                             Train{.amplitude = 800, .noise = 10}, Train{.odd = 0},
                             Train{.odd = 0.5e-7}, Train{.pulses = 100}}) {
    const std::vector<double> fitted = widths(train, EdgeEstimator::kFitted, 3);
    ASSERT_EQ(fitted.size(), train.pulses);
    const Scatter s = scatter_of(fitted, train.width);
    std::printf("fitted: noise %g tau %g: sd %.3f bound, bias %.3f bound\n", train.noise, train.tau,
                s.sd / bound(train), s.bias / bound(train));
    EXPECT_LT(s.sd, 1.2 * bound(train)) << train.noise << " " << train.tau;
    EXPECT_LT(std::fabs(s.bias), 0.1 * bound(train)) << train.noise << " " << train.tau;
  }
}

}  // namespace
}  // namespace rig
