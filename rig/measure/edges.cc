#include "rig/measure/edges.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rig {
namespace {

constexpr std::size_t kSmooth = 6;       // cells either side that a point of the shape rests on
constexpr std::size_t kFewestEdges = 8;  // edges to learn a shape from
constexpr double kFarthest = 3;          // rows from the interpolated crossing
constexpr double kTold = 0.999;          // share of what the slopes can tell that is made use of
constexpr double kOwnCrossing =
    3;  // bounds of one edge: what the shape's crossing is off by, measured
constexpr double kSharpest = 0.30;  // sum of squared slopes per row: nothing lies on the edge

// The polynomial of least squares through weighted points.
template <std::size_t kTerms>
class Polynomial {
 public:
  void add(double x, double y, double weight) {
    std::array<double, kTerms> power{1};
    for (std::size_t i = 1; i < kTerms; ++i) power[i] = power[i - 1] * x;
    for (std::size_t i = 0; i < kTerms; ++i) {
      for (std::size_t j = 0; j < kTerms; ++j) rows_[i][j] += weight * power[i] * power[j];
      rows_[i][kTerms] += weight * power[i] * y;
    }
  }

  // Its value at 0; nullopt when the points do not determine it. Gauss, with the largest pivot.
  std::optional<double> at_zero() const {
    auto rows = rows_;
    const double scale = rows[0][0];
    for (std::size_t i = 0; i < kTerms; ++i) {
      std::size_t best = i;
      for (std::size_t r = i + 1; r < kTerms; ++r) {
        if (std::fabs(rows[r][i]) > std::fabs(rows[best][i])) best = r;
      }
      std::swap(rows[i], rows[best]);
      if (!(std::fabs(rows[i][i]) > 1e-9 * scale)) return std::nullopt;
      for (std::size_t r = 0; r < kTerms; ++r) {
        if (r == i) continue;
        const double factor = rows[r][i] / rows[i][i];
        for (std::size_t c = i; c <= kTerms; ++c) rows[r][c] -= factor * rows[i][c];
      }
    }
    return rows[0][kTerms] / rows[0][0];
  }

 private:
  std::array<std::array<double, kTerms + 1>, kTerms> rows_{};
};

}  // namespace

double EdgeShape::at(double offset) const {
  const double x = (offset + EdgeWindow::kReach + 1) * kPerRow;
  const double inside = std::clamp(x, 0.0, static_cast<double>(kPoints - 2));
  const auto k = static_cast<std::size_t>(inside);
  const double part = inside - static_cast<double>(k);
  return value_[k] + part * (value_[k + 1] - value_[k]);
}

double EdgeShape::slope(double offset) const { return at(offset + 0.5) - at(offset - 0.5); }

// Every sample of every edge falls into the cell of its distance from that edge's crossing.
void EdgeShape::build(const std::vector<const EdgeWindow*>& edges,
                      const std::vector<double>& crossings) {
  std::array<double, kPoints> sum{};
  std::array<double, kPoints> weight{};
  for (std::size_t n = 0; n < edges.size(); ++n) {
    const double start = static_cast<double>(edges[n]->first) - crossings[n];
    for (std::size_t k = edges[n]->begin; k < edges[n]->end; ++k) {
      const double x = (start + static_cast<double>(k) + EdgeWindow::kReach + 1) * kPerRow;
      if (x < 0 || x >= static_cast<double>(kPoints - 1)) continue;
      const auto cell = static_cast<std::size_t>(x);
      const double part = x - static_cast<double>(cell);
      sum[cell] += (1 - part) * static_cast<double>(edges[n]->y[k]);
      weight[cell] += 1 - part;
      sum[cell + 1] += part * static_cast<double>(edges[n]->y[k]);
      weight[cell + 1] += part;
    }
  }
  // A parabola of least squares over a row either side. Sampled in step with the pulses the samples
  // lie in one cell a row, where their scatter is that of the crossings that aligned them: inside a
  // cell they say nothing of the slope.
  for (std::size_t k = 0; k < kPoints; ++k) {
    Polynomial<3> fit;
    const std::size_t from = k - std::min<std::size_t>(k, kSmooth - 1);
    for (std::size_t cell = from; cell < std::min(kPoints, k + kSmooth); ++cell) {
      if (weight[cell] <= 0) continue;
      const double x = (static_cast<double>(cell) - static_cast<double>(k)) / kSmooth;
      fit.add(x, sum[cell] / weight[cell], weight[cell] * (1 - std::fabs(x)));
    }
    value_[k] = fit.at_zero().value_or(k == 0 ? 0 : value_[k - 1]);
  }
}

