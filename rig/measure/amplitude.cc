#include "rig/measure/amplitude.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace rig {
namespace {

constexpr double kPi = std::numbers::pi;

// What a mean of samples leaves of an amplitude.
double left_by_averaging(const MotionTrack& track, double hertz) {
  const double n = static_cast<double>(track.averaged());
  if (n <= 1) return 1;
  const double half = kPi * hertz / track.point_rate();
  return std::sin(half) / (n * std::sin(half / n));
}

// Sums of the points before a place among them; in between, a point counts in part.
class Sums {
 public:
  Sums(std::span<const float> points, double middle) : first_(points.size() + 1), second_(first_) {
    for (std::size_t k = 0; k < points.size(); ++k) {
      const double y = static_cast<double>(points[k]) - middle;
      first_[k + 1] = first_[k] + y;
      second_[k + 1] = second_[k] + y * y;
    }
  }
  double variance(double from, double to) const {
    const double n = to - from;
    const double mean = (at(first_, to) - at(first_, from)) / n;
    return (at(second_, to) - at(second_, from)) / n - mean * mean;
  }

 private:
  static double at(const std::vector<double>& sums, double place) {
    const auto k = std::min(static_cast<std::size_t>(place), sums.size() - 2);
    return sums[k] + (place - static_cast<double>(k)) * (sums[k + 1] - sums[k]);
  }
  std::vector<double> first_;
  std::vector<double> second_;
};

}  // namespace

std::vector<AmplitudeAt> amplitudes(const MotionTrack& track, double hertz, double from, double to,
                                    double noise) {
  std::vector<AmplitudeAt> found;
  const auto size = static_cast<double>(track.points().size());
  // The place of a time among the points: point k lies from k to k + 1.
  const double begin = std::clamp(track.point_at(from) + 0.5, 0.0, size);
  const double end = std::clamp(track.point_at(to) + 0.5, 0.0, size);
  const double period = track.point_rate() / hertz;
  if (end - begin < period || period < 4) return found;
  const auto first = static_cast<std::size_t>(begin);
  const auto last = std::min(static_cast<std::size_t>(std::ceil(end)), track.points().size());
  const std::span<const float> points(track.points().data() + first, last - first);
  const Sums sums(points, points.front());
  const double origin = static_cast<double>(first);
  const double left = left_by_averaging(track, hertz);
  for (double x = begin - origin; x + period <= end - origin; x += 0.5 * period) {
    const double variance = sums.variance(x, x + period) - noise * noise * (1 - 1 / period);
    found.push_back({.t = track.time_of(origin + x + 0.5 * period - 0.5),
                     .a = std::sqrt(2 * std::max(0.0, variance)) / left});
  }
  return found;
}

double noise_of(std::span<const float> points) {
  constexpr std::size_t kMost = 20'000;  // of evenly spread places
  constexpr double kGain = 8.3666;       // of fourth differences: root of 70
  if (points.size() < 16) return 0;
  const std::size_t step = std::max<std::size_t>(1, points.size() / kMost);
  std::vector<double> differences;
  for (std::size_t k = 2; k + 2 < points.size(); k += step) {
    const auto y = [&points, k](std::size_t i) { return static_cast<double>(points[k + i - 2]); };
    differences.push_back(std::fabs(y(0) + y(4) - 4 * (y(1) + y(3)) + 6 * y(2)));
  }
  const auto middle = differences.begin() + static_cast<std::ptrdiff_t>(differences.size() / 2);
  std::ranges::nth_element(differences, middle);
  return *middle / 0.6745 / kGain;
}

SpectralLine line_of(const MotionTrack& track, double hertz, double from, double to) {
  const auto& points = track.points();
  const auto first = static_cast<std::size_t>(std::max(0.0, std::ceil(track.point_at(from))));
  const auto last =
      std::min(points.size(), static_cast<std::size_t>(std::max(0.0, track.point_at(to) + 1)));
  if (last < first + 8) return {};
  // Normal equations of cosine, sine and 1, solved by elimination.
  std::array<std::array<double, 4>, 3> m{};
  double square = 0;
  const double zero = points[first];
  const auto row_of = [&](std::size_t k) {
    const double turn = 2 * kPi * hertz * (track.time_of(static_cast<double>(k)) - from);
    return std::array<double, 4>{std::cos(turn), std::sin(turn), 1,
                                 static_cast<double>(points[k]) - zero};
  };
  for (std::size_t k = first; k < last; ++k) {
    const auto row = row_of(k);
    square += row[3] * row[3];
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 4; ++j) m[i][j] += row[i] * row[j];
    }
  }
  const std::array<double, 3> right{m[0][3], m[1][3], m[2][3]};
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t i = 0; i < 3; ++i) {
      if (i == k) continue;
      const double factor = m[i][k] / m[k][k];
      for (std::size_t j = k; j < 4; ++j) m[i][j] -= factor * m[k][j];
    }
  }
  const std::array<double, 3> x{m[0][3] / m[0][0], m[1][3] / m[1][1], m[2][3] / m[2][2]};
  const double n = static_cast<double>(last - first);
  const double rest =
      std::max(0.0, square - x[0] * right[0] - x[1] * right[1] - x[2] * right[2]) / (n - 3);
  const double left = left_by_averaging(track, hertz);
  return {.amplitude = std::hypot(x[0], x[1]) / left, .u = std::sqrt(2 * rest / n) / left};
}

}  // namespace rig
