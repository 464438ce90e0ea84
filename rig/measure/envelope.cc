// The envelope of a train: the amplitude of its pulses over time, and how it rises and falls.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "rig/measure/extreme.h"
#include "rig/measure/train.h"

namespace rig {
namespace {

double amplitude_of(const Pulse& p) { return std::fabs(p.first.amplitude); }

// Of one amplitude, but for its gain: the r.m.s. over the pulses.
Budget one_amplitude(const Context& c) {
  double square = 0;
  double noise = 0;  // of one sample, the largest
  c.visit([&](const Pulse& p) {
    const double averaged = std::max(1.0, static_cast<double>(p.first.plateau));
    const double baseline = std::max<double>(1.0, p.baseline_samples);
    square += p.noise * p.noise * (1 / averaged + 1 / baseline);
    noise = std::max(noise, p.noise);
  });
  Budget u(Source::kNoise, std::sqrt(square / static_cast<double>(c.train.count)));
  // Noise that carries a level over the converter's steps shows them.
  if (noise < 0.6 * c.facts.code_i) u.add(Source::kQuantisation, c.facts.code_i / std::sqrt(6.0));
  return u;
}

// Values of which the largest (or the smallest) is taken, as many as noise may take for it.
class Largest {
 public:
  // `each` counts so many times.
  explicit Largest(double one_u, double each = 1) : reach_(3 * one_u), each_(each) {}

  // Returns whether x is the largest so far.
  bool add(double x) {
    if (x > value_) {
      // Those before it count on unless it is out of their reach.
      near_ = x > value_ + reach_ ? 1 : near_ + 1;
      value_ = x;
      return true;
    }
    if (x >= value_ - reach_) ++near_;
    return false;
  }
  double value() const { return value_; }
  Extreme extreme() const { return extreme_of(each_ * near_); }

 private:
  double reach_;
  double each_;
  double value_ = -std::numeric_limits<double>::infinity();
  double near_ = 0;
};

struct Extremes {
  explicit Extremes(const Context& c) : one(one_amplitude(c)), high(one.u()), low(one.u()) {
    c.visit([this](const Pulse& p) {
      const double a = amplitude_of(p);
      if (high.add(a)) high_at = p.onset();
      if (low.add(-a)) low_at = p.onset();
    });
  }
  double largest() const { return high.value(); }
  double smallest() const { return -low.value(); }
  double swing() const { return largest() - smallest(); }