// Where the shape crosses one half: through its middle, a cubic of least squares.
double EdgeShape::own_crossing() const {
  constexpr double kMiddle = 0.25;
  Polynomial<4> cubic;  // the offset as a function of the height
  std::size_t points = 0;
  const auto centre = static_cast<std::ptrdiff_t>((EdgeWindow::kReach + 1) * kPerRow);
  const auto add = [&](std::ptrdiff_t k) {
    const double height = value_[static_cast<std::size_t>(k)] - 0.5;
    if (std::fabs(height) > kMiddle) return false;
    cubic.add(height, static_cast<double>(k - centre) / kPerRow, 1);
    ++points;
    return true;
  };
  for (std::ptrdiff_t k = centre; k > 0 && add(k); --k) {
  }
  for (std::ptrdiff_t k = centre + 1; k < static_cast<std::ptrdiff_t>(kPoints) && add(k); ++k) {
  }
  return points < 8 ? 0 : cubic.at_zero().value_or(0);
}

void EdgeShape::look_only_where_it_slopes() {
  double all = 0;
  for (std::ptrdiff_t k = -EdgeWindow::kReach; k <= EdgeWindow::kReach; ++k) {
    all += std::pow(slope(static_cast<double>(k)), 2);
  }
  double told = std::pow(slope(0), 2);
  double from = 0;
  double to = 0;
  while (told < kTold * all && (from > -EdgeWindow::kReach + 4 || to < EdgeWindow::kReach - 4)) {
    const double before = from > -EdgeWindow::kReach + 4 ? std::pow(slope(from - 1), 2) : -1;
    const double after = to < EdgeWindow::kReach - 4 ? std::pow(slope(to + 1), 2) : -1;
    told += std::max(before, after);
    if (before > after) {
      --from;
    } else {
      ++to;
    }
  }
  from_ = from - 1;
  to_ = to + 1;
}

std::optional<EdgeShape> EdgeShape::learn(const std::vector<const EdgeWindow*>& edges,
                                          std::vector<double>& crossings) {
  if (edges.size() < kFewestEdges) return std::nullopt;
  EdgeShape shape;
  shape.learned_from_ = static_cast<double>(edges.size());
  // The first alignment is the interpolated one; each fit aligns better.
  for (int pass = 0; pass < 3; ++pass) {
    shape.build(edges, crossings);
    const double shift = shape.own_crossing();
    for (double& row : crossings) row += shift;
    shape.build(edges, crossings);
    shape.look_only_where_it_slopes();
    if (pass == 2) break;
    for (std::size_t n = 0; n < edges.size(); ++n) {
      if (const std::optional<Fit> fit = shape.fit(*edges[n])) crossings[n] = fit->row;
    }
  }
  double steepest = 0;
  for (double x = shape.from_; x <= shape.to_; x += 0.25) {
    steepest = std::max(steepest, shape.slope(x));
  }
  if (steepest > 1 - kSharpest) return std::nullopt;
  return shape;
}

