#include "rig/instruments/arrivals.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "rig/core/verdict.h"

namespace rig {
namespace {

constexpr std::size_t kLeastArrivals = 8;
constexpr std::size_t kMostWindows = 32;
constexpr std::size_t kEdge = 4;  // windows on either side of a step
constexpr int kRounds = 30;       // of reweighting
constexpr double kHuber = 1.345;
constexpr double kMadToDeviation = 1.4826;
constexpr double kLeastScale = 1e-12;  // s: instants are whole picoseconds
constexpr double kWithin = 4;          // standard uncertainties
constexpr double kSure = 10;           // standard uncertainties of a step that is none
constexpr double kSeen = 4;            // and so many more of one that shows

struct Point {
  double x = 0;  // s, nominal, since the first unit
  double y = 0;  // s, later than that
};

// y = value[0] + value[1] x, and + value[2] behind a step.
template <std::size_t P>
struct Regression {
  std::array<double, P> value{};
  std::array<double, P> u{};
  std::vector<double> residuals;
};

template <std::size_t P>
using Matrix = std::array<std::array<double, P>, P>;

// By Gauss and Jordan. REQUIRES: positive definite.
template <std::size_t P>
Matrix<P> inverse(Matrix<P> m) {
  Matrix<P> result{};
  for (std::size_t k = 0; k < P; ++k) result[k][k] = 1;
  for (std::size_t k = 0; k < P; ++k) {
    const double pivot = m[k][k];
    for (std::size_t c = 0; c < P; ++c) m[k][c] /= pivot, result[k][c] /= pivot;
    for (std::size_t r = 0; r < P; ++r) {
      if (r == k) continue;
      const double factor = m[r][k];
      for (std::size_t c = 0; c < P; ++c) {
        m[r][c] -= factor * m[k][c];
        result[r][c] -= factor * result[k][c];
      }
    }
  }
  return result;
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

double scale_of(const std::vector<double>& residuals) {
  const double centre = median_of(residuals);
  std::vector<double> off = residuals;
  for (double& r : off) r = std::fabs(r - centre);
  return std::max(kLeastScale, kMadToDeviation * median_of(off));
}

// Weighted least squares; leaves the residuals.
template <std::size_t P>
void solve(std::span<const Point> points, const std::vector<std::array<double, P>>& rows,
           const std::vector<double>& weights, Regression<P>& fit) {
  Matrix<P> normal{};
  std::array<double, P> right{};
  for (std::size_t k = 0; k < rows.size(); ++k) {
    for (std::size_t r = 0; r < P; ++r) {
      right[r] += weights[k] * rows[k][r] * points[k].y;
      for (std::size_t c = 0; c < P; ++c) normal[r][c] += weights[k] * rows[k][r] * rows[k][c];
    }
  }
  const Matrix<P> solver = inverse<P>(normal);
  fit.value = {};
  for (std::size_t r = 0; r < P; ++r) {
    for (std::size_t c = 0; c < P; ++c) fit.value[r] += solver[r][c] * right[c];
  }
  for (std::size_t k = 0; k < rows.size(); ++k) {
    fit.residuals[k] = points[k].y;
    for (std::size_t r = 0; r < P; ++r) fit.residuals[k] -= fit.value[r] * rows[k][r];
  }
}

// Standard uncertainties of a Huber estimate, widened to Student's t.
template <std::size_t P>
void state(const std::vector<std::array<double, P>>& rows, double clip, Regression<P>& fit) {
  Matrix<P> normal{};
  double squares = 0;
  double inside = 0;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const double clipped = std::clamp(fit.residuals[k], -clip, clip);
    squares += clipped * clipped;
    inside += std::fabs(fit.residuals[k]) <= clip ? 1 : 0;
    for (std::size_t r = 0; r < P; ++r) {
      for (std::size_t c = 0; c < P; ++c) normal[r][c] += rows[k][r] * rows[k][c];
    }
  }
  const auto count = static_cast<double>(rows.size());
  const double share = inside / count;
  const double deviation = coverage_factor(count - P) / 2 * (1 + P / count * (1 - share) / share) *
                           std::sqrt(squares / (count - P)) / share;
  const Matrix<P> covariance = inverse<P>(normal);
  for (std::size_t p = 0; p < P; ++p) {
    fit.u[p] = std::max(kLeastScale, deviation) * std::sqrt(covariance[p][p]);
  }
}

// Huber's M-estimate. `step`: index of the first point behind it. x is centred and scaled within.
template <std::size_t P>
Regression<P> regress(std::span<const Point> points, std::size_t step) {
  const double middle = (points.front().x + points.back().x) / 2;
  const double length = points.back().x - points.front().x;
  std::vector<std::array<double, P>> rows;
  for (std::size_t k = 0; k < points.size(); ++k) {
    rows.push_back({1, (points[k].x - middle) / length});
    if constexpr (P == 3) rows.back()[2] = k >= step ? 1 : 0;
  }
  Regression<P> fit;
  fit.residuals.resize(points.size());
  std::vector<double> weights(points.size(), 1);
  double clip = 0;
  for (int round = 0; round < kRounds; ++round) {
    solve<P>(points, rows, weights, fit);
    clip = kHuber * scale_of(fit.residuals);
    for (std::size_t k = 0; k < points.size(); ++k) {
      weights[k] = std::min(1.0, clip / std::max(kLeastScale, std::fabs(fit.residuals[k])));
    }
  }
  state<P>(rows, clip, fit);
  fit.value[1] /= length;
  fit.u[1] /= length;
  fit.value[0] -= fit.value[1] * middle;
  fit.u[0] = std::hypot(fit.u[0], fit.u[1] * middle);
  return fit;
}

// The earliest of each window, seen along a line of that slope.
std::vector<Point> envelope(std::span<const Point> all, double slope) {
  const std::size_t width = (all.size() + kMostWindows - 1) / kMostWindows;
  const std::size_t windows = all.size() / width;
  std::vector<Point> lowest;
  for (std::size_t k = 0; k < windows; ++k) {
    const std::size_t first = k * all.size() / windows;
    const auto window = all.subspan(first, (k + 1) * all.size() / windows - first);
    lowest.push_back(*std::ranges::min_element(
        window, {}, [slope](const Point& p) { return p.y - slope * p.x; }));
  }
  return lowest;
}

std::vector<Point> points_of(std::span<const Arrival> arrivals, const StreamTiming& timing) {
  std::vector<Point> points;
  points.reserve(arrivals.size());
  for (const Arrival& a : arrivals) {
    const double x = static_cast<double>(a.units) / timing.rate_hz;
    points.push_back({.x = x, .y = to_seconds(a.at - timing.begun) - x});
  }
  return points;
}

bool enough(std::span<const Point> points) {
  return points.size() >= kLeastArrivals && points.back().x > points.front().x;
}

// Without what waited for a reader that was held up at the very end: those blocks come at once, and
// the first of them is late, too.
std::span<const Arrival> without_backlog(std::span<const Arrival> arrivals, double rate_hz) {
  std::size_t count = arrivals.size();
  const auto waited = [&](std::size_t k) {
    const double length = static_cast<double>(arrivals[k].units - arrivals[k - 1].units) / rate_hz;
    return to_seconds(arrivals[k].at - arrivals[k - 1].at) < length / 2;
  };
  while (count > 1 && waited(count - 1)) --count;
  return arrivals.first(count < arrivals.size() ? count - 1 : count);
}

// Twice, for a slope hides the earliest of a wide window.
std::vector<Point> settled_envelope(std::span<const Point> all) {
  const std::vector<Point> rough = envelope(all, 0);
  return envelope(all, regress<2>(rough, rough.size()).value[1]);
}

}  // namespace

void thin_out(std::vector<Arrival>& arrivals, double rate_hz) {
  std::size_t kept = 0;
  for (std::size_t k = 0; k < arrivals.size(); k += 2) {
    const bool pair = k + 1 < arrivals.size();
    const Arrival& second = arrivals[pair ? k + 1 : k];
    const double length = static_cast<double>(second.units - arrivals[k].units) / rate_hz;
    const bool last = k + 2 >= arrivals.size();
    const bool later = to_seconds(second.at - arrivals[k].at) > length;
    arrivals[kept++] = later && !last ? arrivals[k] : second;
  }
  arrivals.resize(kept);
}

std::optional<ClockFit> fit_clock(std::span<const Arrival> arrivals, const StreamTiming& timing) {
  const std::vector<Point> all = points_of(arrivals, timing);
  if (!enough(all)) return std::nullopt;
  const std::vector<Point> points = settled_envelope(all);
  const auto line = regress<2>(points, points.size());
  const double slope = line.value[1];
  const auto count = static_cast<double>(points.size());
  ClockFit fit{.arrivals = all.size(), .points = points.size()};
  double lowest = points.front().y - slope * points.front().x;
  for (const Point& p : points) lowest = std::min(lowest, p.y - slope * p.x);
  const double excess = (line.value[0] - lowest) / (count - 1);
  fit.offset = lowest - excess;
  fit.offset_u = std::hypot(excess, line.u[0], timing.grid / std::sqrt(12.0));
  for (const double r : line.residuals) {
    fit.residual_rms += r * r;
    fit.residual_max = std::max(fit.residual_max, std::fabs(r));
  }
  fit.residual_rms = std::sqrt(fit.residual_rms / count);
  // One second of the digitizer takes 1 + slope seconds of the host.
  fit.drift = 1 / (1 + slope) - 1;
  const double length = points.back().x - points.front().x;
  fit.drift_u = std::hypot(line.u[1], 1.5 * timing.grid / length / std::sqrt(3.0));
  if (points.size() <= 2 * kEdge) {
    fit.blind = length;
  } else {
    const auto step = regress<3>(points, kEdge);
    fit.blind = std::max(1 / timing.rate_hz, timing.grid) + (kSure + kSeen) * step.u[2];
  }
  return fit;
}

std::optional<LostUnits> find_lost(std::span<const Arrival> arrivals, const StreamTiming& timing) {
  arrivals = without_backlog(arrivals, timing.rate_hz);
  const std::vector<Point> all = points_of(arrivals, timing);
  if (!enough(all)) return std::nullopt;
  const std::vector<Point> points = settled_envelope(all);
  std::optional<LostUnits> lost;
  double best = kSure;
  double line = 0;  // of the best, at x = 0
  double slope = 0;
  for (std::size_t step = kEdge; step + kEdge <= points.size(); ++step) {
    const auto fit = regress<3>(points, step);
    const double size = fit.value[2];
    if (size <= std::max(1 / timing.rate_hz, timing.grid) || size / fit.u[2] <= best) continue;
    const bool stays = std::all_of(
        points.begin() + static_cast<std::ptrdiff_t>(step), points.end(),
        [&](const Point& p) { return p.y - fit.value[1] * p.x - fit.value[0] > size / 2; });
    if (!stays) continue;
    best = size / fit.u[2];
    line = fit.value[0];
    slope = fit.value[1];
    lost = {.seconds = size, .u = fit.u[2]};
  }
  if (!lost) return std::nullopt;
  const double late = line + lost->seconds - kWithin * lost->u;
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (all[k].y - slope * all[k].x < late) lost->behind = arrivals[k].units;
  }
  return lost;
}

}  // namespace rig
