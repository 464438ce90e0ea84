#include "rig/measure/still.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "rig/measure/amplitude.h"

namespace rig {
namespace {

constexpr double kTail = 0.05;        // s
constexpr double kShownBefore = 0.5;  // s
constexpr double kQuiet = 3;          // times the noise: no sign change
constexpr double kFoot = 0.25;        // of its extreme: where a lobe ends
constexpr double kClear = 5;          // times the noise: an extreme that can be told

// The points of a stretch, about where they come to rest.
class MotionSpan {
 public:
  MotionSpan(const MotionTrack& track, double from, double to) : track_(track) {
    const double last = static_cast<double>(track.points().size());
    first_ = static_cast<std::size_t>(std::clamp(std::ceil(track.point_at(from)), 0.0, last));
    end_ = static_cast<std::size_t>(std::clamp(std::floor(track.point_at(to)) + 1, 0.0, last));
    const double tail = std::max(kTail, 0.1 * (to - from));
    const auto count = static_cast<std::size_t>(std::ceil(tail * track.point_rate()));
    if (end_ < first_ + 2 * count) return;
    tail_ = end_ - count;
    double sum = 0;
    for (std::size_t k = tail_; k < end_; ++k) sum += static_cast<double>(track.points()[k]);
    rest_ = sum / static_cast<double>(count);
  }
  bool too_short() const { return tail_ == 0; }
  std::size_t first() const { return first_; }
  std::size_t end() const { return end_; }
  std::size_t tail() const { return tail_; }
  double at(std::size_t k) const { return static_cast<double>(track_.points()[k]) - rest_; }
  double magnitude(std::size_t k) const { return std::fabs(at(k)); }