  Budget one;
  Largest high;
  Largest low;
  Picos high_at{};
  Picos low_at{};
};

Budget extreme_u(const Context& c, const Budget& one, const Largest& of) {
  const Extreme extreme = of.extreme();
  return with_bias(
      one.times(extreme.scatter).add(Source::kGain, c.facts.gain_i_u * std::fabs(of.value())),
      extreme.bias * one.u());
}

// From one rise through the middle of the envelope to the next, placed by a straight line between
// pulses; a fall by a quarter of the swing has to lie in between.
Measured modulation_period(const Context& c, const Extremes& e) {
  const double middle = 0.5 * (e.smallest() + e.largest());
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
    const double a = amplitude_of(p);
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

// Rises of the amplitude from pulse to pulse.
Measured largest_step(const Context& c) {
  const Budget one = one_amplitude(c).times(std::sqrt(2.0));
  // A step and the next share a pulse, with opposite signs: two of them go farther than others.
  Largest step(one.u(), 2);
  std::optional<double> previous;
  Picos at{};
  c.visit([&](const Pulse& pulse) {
    const double a = amplitude_of(pulse);
    if (previous && step.add(a - *previous)) at = pulse.onset();
    previous = a;
  });
  if (step.value() <= 0) return c.result(0, one, c.train.count);
  return c.result(step.value(), extreme_u(c, one, step), c.train.count, at);
}

}  // namespace

Measured envelope(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  const Extremes e(c);
  const std::string_view name = c.what.info->name;
  if (name == "envelope.largest") {
    return c.result(e.largest(), extreme_u(c, e.one, e.high), c.train.count, e.high_at);
  }
  if (name == "envelope.smallest") {
    return c.result(e.smallest(), extreme_u(c, e.one, e.low), c.train.count, e.low_at);
  }
  if (name == "envelope.period") return modulation_period(c, e);
  const double sum = e.largest() + e.smallest();
  if (!(sum > 0)) return {.why_not = "no pulse has a first phase", .device_silent = true};
  // d(depth) = 2 (low d(high) - high d(low)) / sum^2; the gain cancels.
  const Extreme high = e.high.extreme();
  const Extreme low = e.low.extreme();
  const double sensitivity = 100 * 2 / (sum * sum);
  const Budget rest =
      e.one.times(sensitivity * std::hypot(e.smallest() * high.scatter, e.largest() * low.scatter));
  const double bias = sensitivity * e.one.u() * (e.smallest() * high.bias + e.largest() * low.bias);
  return c.result(100 * e.swing() / sum, with_bias(rest, bias), c.train.count, e.low_at);
}

Measured ramp(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  if (c.what.info->name == "ramp.largest_step") return largest_step(c);
  double largest = 0;
  c.visit([&](const Pulse& p) { largest = std::max(largest, amplitude_of(p)); });
  if (!(largest > 0)) return {.why_not = "no pulse has a first phase", .device_silent = true};
  std::optional<Picos> reached;
  Picos left{};
  c.visit([&](const Pulse& pulse) {
    if (amplitude_of(pulse) < 0.95 * largest) return;
    if (!reached) reached = pulse.onset();
    left = pulse.onset();
  });
  const bool up = c.what.info->name == "ramp.up_time";
  const double value = up ? to_seconds(*reached - c.train.first) : to_seconds(c.train.last - left);
  // Noise moves the instant by what it is to the slope, which is that of the whole way at least.
  const double noise = value * one_amplitude(c).u() / (0.95 * largest);
  const Budget u = c.period_u(value)
                       .add(Source::kNoise, noise)
                       .add(Source::kEnvelope, 0.5 * kNineteenOf20 * c.mean_period());
  return c.result(value, u, c.train.count, up ? *reached : left);
}

// While the amplitude rises: from the first onset until it has come to 95 % of the largest.
Measured ramp_slope(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  double largest = 0;
  c.visit([&](const Pulse& p) { largest = std::max(largest, amplitude_of(p)); });
  double n = 0;
  double st = 0;
  double sa = 0;
  double stt = 0;
  double sta = 0;
  double saa = 0;
  double falls = 0;
  std::optional<double> previous;
  bool rising = true;
  c.visit([&](const Pulse& p) {
    if (!rising) return;
    const double a = amplitude_of(p);
    const double t = to_seconds(p.onset() - c.train.first);
    ++n;
    st += t;
    sa += a;
    stt += t * t;
    sta += t * a;
    saa += a * a;
    const double doubt = 2 * std::hypot(c.facts.code_i, std::sqrt(2.0) * p.noise);
    if (previous && a < *previous - doubt) ++falls;
    previous = a;
    rising = a < 0.95 * largest;
  });
  if (c.what.info->name == "ramp.falls") return c.counted(falls, static_cast<std::size_t>(n));
  if (n < 3) return {.why_not = "the amplitude does not ramp: it rises within 2 pulses"};
  const double spread = stt - st * st / n;
  const double slope = (sta - st * sa / n) / spread;
  const double residual = std::max(0.0, (saa - sa * sa / n) - slope * slope * spread);
  const double scatter = std::sqrt(residual / (n - 2) / spread);
  Budget u(Source::kGain, c.facts.gain_i_u * slope);
  u.add(Source::kClock, c.facts.rate_u * slope).add(Source::kScatter, scatter, n - 2);
  return c.result(slope, u, static_cast<std::size_t>(n));
}

}  // namespace rig
