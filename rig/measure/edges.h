// Edges fitted by their own shape. What an edge looks like is learned from the first pulses of the
// train; then every edge is placed where the learned shape fits its samples best, in the sense of
// least squares. In white noise that is the maximum-likelihood estimator, whose variance reaches
// the Cramer-Rao bound
//
//   var(t) = noise^2 / sum over samples of (dx/dt)^2
//
// while a straight line between two samples uses two samples only. Internal to measure/.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "rig/measure/pulses.h"

namespace rig {

// The samples around one edge, as fractions of the way from the state before to the state after.
struct EdgeWindow {
  static constexpr std::ptrdiff_t kReach = 48;  // rows either side
  static constexpr std::size_t kRows = 2 * kReach + 1;

  double crossing = 0;       // row of the 50 % crossing by interpolation, counted in the region
  std::ptrdiff_t first = 0;  // row of y[0] in the region
  double noise = 0;          // standard deviation of y
  std::size_t begin = 0;     // y[begin, end) lies beside this edge and beside no other;
  std::size_t end = 0;       // empty: too little of it to be fitted
  std::array<float, kRows> y{};

  bool usable() const { return begin < end; }
};

// First and second transition of the first phase, then of the second.
using EdgeWindows = std::array<EdgeWindow, 4>;

// A pulse as the region gave it, and where its rows lie.
struct PulseEdges {
  Pulse pulse;
  EdgeWindows edges;
  std::uint64_t region_first = 0;
};

// What edges of one kind look like: 0 far before, 1 far after, 1/2 at 0.
class EdgeShape {
 public:
  // From edges with their crossings known to a fraction of a row. nullopt: too few, or their steps
  // are so sharp that no sample lies on them.
  static std::optional<EdgeShape> learn(const std::vector<const EdgeWindow*>& edges,
                                        std::vector<double>& crossings);

  struct Fit {
    double row = 0;
    double u = 0;         // rows: the bound for this noise, and what the shape is known to
    double common_u = 0;  // rows: the latter alone
  };
  // REQUIRES: edge.usable(). nullopt: the fit runs away from the interpolated crossing.
  std::optional<Fit> fit(const EdgeWindow& edge) const;

 private:
  static constexpr int kPerRow = 4;
  static constexpr std::size_t kPoints = (EdgeWindow::kRows + 1) * kPerRow + 1;

  double at(double offset) const;     // offset: rows from the crossing
  double slope(double offset) const;  // per row
  void build(const std::vector<const EdgeWindow*>& edges, const std::vector<double>& crossings);
  double own_crossing() const;
  void look_only_where_it_slopes();

  std::array<double, kPoints> value_{};
  double from_ = 0;  // offsets that tell where the edge is
  double to_ = 0;
  double learned_from_ = 1;  // edges
};

// Holds back the first pulses until the shapes are learned; afterwards gives each at once.
class EdgeFitter {
 public:
  static constexpr std::size_t kLearnFrom = 1024;

  // step: s per row. place: bench clock of a row.
  EdgeFitter(double step, std::function<Picos(std::uint64_t first, double row)> place,
             std::function<void(const Pulse&)> found);

  void take(const PulseEdges& pulse);
  void finish();  // no more pulses come: learns from those that there are

 private:
  void learn();
  Pulse fitted(const PulseEdges& pulse) const;

  double step_;
  std::function<Picos(std::uint64_t, double)> place_;
  std::function<void(const Pulse&)> found_;
  std::vector<PulseEdges> held_;
  std::array<std::optional<EdgeShape>, 4> shapes_;
  bool learned_ = false;
};

}  // namespace rig
