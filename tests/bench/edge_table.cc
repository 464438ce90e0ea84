// How far apart the widths of equal pulses come out, by either edge estimator, next to what no
// unbiased estimator can beat: for an exponential edge of time constant tau in white noise
//
//   sd(t) >= (noise / amplitude) * sqrt(2 * tau * Ts)        per edge (Cramer-Rao)
#include <cstdio>

#include "tests/bench/buffers.h"

namespace rig {
namespace {

constexpr double kWidth = 200e-6;  // s
constexpr std::size_t kPulses = 4000;
constexpr double kCodes = 8000;  // amplitude in 16-bit codes

struct EdgeCase {
  double rate_hz = 10e6;
  double transition = 2e-6;  // s, 10 .. 90 %
  double noise = 0.005;      // of the amplitude
  int bits = 16;
};

// Codes of `bits`, with the amplitude at a quarter of the scale.
double amplitude_of(const EdgeCase& c) { return kCodes / std::exp2(16 - c.bits); }

struct Scatter {
  double sd = 0;
  double bias = 0;
};

// Every pulse falls on the samples in its own way: begins are drawn to a fraction of a sample.
Scatter scatter_of(const EdgeCase& c, EdgeEstimator edges) {
  const double tau = c.transition / 2.197;
  const double amplitude = amplitude_of(c);
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal(0, c.noise * amplitude);
  std::uniform_real_distribution<double> begins(0, 1);
  Channel current{.name = "current", .unit = "A", .bits = c.bits, .scale = 1e-5};
  current.clip_low = std::numeric_limits<std::int16_t>::min();
  current.clip_high = std::numeric_limits<std::int16_t>::max();
  const CaptureInfo info{
      .name = "edges", .channels = {current}, .rate = {static_cast<std::uint64_t>(c.rate_hz), 1}};
  double n = 0;
  double mean = 0;
  double m2 = 0;
  PulseFinder finder(info,
                     {.current_threshold = (8 * c.noise * amplitude + 1.5) * current.scale,
                      .max_gap = 50e-6,
                      .edges = edges},
                     [&](const Pulse& p) {
                       ++n;
                       const double delta = p.first.width - mean;
                       mean += delta / n;
                       m2 += delta * (p.first.width - mean);
                     });
  const double lead = 100e-6;
  std::vector<std::int16_t> codes(static_cast<std::size_t>(2 * (lead + kWidth) * c.rate_hz));
  for (std::uint64_t k = 0; k < kPulses; ++k) {
    const double begin = lead + begins(random) / c.rate_hz;
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const double t = static_cast<double>(i) / c.rate_hz - begin;
      double level = t > 0 ? -std::expm1(-t / tau) : 0;
      if (t > kWidth) level = -std::expm1(-kWidth / tau) * std::exp(-(t - kWidth) / tau);
      codes[i] = static_cast<std::int16_t>(std::lround(amplitude * level + normal(random)));
    }
    finder.take(Block{.first_sample = k * codes.size(), .codes = {codes}});
  }
  finder.finish();
  if (n != static_cast<double>(kPulses)) return {.sd = std::nan(""), .bias = std::nan("")};
  return {.sd = std::sqrt(m2 / (n - 1)), .bias = mean - kWidth};
}

// Of a width: two edges. Quantisation adds to the noise.
double bound_of(const EdgeCase& c) {
  const double noise = std::hypot(c.noise, std::sqrt(1.0 / 12) / amplitude_of(c));
  const double tau = c.transition / 2.197;
  return std::sqrt(2.0) * noise * std::sqrt(2 * tau / c.rate_hz);
}

}  // namespace

void print_edge_table() {
  std::printf(
      "\nstandard deviation of a width of 200 us, %zu pulses; targets: fitted <= 1.2 x the bound, "
      "bias < 0.1 x\n%8s %8s %8s %5s %10s %18s %18s %10s\n",
      kPulses, "rate", "10-90 %", "noise", "bits", "bound", "interpolated", "fitted", "bias");
  const EdgeCase reference;
  std::vector<EdgeCase> cases{reference};
  for (const double noise : {0.001, 0.02}) cases.push_back({.noise = noise});
  for (const double transition : {0.5e-6, 1e-6, 5e-6}) cases.push_back({.transition = transition});
  for (const int bits : {12, 10, 8}) cases.push_back({.bits = bits});
  for (const double rate : {2e6, 5e6, 50e6}) cases.push_back({.rate_hz = rate});
  for (const EdgeCase& c : cases) {
    const double bound = bound_of(c);
    const Scatter line = scatter_of(c, EdgeEstimator::kInterpolated);
    const Scatter fit = scatter_of(c, EdgeEstimator::kFitted);
    std::printf(
        "%5.0f MHz %5.1f us %7.1f%% %5d %7.2f ns %7.2f ns %5.2f x %7.2f ns %5.2f x %7.2f x\n",
        1e-6 * c.rate_hz, 1e6 * c.transition, 100 * c.noise, c.bits, 1e9 * bound, 1e9 * line.sd,
        line.sd / bound, 1e9 * fit.sd, fit.sd / bound, fit.bias / bound);
  }
}

}  // namespace rig