std::optional<EdgeShape::Fit> EdgeShape::fit(const EdgeWindow& edge) const {
  double row = edge.crossing;
  double squares = 0;
  for (int pass = 0; pass < 2; ++pass) {
    const auto begin = static_cast<std::ptrdiff_t>(std::ceil(row + from_)) - edge.first;
    const auto end = static_cast<std::ptrdiff_t>(std::floor(row + to_)) - edge.first;
    const auto low = std::max(begin, static_cast<std::ptrdiff_t>(edge.begin));
    const auto high = std::min(end + 1, static_cast<std::ptrdiff_t>(edge.end));
    double slopes = 0;
    squares = 0;
    for (std::ptrdiff_t k = low; k < high; ++k) {
      const double offset = static_cast<double>(k + edge.first) - row;
      const double s = slope(offset);
      slopes += s * (static_cast<double>(edge.y[static_cast<std::size_t>(k)]) - at(offset));
      squares += s * s;
    }
    if (squares <= 0) return std::nullopt;
    row -= slopes / squares;
    if (!(std::fabs(row - edge.crossing) < kFarthest)) return std::nullopt;
  }
  const double bound = edge.noise / std::sqrt(squares);
  const double common = kOwnCrossing * bound / std::sqrt(learned_from_);
  return Fit{.row = row, .u = std::hypot(bound, common), .common_u = common};
}

EdgeFitter::EdgeFitter(double step, std::function<Picos(std::uint64_t first, double row)> place,
                       std::function<void(const Pulse&)> found)
    : step_(step), place_(std::move(place)), found_(std::move(found)) {}

void EdgeFitter::take(const PulseEdges& pulse) {
  if (learned_) {
    found_(fitted(pulse));
    return;
  }
  held_.push_back(pulse);
  if (held_.size() == kLearnFrom) learn();
}

void EdgeFitter::finish() {
  if (!learned_) learn();
}

void EdgeFitter::learn() {
  for (std::size_t kind = 0; kind < shapes_.size(); ++kind) {
    std::vector<const EdgeWindow*> edges;
    std::vector<double> crossings;
    for (const PulseEdges& held : held_) {
      const EdgeWindow& edge = held.edges[kind];
      if (!edge.usable() || held.pulse.cut || held.pulse.clipped || held.pulse.voltage_clipped)
        continue;
      edges.push_back(&edge);
      crossings.push_back(edge.crossing);
    }
    shapes_[kind] = EdgeShape::learn(edges, crossings);
  }
  learned_ = true;
  for (const PulseEdges& held : std::exchange(held_, {})) found_(fitted(held));
}

// Where a shape is not known, or does not fit, the interpolated crossing stays.
Pulse EdgeFitter::fitted(const PulseEdges& edges) const {
  Pulse pulse = edges.pulse;
  std::array<double, 4> row{};
  double largest_u = 0;
  double largest_common = 0;
  std::array<double, 2> noise_square{};
  bool all = true;
  const std::size_t known = pulse.phases >= 2 ? 4 : (pulse.phases == 1 ? 2 : 0);
  for (std::size_t kind = 0; kind < known; ++kind) {
    const EdgeWindow& edge = edges.edges[kind];
    row[kind] = edge.crossing;
    std::optional<EdgeShape::Fit> fit;
    if (shapes_[kind] && edge.usable()) fit = shapes_[kind]->fit(edge);
    if (fit) {
      row[kind] = fit->row;
      double& noise = kind < 2 ? noise_square[0] : noise_square[1];
      noise += 0.5 * std::max(0.0, fit->u * fit->u - fit->common_u * fit->common_u);
      largest_u = std::max(largest_u, fit->u);
      largest_common = std::max(largest_common, fit->common_u);
    }
    all = all && fit.has_value();
  }
  if (known == 0) return pulse;
  const double moved =
      (row[known - 1] - edges.edges[known - 1].crossing) - (row[0] - edges.edges[0].crossing);
  if (pulse.phases <= 2) pulse.duration += moved * step_;
  pulse.first.begin = place_(edges.region_first, row[0]);
  pulse.first.width = (row[1] - row[0]) * step_;
  if (known == 4) {
    pulse.second.begin = place_(edges.region_first, row[2]);
    pulse.second.width = (row[3] - row[2]) * step_;
    pulse.gap = (row[2] - row[1]) * step_;
  }
  pulse.fitted = all;
  if (all) {
    pulse.edge_u = largest_u * step_;
    pulse.edge_common_u = largest_common * step_;
    pulse.first.edge_noise = std::sqrt(noise_square[0]) * step_;
    pulse.second.edge_noise = std::sqrt(noise_square[1]) * step_;
  }
  return pulse;
}

}  // namespace rig
