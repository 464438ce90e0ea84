#include "rig/measure/still.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "rig/measure/amplitude.h"
#include "rig/measure/extreme.h"

namespace rig {
namespace {

constexpr double kTail = 0.05;   // s
constexpr double kBefore = 0.5;  // s
constexpr double kClear = 5;     // times the noise: an extreme that can be told

// The points of a stretch, about where they come to rest.
class Stretch {
 public:
  Stretch(const MotionTrack& track, double from, double to) : track_(track) {
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

// The extreme of a parabola of least squares through the points within `reach` of `middle`.
double extreme_near(const Stretch& s, std::size_t middle, std::size_t reach) {
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
  return c2 != 0 ? std::fabs(c0 - c1 * c1 / (4 * c2)) : std::fabs(c0);
}

struct HalfCycle {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t highest = 0;
  double extreme = 0;
  std::size_t reach = 0;
};

// Whole half cycles from sign change to sign change, until one stays below `least`.
std::vector<HalfCycle> half_cycles(const Stretch& s, double least) {
  std::vector<HalfCycle> found;
  std::size_t k = s.first();
  const auto next_change = [&s](std::size_t from) {
    const bool positive = s.at(from) > 0;
    std::size_t at = from + 1;
    while (at < s.end() && (s.at(at) > 0) == positive) ++at;
    return at;
  };
  k = next_change(k);
  while (k < s.end()) {
    HalfCycle half{.begin = k, .end = next_change(k), .highest = k};
    if (half.end >= s.end()) break;
    for (std::size_t i = half.begin; i < half.end; ++i) {
      if (s.magnitude(i) > s.magnitude(half.highest)) half.highest = i;
    }
    k = half.end;
    half.reach = std::max<std::size_t>(2, (half.end - half.begin) / 6);
    if (half.highest < half.begin + half.reach || half.highest + half.reach >= half.end) {
      if (s.magnitude(half.highest) < least) break;
      continue;  // no extreme inside: driven, or noise about zero
    }
    half.extreme = extreme_near(s, half.highest, half.reach);
    if (half.extreme < least) break;
    found.push_back(half);
  }
  return found;
}

}  // namespace

Stillness stillness(const MotionTrack& track, double level, double from, double to) {
  const Stretch s(track, from, to);
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
    const auto reach = static_cast<std::size_t>(kBefore * track.point_rate());
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
  const double fall = s.magnitude(k) - s.magnitude(last);
  found.since =
      track.time_of(static_cast<double>(k) + std::clamp((s.magnitude(k) - limit) / fall, 0.0, 1.0));
  const std::size_t early = std::max(s.first() + 2, k) - 2;
  const std::size_t late = std::min(s.end() - 1, last + 2);
  const double slope = std::max(
      std::fabs(s.magnitude(early) - s.magnitude(late)) / static_cast<double>(late - early),
      0.1 * noise);
  const double point = 1 / track.point_rate();
  found.noise_u = noise / slope * point;
  found.gain_u = track.channel().gain_u * limit / slope * point;
  const Extreme extreme = extreme_of(1 + noise / slope);
  found.bias = extreme.bias * found.noise_u;
  return found;
}

RingDown ring_down(const MotionTrack& track, double level, double from, double to) {
  const Stretch s(track, from, to);
  if (s.too_short()) return {.why_not = "the window is too short to see it rest"};
  const double noise = std::max(noise_of(track.points()), 0.3);
  const double least = std::max(level / std::fabs(track.channel().scale), kClear * noise);
  const std::vector<HalfCycle> halves = half_cycles(s, least);
  if (halves.size() < 3) {
    return {.why_not = std::to_string(halves.size()) +
                       " half cycles stand out of what counts as still, a decay needs 3"};
  }
  double weights = 0;
  double mean_t = 0;
  double mean_log = 0;
  const auto weight = [noise](const HalfCycle& half) {
    // Of a parabola's extreme, 9 / (4 n) of the points' variance.
    const double n = 2 * static_cast<double>(half.reach) + 1;
    const double u = noise * std::sqrt(9 / (4 * n)) / half.extreme;
    return 1 / (u * u);
  };
  const auto time = [&track](const HalfCycle& half) {
    return track.time_of(0.5 * static_cast<double>(half.begin + half.end) - 0.5);
  };
  for (const HalfCycle& half : halves) {
    const double w = weight(half);
    weights += w;
    mean_t += w * time(half);
    mean_log += w * std::log(half.extreme);
  }
  mean_t /= weights;
  mean_log /= weights;
  double spread = 0;
  double along = 0;
  double square = 0;
  for (const HalfCycle& half : halves) {
    const double t = time(half) - mean_t;
    const double y = std::log(half.extreme) - mean_log;
    spread += weight(half) * t * t;
    along += weight(half) * t * y;
    square += weight(half) * y * y;
  }
  const double slope = along / spread;
  if (!(slope < 0)) return {.why_not = "the motion does not decay"};
  const double chi = (square - along * slope) / (static_cast<double>(halves.size()) - 2);
  const double tau = -1 / slope;
  return {.why_not = {},
          .time_constant = tau,
          .noise_u = tau * tau * std::sqrt(std::max(1.0, chi) / spread),
          .begin = track.time_of(static_cast<double>(halves.front().begin)),
          .half_cycles = halves.size()};
}

}  // namespace rig
