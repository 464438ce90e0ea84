// Measures one phase of a pulse: its state, its transitions and what goes wrong beside them.
// Internal to measure/.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "rig/measure/region.h"
#include "rig/measure/scan.h"

namespace rig {

constexpr std::ptrdiff_t kFewestBeside = 6;  // rows that an edge needs either side to be fitted
constexpr std::size_t kParts = 8;  // that a state is divided into, for its droop and settling

struct Run {  // [first, last] of one sign, above the threshold
  std::size_t first = 0;
  std::size_t last = 0;
  double sign = 1;

  std::size_t count() const { return last - first + 1; }
};

template <typename Code>
CodeBand<Code> band_of(double low, double high) {
  constexpr auto kLowest = static_cast<double>(std::numeric_limits<Code>::lowest());
  constexpr auto kHighest = static_cast<double>(std::numeric_limits<Code>::max());
  if constexpr (std::is_integral_v<Code>) {
    low = std::ceil(low);
    high = std::floor(high);
  }
  return {static_cast<Code>(std::clamp(low, kLowest, kHighest)),
          static_cast<Code>(std::clamp(high, kLowest, kHighest))};
}

// Codes minus baseline, one phase after the other. A phase ends at half of the threshold.
// REQUIRES: threshold > 0, in codes.
template <typename Code>
std::vector<Run> runs_of_one_sign(std::span<const Code> codes, double baseline, double threshold) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  const CodeBand<Code> quiet = band_of<Code>(baseline - threshold, baseline + threshold);
  const CodeBand<Code> not_high = band_of<Code>(-kFar, baseline + 0.5 * threshold);
  const CodeBand<Code> not_low = band_of<Code>(baseline - 0.5 * threshold, kFar);
  std::vector<Run> runs;
  for (std::size_t at = 0; at < codes.size();) {
    at += find_outside(codes.subspan(at), quiet);
    if (at == codes.size()) break;
    const bool high = static_cast<double>(codes[at]) > baseline;
    const std::size_t length = find_inside(codes.subspan(at), high ? not_high : not_low);
    runs.push_back({.first = at, .last = at + length - 1, .sign = high ? 1.0 : -1.0});
    at += length;
  }
  return runs;
}

// How far beyond the baseline, by its sign.
template <typename Code>
double peak_of(const Run& run, std::span<const Code> codes, double baseline) {
  const Tally<Code> t = tally_levels(codes.subspan(run.first, run.count()));
  return run.sign * (static_cast<double>(run.sign > 0 ? t.high : t.low) - baseline);
}

// Counts every stride-th code into the bin that it falls into, from `low` on.
inline void count_bins(std::span<const std::int16_t> codes, std::size_t stride, std::int16_t low,
                       double width, std::span<std::int16_t> bins) {
  const auto whole = static_cast<std::uint16_t>(width);
  if (stride == 1) return count_into(bins, codes, low, whole);
  std::array<std::int16_t, 64> some;
  for (std::size_t k = 0; k < codes.size();) {
    std::size_t count = 0;
    for (; count < some.size() && k < codes.size(); k += stride) some[count++] = codes[k];
    count_into(bins, std::span<const std::int16_t>(some).first(count), low, whole);
  }
}

inline void count_bins(std::span<const float> codes, std::size_t stride, float low, double width,
                       std::span<std::int16_t> bins) {
  for (std::size_t k = 0; k < codes.size(); k += stride) {
    const double above = static_cast<double>(codes[k]) - static_cast<double>(low);
    ++bins[static_cast<std::size_t>(above / width)];
  }
}

struct Crossing {
  double row = 0;
  double slope = 0;  // codes per row, magnitude; 0: not found
};

// One phase while it is being measured. Levels in codes, against the baseline.
template <typename Code>
class PhaseMeter {
 public:
  PhaseMeter(const Region<Code>& region, const Run& run, std::size_t before, std::size_t after)
      : r_(region), codes_(region.current_codes), run_(run), before_(before), after_(after) {
    measure_state();
    up_ = leading(0.5);
    down_ = trailing(0.5);
  }

  const Crossing& up() const { return up_; }
  const Crossing& down() const { return down_; }

  // The samples around either transition, for fitting.
  EdgeWindow leading_window() const { return window(up_, 0, +1); }
  EdgeWindow trailing_window() const { return window(down_, 1, -1); }

  Phase phase() const {
    const double scale = r_.current->scale;
    Phase p{.begin = r_.time_at(up_.row),
            .width = (down_.row - up_.row) * r_.step,
            .amplitude = level_ * scale,
            .plateau = static_cast<std::uint32_t>(state_.count)};
    p.peak = (run_.sign > 0 ? high_ : low_) * scale;
    p.clipped =
        low_ + r_.baseline <= r_.current->clip_low || high_ + r_.baseline >= r_.current->clip_high;
    p.saturated = stands_still();
    if (up_.slope <= 0 || down_.slope <= 0) return p;
    p.mode = mode() * scale;
    transitions(p);
    p.droop = droop();
    p.settling = settling();
    return p;
  }

