// The envelope of a train: the amplitude of its pulses over time.
#include <cmath>
#include <limits>
#include <optional>

#include "rig/measure/train.h"

namespace rig {
namespace {

struct Extremes {
  double low = std::numeric_limits<double>::infinity();
  double high = 0;
  Picos low_at{};
  Picos high_at{};
  Budget one;  // of one amplitude, but for its gain

  double swing() const { return high - low; }
};

Extremes extremes_of(const Context& c) {
  Extremes e;
  double noise = 0;
  c.visit([&](const Pulse& p) {
    const double a = std::fabs(p.first.amplitude);
    if (a < e.low) {
      e.low = a;
      e.low_at = p.onset();
    }
    if (a > e.high) {
      e.high = a;
      e.high_at = p.onset();
    }
    const double averaged = std::sqrt(std::max(1.0, static_cast<double>(p.first.plateau)));
    const double baseline = std::sqrt(std::max<double>(1.0, p.baseline_samples));
    noise = std::max(noise, p.noise * std::hypot(1 / averaged, 1 / baseline));
  });
  e.one.add(Source::kNoise, noise).add(Source::kQuantisation, c.facts.code_i / std::sqrt(12.0));
  return e;
}

// From one rise through the middle of the envelope to the next, placed by a straight line between
// pulses; a fall by a quarter of the swing has to lie in between.
Measured modulation_period(const Context& c, const Extremes& e) {
  const double middle = 0.5 * (e.low + e.high);
  const double again_below = middle - 0.25 * e.swing();
  if (e.swing() < 6 * e.one.u()) return {.why_not = "the envelope is flat: it has no period"};
  std::optional<double> first;
  double last = 0;
  double crossings = 0;
  bool was_below = false;
  double gap = 0;
  std::optional<double> before;  // amplitude and time of the pulse before
  double before_t = 0;
  c.visit([&](const Pulse& p) {
    const double a = std::fabs(p.first.amplitude);
    const double t = to_seconds(p.onset() - c.train.first);
    if (was_below && before && *before < middle && a >= middle) {
      const double at = before_t + (t - before_t) * (middle - *before) / (a - *before);
      if (!first) first = at;
      last = at;
      ++crossings;
      was_below = false;
      gap = std::max(gap, t - before_t);
    }
    was_below = was_below || a < again_below;
    before = a;
    before_t = t;
  });
  if (crossings < 2) return {.why_not = "the envelope rises through its middle less than twice"};
  const double period = (last - *first) / (crossings - 1);
  // Where between two pulses it crosses is known to their distance (rectangular).
  Budget u(Source::kEnvelope, std::sqrt(2.0) * gap / std::sqrt(12.0) / (crossings - 1));
  u.add(Source::kClock, c.facts.rate_u * period);
  return c.result(period, u, static_cast<std::size_t>(crossings));
}

}  // namespace

Measured envelope(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  const Extremes e = extremes_of(c);
  const std::string_view name = c.what.info->name;
  const auto scaled = [&](double a) {
    return Budget(Source::kGain, c.facts.gain_i_u * a).add(e.one);
  };
  if (name == "envelope.largest") return c.result(e.high, scaled(e.high), c.train.count, e.high_at);
  if (name == "envelope.smallest") return c.result(e.low, scaled(e.low), c.train.count, e.low_at);
  if (name == "envelope.period") return modulation_period(c, e);
  const double sum = e.high + e.low;
  if (!(sum > 0)) return {.why_not = "no pulse has a first phase", .device_silent = true};
  // d(depth) = 2 (low d(high) - high d(low)) / sum^2; the gain cancels.
  const Budget u = e.one.times(100 * 2 * std::hypot(e.low, e.high) / (sum * sum));
  return c.result(100 * e.swing() / sum, u, c.train.count, e.low_at);
}

}  // namespace rig