 private:
  const MotionTrack& track_;
  std::size_t first_ = 0;
  std::size_t end_ = 0;
  std::size_t tail_ = 0;
  double rest_ = 0;
};

// The extreme of a parabola of least squares through the points within `reach` of `middle`, and
// where it lies among them.
struct Extremum {
  double magnitude = 0;
  double place = 0;
};
Extremum extreme_near(const MotionSpan& s, std::size_t middle, std::size_t reach) {
  const auto h = static_cast<double>(reach);
  const double n = 2 * h + 1;
  const double s2 = h * (h + 1) * n / 3;
  const double s4 = s2 * (3 * h * h + 3 * h - 1) / 5;
  double sum = 0;
  double slope = 0;
  double bend = 0;
  for (std::size_t k = 0; k <= 2 * reach; ++k) {
    const double j = static_cast<double>(k) - h;
    const double y = s.at(middle + k - reach);
    sum += y;
    slope += j * y;
    bend += j * j * y;
  }
  const double c2 = (bend - s2 / n * sum) / (s4 - s2 * s2 / n);
  const double c1 = slope / s2;
  const double c0 = (sum - c2 * s2) / n;
  // Where it bends away from zero, on a lobe's flank, the extreme is uphill.
  const double away = c2 * c0 < 0 ? std::clamp(-c1 / (2 * c2), -h, h) : std::copysign(h, c1 * c0);
  return {.magnitude = std::fabs(c0 + away * (c1 + away * c2)),
          .place = static_cast<double>(middle) + away};
}

// From the middle on, not from the highest point, which noise chooses; of a lopsided lobe the
// parabola follows its slope.
Extremum extreme_between(const MotionSpan& s, std::size_t begin, std::size_t end,
                         std::size_t reach) {
  std::size_t middle = begin + (end - begin) / 2;
  Extremum found{s.magnitude(middle), static_cast<double>(middle)};
  for (std::size_t moved = 0; moved <= end - begin; moved += reach) {
    if (middle < s.first() + reach || middle + reach >= s.end()) return found;
    found = extreme_near(s, middle, reach);
    const double away = found.place - static_cast<double>(middle);
    if (std::fabs(away) < static_cast<double>(reach)) return found;
    if (away < 0 ? middle < begin + reach : middle + reach >= end) return found;
    middle = away < 0 ? middle - reach : middle + reach;
  }
  return found;
}

// The points about the extreme among [begin, end) that stand out of the noise, of a long quiet lobe
// too; and how many a half sine of such a foot and extreme would have.
struct Lobe {
  std::size_t begin = 0;
  std::size_t end = 0;
  double half_period = 0;
};
Lobe lobe_in(const MotionSpan& s, std::size_t begin, std::size_t end, double quiet) {
  std::size_t top = begin;
  for (std::size_t k = begin; k < end; ++k) {
    if (s.magnitude(k) > s.magnitude(top)) top = k;
  }
  const double foot = std::min(std::max(quiet, kFoot * s.magnitude(top)), 0.9 * s.magnitude(top));
  Lobe lobe{.begin = top, .end = top + 1};
  // Two points, not one that noise has pushed down.
  const auto stands = [&](std::size_t k) { return s.magnitude(k) > foot; };
  while (lobe.begin > begin &&
         (stands(lobe.begin - 1) || (lobe.begin > begin + 1 && stands(lobe.begin - 2)))) {
    --lobe.begin;
  }
  while (lobe.end < end && (stands(lobe.end) || (lobe.end + 1 < end && stands(lobe.end + 1)))) {
    ++lobe.end;
  }
  lobe.half_period = static_cast<double>(lobe.end - lobe.begin) /
                     (1 - 2 / std::numbers::pi * std::asin(foot / s.magnitude(top)));
  return lobe;
}

// Points from one sign change to the next.
struct HalfCycle {
  std::size_t begin = 0;
  std::size_t end = 0;
  double width = 0;       // points
  std::size_t reach = 0;  // points either side of the extreme that were used
  Extremum extreme;
  double relative_u(double noise) const {
    const double n = 2 * static_cast<double>(reach) + 1;  // of a parabola's extreme: 9 / (4 n)
    return noise * std::sqrt(9 / (4 * n)) / extreme.magnitude;
  }
};

// The one that `k` lies in; what is no farther than `quiet` on the other side does not end it.
// REQUIRES: first <= k < end of the stretch.
HalfCycle half_cycle_at(const MotionSpan& s, std::size_t k, double quiet) {
  const bool positive = s.at(k) > 0;
  const auto belongs = [&](std::size_t i) {
    return (s.at(i) > 0) == positive || s.magnitude(i) <= quiet;
  };
  HalfCycle half{.begin = k, .end = k + 1};
  while (half.begin > s.first() && belongs(half.begin - 1)) --half.begin;
  while (half.end < s.end() && belongs(half.end)) ++half.end;
  const Lobe lobe = lobe_in(s, half.begin, half.end, quiet);
  half.width = lobe.half_period;
  half.reach = std::max<std::size_t>(2, static_cast<std::size_t>(half.width / 5));
  half.extreme = extreme_between(s, lobe.begin, lobe.end, half.reach);
  return half;
}

// Whole half cycles after the first sign change, until one stays below `least`.
std::vector<HalfCycle> half_cycles(const MotionSpan& s, double least, double noise) {
  const double quiet = kQuiet * noise;
  std::vector<HalfCycle> found;
  for (std::size_t k = half_cycle_at(s, s.first(), quiet).end; k < s.end();) {
    const HalfCycle half = half_cycle_at(s, k, quiet);
    if (half.end >= s.end() || half.extreme.magnitude < least) break;
    found.push_back(half);
    k = half.end;
  }
  return found;
}

// Two half cycles, one after the other; the amplitude falls exponentially in between.
struct Fall {
  HalfCycle above;
  HalfCycle below;
  double apart() const {
    return std::min(std::max(below.extreme.place - above.extreme.place, 1.0), above.width);
  }
  // How far from `above` to `below` it comes down to `limit`.
  double share(double limit) const {
    const double high = std::max(above.extreme.magnitude, limit);
    const double low = std::clamp(below.extreme.magnitude, 0.1 * limit, 0.999 * limit);
    return std::log(high / limit) / std::log(high / low);
  }
  double place(double limit) const { return above.extreme.place + share(limit) * apart(); }
  // Each of the two has the more weight the nearer it is.
  double relative_u(double limit, double noise) const {
    const double near = share(limit);
    const double below_u = below.reach > 0 ? below.relative_u(noise) : 0;
    return std::hypot((1 - near) * above.relative_u(noise), near * below_u);
  }
};

// Where the amplitude comes down to `limit`.
class Descent {
 public:
  Descent(const MotionSpan& s, std::size_t last_beyond, double limit, double noise)
      : s_(s), limit_(limit), quiet_(kQuiet * noise) {
    fall_.above = half_cycle_at(s, last_beyond, quiet_);
    fall_.below = after(fall_.above);
    // A lobe that only noise has lifted beyond the limit is the one below it.
    back_to(fall_, limit);
  }
  double place() const { return fall_.place(limit_); }
  double relative_u(double noise) const { return fall_.relative_u(limit_, noise); }
  // Points, when the magnitudes are known to `relative` (standard uncertainties both). Half cycles
  // that linger at the limit might each be the last: the place lies where they are clearly beyond
  // and clearly below, whatever the slope between two of them.
  double place_u(double relative) const {
    relative = std::min(relative, 0.25);
    Fall early = fall_;
    back_to(early, limit_ * (1 + 2 * relative));
    Fall late = fall_;
    const double low = limit_ * (1 - 2 * relative);
    while (late.below.extreme.magnitude > low && late.below.end < s_.end()) {
      late = {.above = late.below, .below = after(late.below)};
    }
    const double earliest = early.place(limit_ * (1 + 2 * relative));
    return std::max(place() - earliest, late.place(low) - place()) / 2;
  }