 private:
  double above_baseline(std::size_t row) const {
    return static_cast<double>(codes_[row]) - r_.baseline;
  }
  // In units of the state's level: 1 on the plateau, whatever the sign.
  double relative(std::size_t row) const { return above_baseline(row) / level_; }

  // A front end that saturates below the converter's full scale shows one code again and again
  // where the noise of the baseline would move it.
  bool stands_still() const {
    constexpr std::size_t kLong = 32;  // 0.6^32: noise of 0.6 codes never does that
    if (std::is_floating_point_v<Code> || r_.noise < 0.6) return false;
    const double top = (run_.sign > 0 ? high_ : low_) + r_.baseline;
    const auto at_top = [&](std::size_t row) { return static_cast<double>(codes_[row]) == top; };
    for (std::size_t row = run_.first; row + kLong / 2 <= run_.last; row += kLong / 2) {
      if (!at_top(row) || !at_top(row + kLong / 2)) continue;
      std::size_t first = row;
      std::size_t last = row;
      while (first > run_.first && at_top(first - 1)) --first;
      while (last < run_.last && at_top(last + 1)) ++last;
      if (last - first + 1 >= kLong) return true;
    }
    return false;
  }

  // Half of the phase at most: the other half belongs to its other transition.
  EdgeWindow window(const Crossing& at, double before, double direction) const {
    constexpr std::ptrdiff_t kReach = EdgeWindow::kReach;
    const auto centre = static_cast<std::ptrdiff_t>(std::lround(at.row));
    const auto half = static_cast<std::ptrdiff_t>(0.5 * (down_.row - up_.row));
    const auto inwards = std::min(kReach, half);
    // Without noise a code still stands for what lies half of it either side; so does a step of
    // floats that were codes.
    const Channel& c = *r_.current;
    const double step =
        c.resolution > 0 ? c.resolution / std::fabs(c.scale) : (std::is_integral_v<Code> ? 1 : 0);
    const double noise = std::max(r_.noise, step / std::sqrt(12.0));
    EdgeWindow w{.crossing = at.row, .first = centre - kReach, .noise = noise / std::fabs(level_)};
    const bool first_transition = direction > 0;
    const auto low = std::max(static_cast<std::ptrdiff_t>(before_),
                              centre - (first_transition ? kReach : inwards));
    const auto high = std::min(static_cast<std::ptrdiff_t>(after_) - 1,
                               centre + (first_transition ? inwards : kReach));
    if (at.slope <= 0 || centre - low < kFewestBeside || high - centre < kFewestBeside) return w;
    w.begin = static_cast<std::size_t>(low - w.first);
    w.end = static_cast<std::size_t>(high + 1 - w.first);
    for (std::size_t k = w.begin; k < w.end; ++k) {
      const double x = relative(static_cast<std::size_t>(w.first + static_cast<std::ptrdiff_t>(k)));
      w.y[k] = static_cast<float>(direction * (x - before));
    }
    return w;
  }

  // Mean of the run's state: what lies between its outermost crossings of half of its mean, without
  // 10 % of the samples at either end, where the edges are. A long tail beyond the threshold pulls
  // the mean down; so long as it makes up a tenth of the samples, the mean is taken anew without
  // it.
  void measure_state() {
    Tally<Code> core = tally_levels(codes_.subspan(run_.first, run_.count()));
    high_ = static_cast<double>(core.high) - r_.baseline;
    low_ = static_cast<double>(core.low) - r_.baseline;
    std::size_t first = run_.first;
    std::size_t last = run_.last;
    while (true) {
      level_ = static_cast<double>(core.sum) / static_cast<double>(core.count) - r_.baseline;
      while (first < last && relative(first) < 0.5) ++first;
      while (last > first && relative(last) < 0.5) --last;
      const std::size_t count = last - first + 1;
      if (10 * count >= 9 * core.count) break;
      core = tally_levels(codes_.subspan(first, count));
    }
    const std::size_t count = last - first + 1;
    const std::size_t trim = count >= 5 ? std::max<std::size_t>(1, count / 10) : 0;
    state_first_ = first + trim;
    state_.count = count - 2 * trim;
    parts_ = state_.count >= 4 * kParts ? kParts : 1;
    for (std::size_t k = 0; k < parts_; ++k) {
      const std::size_t from = part_begin(k);
      part_[k] = tally_levels(codes_.subspan(from, part_begin(k + 1) - from));
      state_.sum += part_[k].sum;
    }
    level_ = static_cast<double>(state_.sum) / static_cast<double>(state_.count) - r_.baseline;
  }

