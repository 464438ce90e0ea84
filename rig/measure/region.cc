#include "rig/measure/region.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace rig {
namespace {

struct Run {  // [first, last] of one sign, above the threshold
  std::size_t first = 0;
  std::size_t last = 0;
  double sign = 1;
};

// Codes minus baseline, one phase after the other.
// REQUIRES: threshold > 0, in codes.
std::vector<Run> runs_of_one_sign(std::span<const std::int16_t> codes, double baseline,
                                  double threshold) {
  std::vector<Run> runs;
  bool inside = false;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const double x = static_cast<double>(codes[i]) - baseline;
    if (inside && x * runs.back().sign > 0.5 * threshold) {
      runs.back().last = i;
      continue;
    }
    inside = std::fabs(x) > threshold;
    if (inside) runs.push_back({.first = i, .last = i, .sign = x > 0 ? 1.0 : -1.0});
  }
  return runs;
}

double mean_of(std::span<const std::int16_t> codes) {
  const auto sum = std::accumulate(codes.begin(), codes.end(), std::int64_t{0});
  return static_cast<double>(sum) / static_cast<double>(codes.size());
}

// Mean of the run's state: 10 % of its samples are left out at either end, where the edges are.
double state_level(std::span<const std::int16_t> codes, const Run& run, double baseline) {
  const std::size_t count = run.last - run.first + 1;
  const std::size_t trim = count >= 5 ? std::max<std::size_t>(1, count / 10) : 0;
  return mean_of(codes.subspan(run.first + trim, count - 2 * trim)) - baseline;
}

struct Crossing {
  double row = 0;
  double slope = 0;  // codes per row, magnitude
};

// The crossing of `level` (codes above baseline, signed) nearest to the run's first sample.
Crossing leading_crossing(std::span<const std::int16_t> codes, const Run& run, double baseline,
                          double level) {
  const auto past = [&](std::size_t i) {
    return (static_cast<double>(codes[i]) - baseline) * run.sign >= level * run.sign;
  };
  std::size_t i = run.first;
  while (i < run.last && !past(i)) ++i;
  while (i > 0 && past(i - 1)) --i;
  if (i == 0) return {.row = 0, .slope = 0};
  const double before = static_cast<double>(codes[i - 1]) - baseline;
  const double after = static_cast<double>(codes[i]) - baseline;
  const double step = after - before;
  return {.row = static_cast<double>(i - 1) + (step != 0 ? (level - before) / step : 0.5),
          .slope = std::fabs(step)};
}

Crossing trailing_crossing(std::span<const std::int16_t> codes, const Run& run, double baseline,
                           double level) {
  const auto past = [&](std::size_t i) {
    return (static_cast<double>(codes[i]) - baseline) * run.sign >= level * run.sign;
  };
  std::size_t i = run.last;
  while (i > run.first && !past(i)) --i;
  while (i + 1 < codes.size() && past(i + 1)) ++i;
  if (i + 1 >= codes.size()) return {.row = static_cast<double>(i), .slope = 0};
  const double before = static_cast<double>(codes[i]) - baseline;
  const double after = static_cast<double>(codes[i + 1]) - baseline;
  const double step = after - before;
  return {.row = static_cast<double>(i) + (step != 0 ? (level - before) / step : 0.5),
          .slope = std::fabs(step)};
}

double sum_above(std::span<const std::int16_t> codes, std::size_t from, std::size_t to,
                 double baseline) {
  std::int64_t sum = 0;
  for (std::size_t i = from; i < to; ++i) sum += codes[i];
  return static_cast<double>(sum) - baseline * static_cast<double>(to - from);
}

