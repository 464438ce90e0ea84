// How regularly pulses come: periods, their jitter and drift, pulses missing or too many.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "rig/measure/train.h"

namespace rig {
namespace {

constexpr std::size_t kForMedian = 65536;  // periods; later ones do not move it any more

void visit_periods(const Context& c, const std::function<void(Picos at, double period)>& each) {
  std::optional<Picos> previous;
  c.visit([&](const Pulse& pulse) {
    if (pulse.late) return;
    if (previous) each(*previous, to_seconds(pulse.onset() - *previous));
    previous = pulse.onset();
  });
}

double median_period(const Context& c) {
  std::vector<double> some;
  visit_periods(c, [&](Picos /*at*/, double period) {
    if (some.size() < kForMedian) some.push_back(period);
  });
  const auto middle = some.begin() + static_cast<std::ptrdiff_t>(some.size() / 2);
  std::nth_element(some.begin(), middle, some.end());
  return *middle;
}

// Counts values in cells of 1/512 of an octave: quantiles of any number of them in bounded memory.
class Quantiles {
 public:
  static constexpr int kPerOctave = 512;
  static constexpr double kHalfCell = 0.5 * 0.6931 / kPerOctave;  // of the value

  void add(double value) {
    ++cells_[cell_of(value)];
    ++count_;
  }
  double at(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t k = 0; k < cells_.size(); ++k) {
      seen += cells_[k];
      if (seen >= wanted)
        return k == 0 ? 0 : std::exp2((static_cast<double>(k) - 0.5) / kPerOctave - 44);
    }
    return 0;
  }

 private:
  static std::size_t cell_of(double value) {  // from 57 fs to 1000 s
    if (!(value > 0)) return 0;
    return static_cast<std::size_t>(std::clamp(1 + std::floor((std::log2(value) + 44) * kPerOctave),
                                               0.0, static_cast<double>(kCells - 1)));
  }
  static constexpr std::size_t kCells = std::size_t{54} * kPerOctave;
  std::vector<std::uint64_t> cells_ = std::vector<std::uint64_t>(kCells);
  std::uint64_t count_ = 0;
};

// Both edges of one period, and how well the mean of n of them shows it.
Budget period_edges(const Context& c, double n = 1) { return c.train.edge.times(std::sqrt(2 / n)); }

// A scatter that n values show, the neighbours of which go together: for a normal distribution the
// relative variance of a mean square is 2 (1 + 2 sum of the squared autocorrelations) / n.
class Scatter {
 public:
  void add(double x) {
    ++n_;
    square_ += x * x;
    for (std::size_t lag = 0; lag < last_.size(); ++lag) products_[lag] += x * last_[lag];
    for (std::size_t lag = last_.size() - 1; lag > 0; --lag) last_[lag] = last_[lag - 1];
    last_[0] = x;
  }
  double rms(double lost) const { return std::sqrt(square_ / (n_ - lost)); }
  // Independent values that would show it as well.
  double independent() const {
    double sum = 1;
    for (const double product : products_) sum += 2 * std::pow(product / square_, 2);
    return square_ > 0 ? n_ / sum : n_;
  }

 private:
  double n_ = 0;
  double square_ = 0;
  std::array<double, 2> last_{};
  std::array<double, 2> products_{};
};

// GUM E.4.3, with the edges' own noise, which adds to the scatter in quadrature.
Budget scatter_u(const Context& c, double value, const Scatter& scatter, double lost) {
  const double n = std::max(1.0, scatter.independent() - lost);
  Budget u = period_edges(c, n);
  return u.add(Source::kScatter, value / std::sqrt(2 * n), n);
}

}  // namespace