  std::size_t part_begin(std::size_t k) const { return state_first_ + state_.count * k / parts_; }

  Crossing between(std::size_t row, double fraction) const {
    const double before = above_baseline(row);
    const double step = above_baseline(row + 1) - before;
    return {
        .row = static_cast<double>(row) + (step != 0 ? (fraction * level_ - before) / step : 0.5),
        .slope = std::fabs(step)};
  }

  // The crossing of `fraction` of the level nearest to the run's first sample.
  Crossing leading(double fraction) const {
    std::size_t i = run_.first;
    while (i < run_.last && relative(i) < fraction) ++i;
    while (i > 0 && relative(i - 1) >= fraction) --i;
    if (i == 0) return {.row = 0, .slope = 0};
    return between(i - 1, fraction);
  }

  Crossing trailing(double fraction) const {
    std::size_t i = run_.last;
    while (i > run_.first && relative(i) < fraction) --i;
    while (i + 1 < codes_.size() && relative(i + 1) >= fraction) ++i;
    if (i + 1 >= codes_.size()) return {.row = static_cast<double>(i), .slope = 0};
    return between(i, fraction);
  }

  // Nearest crossing of `fraction` from the 50 % crossing outwards or inwards, row by row.
  double walk(double from, double fraction, int direction) const {
    const bool upwards = fraction > 0.5;
    auto row = static_cast<std::ptrdiff_t>(std::floor(from)) + (direction > 0 ? 1 : 0);
    const double there = fraction * std::fabs(level_);
    const auto past = [&](std::ptrdiff_t i) {
      const double x = run_.sign * above_baseline(static_cast<std::size_t>(i));
      return upwards ? x >= there : x <= there;
    };
    const auto begin = static_cast<std::ptrdiff_t>(before_);
    const auto end = static_cast<std::ptrdiff_t>(after_);
    while (row >= begin && row < end && !past(row)) row += direction;
    if (row < begin || row >= end) return Phase::kNone;
    const std::ptrdiff_t first = direction > 0 ? row - 1 : row;
    return between(static_cast<std::size_t>(first), fraction).row;
  }

  // Largest deviation from `state` (in levels) towards `sign` in [from, to), not below zero.
  double largest(double from, double to, double state, double sign) const {
    const auto first = static_cast<std::size_t>(std::max(std::ceil(from), double(before_)));
    const auto last = static_cast<std::size_t>(std::clamp(std::floor(to), 0.0, double(after_)));
    if (first >= last) return 0;
    // The farthest code is the farthest fraction of the level too.
    const Tally<Code> t = tally_levels(codes_.subspan(first, last - first));
    const Code farthest = (sign > 0) == (level_ > 0) ? t.high : t.low;
    const double fraction = (static_cast<double>(farthest) - r_.baseline) / level_;
    return std::max(0.0, sign * (fraction - state));
  }

  // Largest fall in [from, to) below the state, or below where the phase had come on its way to it.
  double shortfall(double from, double to) const {
    const auto last = static_cast<std::size_t>(std::clamp(std::floor(to), 0.0, double(after_)));
    auto row = static_cast<std::size_t>(std::max(std::ceil(from), double(before_)));
    const double state = std::fabs(level_);
    double highest = 0;
    double deepest = 0;
    for (; row < last && highest < state; ++row) {
      const double x = run_.sign * above_baseline(row);
      highest = std::max(highest, x);
      deepest = std::max(deepest, highest - x);
    }
    deepest /= state;
    return std::max(deepest, largest(static_cast<double>(row), to, 1, -1));
  }

  // Transition durations, and the aberrations in three transition durations beside them.
  void transitions(Phase& p) const {
    const double low = r_.criteria->reference_low;
    const double high = r_.criteria->reference_high;
    const double up_low = walk(up_.row, low, -1);
    const double up_high = walk(up_.row, high, +1);
    const double down_high = walk(down_.row, high, -1);
    const double down_low = walk(down_.row, low, +1);
    p.rise = (up_high - up_low) * r_.step;
    p.fall = (down_low - down_high) * r_.step;
    const double half = 0.5 * (down_.row - up_.row);
    const double beside_up = std::clamp(3 * (up_high - up_low), 4.0, std::max(4.0, half));
    const double beside_down = std::clamp(3 * (down_low - down_high), 4.0, std::max(4.0, half));
    if (std::isfinite(p.rise)) {
      p.overshoot = largest(up_high, up_high + beside_up, 1, +1);
      p.undershoot = shortfall(up_high, up_high + beside_up);
      p.preshoot = std::max(largest(up_low - beside_up, up_low, 0, -1), 0.0);
    }
    if (std::isfinite(p.fall)) p.aftershoot = largest(down_low, down_low + beside_down, 0, -1);
  }