// Peaks, energy and charge over the whole region.
void integrate(const Region& r, Pulse& pulse) {
  const Channel& ic = *r.current;
  const auto [low, high] = std::ranges::minmax(r.current_codes);
  pulse.clipped = pulse.clipped || low <= ic.clip_low || high >= ic.clip_high;
  pulse.current_peak =
      std::fabs(ic.scale) * std::max(std::fabs(high - r.baseline), std::fabs(low - r.baseline));
  double square = 0;
  double product = 0;
  for (std::size_t i = 0; i < r.current_codes.size(); ++i) {
    const double x = static_cast<double>(r.current_codes[i]) - r.baseline;
    square += x * x;
    if (r.voltage != nullptr) product += x * r.voltage->value_of(r.voltage_codes[i]);
  }
  // The noise's own power is taken off: it would count as output over long regions.
  square -= static_cast<double>(r.current_codes.size()) * r.noise * r.noise;
  pulse.square = std::max(0.0, square) * ic.scale * ic.scale * r.step;
  if (r.voltage != nullptr) pulse.energy = product * ic.scale * r.step;
  pulse.net_charge =
      sum_above(r.current_codes, 0, r.current_codes.size(), r.baseline) * ic.scale * r.step;
}

// The charge of `run`, not beyond [begin, end): its edges, but not the quiet after them, whose
// noise would outweigh a weak pulse.
void integrate_phase(const Region& r, const Run& run, std::size_t begin, std::size_t end,
                     Phase& phase) {
  const std::size_t margin = std::max(r.lead, (run.last - run.first) / 4);
  const std::size_t from = std::max(begin, run.first - std::min(margin, run.first));
  const std::size_t to = std::min(end, run.last + 1 + margin);
  phase.charge = sum_above(r.current_codes, from, to, r.baseline) * r.current->scale * r.step;
  phase.samples = static_cast<std::uint32_t>(to - from);
}

void measure_phases(const Region& r, Pulse& pulse) {
  const std::span codes = r.current_codes;
  const std::vector<Run> runs = runs_of_one_sign(codes, r.baseline, r.threshold);
  pulse.phases = static_cast<int>(runs.size());
  const std::size_t split = runs.size() < 2 ? codes.size() : (runs[0].last + runs[1].first + 1) / 2;
  const std::size_t stop = runs.size() < 3 ? codes.size() : (runs[1].last + runs[2].first + 1) / 2;
  double worst_edge = 0;
  double gap_begin = 0;
  for (std::size_t k = 0; k < std::min<std::size_t>(2, runs.size()); ++k) {
    const double level = state_level(codes, runs[k], r.baseline);
    const Crossing up = leading_crossing(codes, runs[k], r.baseline, 0.5 * level);
    const Crossing down = trailing_crossing(codes, runs[k], r.baseline, 0.5 * level);
    Phase& phase = k == 0 ? pulse.first : pulse.second;
    phase.begin = r.time_at(up.row);
    phase.width = (down.row - up.row) * r.step;
    phase.amplitude = level * r.current->scale;
    integrate_phase(r, runs[k], k == 0 ? 0 : split, k == 0 ? split : stop, phase);
    if (k == 0) gap_begin = down.row;
    if (k == 1) pulse.gap = (up.row - gap_begin) * r.step;
    for (const double slope : {up.slope, down.slope}) {
      if (slope > 0) worst_edge = std::max(worst_edge, std::max(r.noise, 0.29) / slope);
    }
  }
  // Noise through the slope, and what a straight line between two samples can be wrong by when the
  // edge is not resolved: at most half a sample period, rectangular.
  pulse.edge_u = r.step * std::hypot(std::min(worst_edge, 1.0), 1.0 / std::sqrt(12.0));
}

}  // namespace

Pulse measure_region(const Region& r) {
  constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
  Pulse pulse{.energy = kNothing, .voltage_peak = kNothing};
  pulse.samples =
      static_cast<std::uint32_t>(std::max(r.current_codes.size(), r.voltage_codes.size()));
  if (r.voltage != nullptr) {
    const auto [low, high] = std::ranges::minmax(r.voltage_codes);
    pulse.voltage_peak =
        std::max(std::fabs(r.voltage->value_of(low)), std::fabs(r.voltage->value_of(high)));
    pulse.clipped = low <= r.voltage->clip_low || high >= r.voltage->clip_high;
  }
  if (r.current == nullptr) return pulse;
  pulse.baseline = r.current->value_of(r.baseline);
  pulse.noise = std::fabs(r.current->scale) * r.noise;
  integrate(r, pulse);
  measure_phases(r, pulse);
  return pulse;
}

}  // namespace rig