Measured period(const Context& c) {
  if (c.train.onsets < 2) return c.silent(c.train.onsets, 2);
  std::optional<Pulse> previous;
  Budget u;
  double mean = 0;
  double m2 = 0;
  double lowest = std::numeric_limits<double>::infinity();
  double highest = 0;
  double deciding = 0;
  double least = std::numeric_limits<double>::infinity();
  std::optional<double> first;
  double last = 0;
  Picos at{};
  std::size_t n = 0;
  c.visit([&](const Pulse& pulse) {
    if (pulse.late) return;
    if (previous) {
      const double x = to_seconds(pulse.onset() - previous->onset());
      ++n;
      const double delta = x - mean;
      mean += delta / static_cast<double>(n);
      m2 += delta * (x - mean);
      lowest = std::min(lowest, x);
      highest = std::max(highest, x);
      if (!first) first = x;
      last = x;
      if (margin_to(c.limit, x) < least) {
        least = margin_to(c.limit, x);
        deciding = x;
        at = previous->onset();
        u = onset_parts(*previous).add(onset_parts(pulse));
      }
    }
    previous = pulse;
  });
  const double sd = n > 1 ? std::sqrt(m2 / static_cast<double>(n - 1)) : 0;
  const double count = static_cast<double>(n);
  double value = deciding;
  switch (c.what.statistic) {
    case Statistic::kMean: value = mean; break;
    case Statistic::kMin: value = lowest; break;
    case Statistic::kMax: value = highest; break;
    case Statistic::kFirst: value = *first; break;
    case Statistic::kLast: value = last; break;
    case Statistic::kSd: value = sd; break;
    case Statistic::kEvery: break;
  }
  if (c.what.statistic != Statistic::kEvery) u = c.train.edge.times(std::sqrt(2.0));
  u.add(Source::kClock, c.facts.rate_u * value);
  // The mean of n periods spans two edges only.
  if (c.what.statistic == Statistic::kMean) {
    u = c.train.edge.times(std::sqrt(2.0) / count).add(Source::kClock, c.facts.rate_u * mean);
  }
  Measured m = c.result(value, u, n, at);
  m.value->statistic = std::string(statistic_name(c.what.statistic));
  if (c.what.statistic != Statistic::kEvery) m.value->name += "." + m.value->statistic;
  m.value->lowest = lowest;
  m.value->highest = highest;
  return m;
}

Measured rate(const Context& c) {
  if (c.train.onsets < 2) return c.silent(c.train.onsets, 2);
  const auto periods = static_cast<double>(c.train.onsets - 1);
  const double period = to_seconds(c.train.last_onset - c.train.first_onset) / periods;
  Budget u = c.train.edge.times(std::sqrt(2.0) / periods);
  u.add(Source::kClock, c.facts.rate_u * period);
  return c.result(1.0 / period, u.times(1 / (period * period)), c.train.onsets);
}

Measured jitter(const Context& c) {
  if (c.train.onsets < 3) return c.silent(c.train.onsets, 3);
  const auto n = static_cast<double>(c.train.onsets - 1);
  const double mean = to_seconds(c.train.last_onset - c.train.first_onset) / n;
  Quantiles distances;
  double peak = 0;
  Scatter around;
  Scatter steps;
  std::optional<double> previous;
  Picos at{};
  visit_periods(c, [&](Picos begin, double period) {
    const double distance = std::fabs(period - mean);
    distances.add(distance);
    if (distance > peak) {
      peak = distance;
      at = begin;
    }
    around.add(period - mean);
    if (previous) steps.add(period - *previous);
    previous = period;
  });
  const std::size_t count = c.train.onsets - 1;
  const std::string_view name = c.what.info->name;
  if (name == "period.jitter") {
    const double value = around.rms(1);
    return c.result(value, scatter_u(c, value, around, 1), count);
  }
  if (name == "period.cycle_to_cycle") {
    const double value = steps.rms(0);
    return c.result(value, scatter_u(c, value, steps, 0), count);
  }
  // Of fewer than a thousand none lies beyond.
  if (name == "period.jitter_peak" || count < 1000) {
    return c.result(peak, period_edges(c), count, at);
  }
  const double value = std::min(peak, distances.at(0.999));
  Budget u = period_edges(c);
  u.add(Source::kQuantisation, Quantiles::kHalfCell / std::sqrt(3.0) * value);
  return c.result(value, u, count, at);
}