  // State level by histogram mode: IEEE Std 181, 5.2.1 as MATLAB documents it; the mode's bin is
  // refined by a parabola through its neighbours. At most 1024 samples enter.
  double mode() const {
    constexpr std::size_t kBins = 128;
    constexpr std::size_t kMost = 1024;
    const auto state = codes_.subspan(state_first_, state_.count);
    if (state.size() < 16) return Phase::kNone;
    Code least = part_[0].low;
    Code greatest = part_[0].high;
    for (std::size_t k = 1; k < parts_; ++k) {
      least = std::min(least, part_[k].low);
      greatest = std::max(greatest, part_[k].high);
    }
    const auto low = static_cast<double>(least);
    const auto high = static_cast<double>(greatest);
    if (low == high) return low - r_.baseline;
    double width = (high - low) / (kBins - 1);
    if constexpr (std::is_integral_v<Code>) width = std::max(1.0, std::ceil(width));
    std::array<std::int16_t, kBins + 2> bins{};
    const std::size_t stride = 1 + state.size() / kMost;
    count_bins(state, stride, least, width, std::span(bins).subspan(1));
    const std::span<const std::int16_t> counts(bins);
    const std::int16_t top = tally_levels(counts).high;
    const std::size_t most =
        find_outside(counts, CodeBand<std::int16_t>{0, static_cast<std::int16_t>(top - 1)});
    const double left = bins[most - 1];
    const double right = bins[most + 1];
    const double curvature = left + right - 2.0 * bins[most];
    const double refined = curvature < 0 ? 0.5 * (left - right) / curvature : 0;
    const double in_bin = std::is_integral_v<Code> ? 0.5 * (width - 1) : 0.5 * width;
    return low + (static_cast<double>(most - 1) + refined) * width + in_bin - r_.baseline;
  }

  double part_mean(std::size_t k) const {
    return static_cast<double>(part_[k].sum) / static_cast<double>(part_[k].count) - r_.baseline;
  }

  // Slope of the line of least squares through the means of the state's parts.
  double droop() const {
    if (parts_ < kParts) return Phase::kNone;
    double slope = 0;  // level per part
    constexpr double kMiddle = 0.5 * (kParts - 1);
    constexpr double kSpread = kParts * (kParts * kParts - 1.0) / 12.0;
    for (std::size_t k = 0; k < kParts; ++k) {
      slope += (static_cast<double>(k) - kMiddle) * part_mean(k) / kSpread;
    }
    const double half = 0.5 * slope * kParts;
    return -2 * half / (level_ - half);
  }

  // From the 50 % crossing until the last sample outside the band; it has to stay inside for the
  // rest of the state.
  double settling() const {
    if (parts_ < kParts) return Phase::kNone;
    const double within = r_.criteria->settled_within * std::fabs(level_);
    const double low = level_ - within;
    const double high = level_ + within;
    const auto outside = [&](double x) { return x < low || x > high; };
    std::size_t part = parts_;
    while (part > 0 && !outside(static_cast<double>(part_[part - 1].low) - r_.baseline) &&
           !outside(static_cast<double>(part_[part - 1].high) - r_.baseline)) {
      --part;
    }
    if (part > parts_ / 2) return Phase::kNone;  // it does not stay
    auto row = static_cast<std::ptrdiff_t>(part_begin(part)) - 1;
    const auto first = static_cast<std::ptrdiff_t>(std::floor(up_.row));
    while (row > first && !outside(above_baseline(static_cast<std::size_t>(row)))) --row;
    const auto last_outside = static_cast<std::size_t>(std::max<std::ptrdiff_t>(row, 0));
    const double x = above_baseline(last_outside);
    const double next = above_baseline(last_outside + 1);
    const double edge = std::fabs(x) < std::fabs(level_) ? level_ - std::copysign(within, level_)
                                                         : level_ + std::copysign(within, level_);
    const double part_of_step = next != x ? std::clamp((edge - x) / (next - x), 0.0, 1.0) : 0.0;
    return std::max(0.0, (static_cast<double>(last_outside) + part_of_step - up_.row) * r_.step);
  }

  const Region<Code>& r_;
  std::span<const Code> codes_;
  Run run_;
  std::size_t before_;  // rows of this phase and the quiet either side: [before, after)
  std::size_t after_;
  std::size_t state_first_ = 0;
  std::size_t parts_ = 1;
  Tally<Code> state_;
  std::array<Tally<Code>, kParts> part_;
  double level_ = 0;
  double low_ = 0;
  double high_ = 0;
  Crossing up_;
  Crossing down_;
};

}  // namespace rig