 private:
  HalfCycle after(const HalfCycle& half) const {
    if (half.end < s_.end()) return half_cycle_at(s_, half.end, quiet_);
    return {
        .begin = half.end, .end = half.end, .extreme = {.place = static_cast<double>(half.end)}};
  }
  void back_to(Fall& fall, double level) const {
    while (fall.above.extreme.magnitude < level && fall.above.begin > s_.first()) {
      fall = {.above = half_cycle_at(s_, fall.above.begin - 1, quiet_), .below = fall.above};
    }
  }

  const MotionSpan& s_;
  double limit_;
  double quiet_;
  Fall fall_;
};

}  // namespace

Stillness stillness(const MotionTrack& track, double level, double from, double to) {
  const MotionSpan s(track, from, to);
  if (s.too_short()) return {.why_not = "the window is too short to see it rest"};
  const double unit = std::fabs(track.channel().scale);
  const double limit = level / unit;
  const double noise = std::max(noise_of(track.points()), 0.3);
  if (kClear * noise > limit) {
    return {.why_not = "the channel's noise hides what counts as still"};
  }
  std::size_t last = s.end();
  while (last > s.first() && s.magnitude(last - 1) <= limit) --last;
  Stillness found{.since = from};
  if (last == s.first()) {
    std::size_t before = s.first();
    const auto reach = static_cast<std::size_t>(kShownBefore * track.point_rate());
    const std::size_t stop = before - std::min(before, reach);
    while (before > stop && s.magnitude(before - 1) <= limit) --before;
    if (before > stop) return found;
    return {.why_not = "nothing moved before the event", .never_moved = true};
  }
  found.goes_on = last > s.tail();
  const std::size_t k = last - 1;  // the last beyond
  if (found.goes_on || last == s.end()) {
    found.goes_on = true;
    found.since = track.time_of(static_cast<double>(k));
    return found;
  }
  const Descent down(s, k, limit, noise);
  const double point = 1 / track.point_rate();
  found.since = std::max(from, track.time_of(down.place()));
  found.noise_u = down.place_u(down.relative_u(noise)) * point;
  found.gain_u = down.place_u(track.channel().gain_u) * point;
  return found;
}

RingDown ring_down(const MotionTrack& track, double level, double from, double to) {
  const MotionSpan s(track, from, to);
  if (s.too_short()) return {.why_not = "the window is too short to see it rest"};
  const double noise = std::max(noise_of(track.points()), 0.3);
  const double least = std::max(level / std::fabs(track.channel().scale), kClear * noise);
  const std::vector<HalfCycle> halves = half_cycles(s, least, noise);
  if (halves.size() < 3) {
    return {.why_not = std::to_string(halves.size()) +
                       " half cycles stand out of what counts as still, a decay needs 3"};
  }
  double weights = 0;
  double mean_t = 0;
  double mean_log = 0;
  const auto weight = [noise](const HalfCycle& half) {
    return 1 / std::pow(half.relative_u(noise), 2);
  };
  const auto time = [&track](const HalfCycle& half) { return track.time_of(half.extreme.place); };
  for (const HalfCycle& half : halves) {
    const double w = weight(half);
    weights += w;
    mean_t += w * time(half);
    mean_log += w * std::log(half.extreme.magnitude);
  }
  mean_t /= weights;
  mean_log /= weights;
  double spread = 0;
  double along = 0;
  double square = 0;
  for (const HalfCycle& half : halves) {
    const double t = time(half) - mean_t;
    const double y = std::log(half.extreme.magnitude) - mean_log;
    spread += weight(half) * t * t;
    along += weight(half) * t * y;
    square += weight(half) * y * y;
  }
  const double slope = along / spread;
  const double chi = (square - along * slope) / (static_cast<double>(halves.size()) - 2);
  const double slope_u = std::sqrt(std::max(1.0, chi) / spread);
  if (!(-slope > kClear * slope_u)) return {.why_not = "the motion does not decay"};
  const double tau = -1 / slope;
  return {.why_not = {},
          .time_constant = tau,
          .noise_u = tau * tau * slope_u,
          .begin = time(halves.front()),
          .half_cycles = halves.size()};
}

}  // namespace rig