// Onsets against the evenly spaced grid that fits them best, and how their periods change.
Measured drift(const Context& c) {
  if (c.train.onsets < 3) return c.silent(c.train.onsets, 3);
  const auto n = static_cast<double>(c.train.onsets);
  const double mean_period = to_seconds(c.train.last_onset - c.train.first_onset) / (n - 1);
  // Residuals against the grid through the first and the last onset stay small, so nothing cancels.
  const auto visit_residuals = [&](const auto& each) {
    double k = 0;
    c.visit([&](const Pulse& pulse) {
      if (pulse.late) return;
      each(k - 0.5 * (n - 1), to_seconds(pulse.onset() - c.train.first_onset) - k * mean_period,
           pulse.onset());
      ++k;
    });
  };
  double sum = 0;
  double cross = 0;
  double square = 0;  // of the residuals along the parabola k^2 - mean(k^2)
  const double spread = n * (n * n - 1) / 12;
  const double mean_square = (n * n - 1) / 12;
  double quartic = 0;
  visit_residuals([&](double k, double residual, Picos /*at*/) {
    sum += residual;
    cross += k * residual;
    square += (k * k - mean_square) * residual;
    quartic += (k * k - mean_square) * (k * k - mean_square);
  });
  if (c.what.info->name == "period.drift") {
    // onset ~ a k^2: the period changes by 2 a for each k.
    const double bend = 2 * square / quartic;
    const double change = bend * (n - 2);
    const double sensitivity = 100 / mean_period * 2 / std::sqrt(quartic) * (n - 2);
    return c.result(100 * change / mean_period, c.train.edge.times(sensitivity), c.train.onsets);
  }
  double peak = 0;
  Picos at{};
  visit_residuals([&](double k, double residual, Picos onset) {
    const double error = std::fabs(residual - sum / n - k * cross / spread);
    if (error > peak) {
      peak = error;
      at = onset;
    }
  });
  return c.result(peak, c.train.edge.times(std::sqrt(1 - 2 / n)), c.train.onsets, at);
}

Measured irregular(const Context& c) {
  if (c.train.onsets < 3) return c.silent(c.train.onsets, 3);
  const double median = median_period(c);
  const bool missing = c.what.info->name == "pulse.missing";
  double count = 0;
  std::optional<Picos> first;
  visit_periods(c, [&](Picos at, double period) {
    const double ratio = period / median;
    double found = 0;
    if (missing && ratio > 1.5 && ratio <= kBurstBreak) found = std::round(ratio) - 1;
    if (!missing && ratio < 0.5) found = 1;
    count += found;
    if (found > 0 && !first) first = at;
  });
  return c.counted(count, c.train.onsets - 1, first);
}

Measured separation(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  std::optional<Picos> ended;
  Values values;
  c.visit([&](const Pulse& pulse) {
    if (ended && !pulse.late) values.add(to_seconds(pulse.onset() - *ended), *ended, c.limit);
    ended.reset();
    if (!pulse.cut) ended = pulse.onset() + from_seconds(pulse.duration);
  });
  if (values.count == 0) {
    return {.why_not = "no two whole pulses follow each other in the window"};
  }
  return c.statistic_of(values, c.train.edge.times(std::sqrt(2.0)));
}

Measured duty(const Context& c) {
  if (c.train.onsets < 2) return c.silent(c.train.onsets, 2);
  const double period = to_seconds(c.train.last_onset - c.train.first_onset) /
                        static_cast<double>(c.train.onsets - 1);
  double sum = 0;
  double n = 0;
  c.visit([&](const Pulse& pulse) {
    if (pulse.cut) return;
    sum += pulse.duration;
    ++n;
  });
  if (n == 0) return {.why_not = "the only pulses are cut by the ends of the capture"};
  const Budget u =
      c.train.edge.of_mean(n, c.train.places.left()).times(100 * std::sqrt(2.0) / period);
  return c.result(100 * sum / n / period, u, static_cast<std::size_t>(n));
}

}  // namespace rig
