#include "rig/measure/sine_fit.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace rig {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kFewestCycles = 3;
constexpr double kFewestPerCycle = 4;
constexpr double kPerCycle = 256;  // points that are enough for ten harmonics
constexpr int kMostOrders = 10;
constexpr std::size_t kMostParameters = 2 * kMostOrders + 2;
constexpr std::size_t kFewestToFit = 16;

using Complex = std::complex<double>;

// In place, radix 2. REQUIRES: a power of two.
void transform(std::vector<Complex>& x) {
  const std::size_t n = x.size();
  for (std::size_t i = 1, j = 0; i < n; ++i) {
    std::size_t bit = n >> 1;
    for (; (j & bit) != 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(x[i], x[j]);
  }
  std::vector<Complex> turns(n / 2);
  for (std::size_t k = 0; k < n / 2; ++k) {
    turns[k] = std::polar(1.0, -2 * kPi * static_cast<double>(k) / static_cast<double>(n));
  }
  for (std::size_t length = 2; length <= n; length <<= 1) {
    const std::size_t stride = n / length;
    for (std::size_t i = 0; i < n; i += length) {
      for (std::size_t k = 0; k < length / 2; ++k) {
        const Complex a = x[i + k];
        const Complex b = x[i + k + length / 2] * turns[k * stride];
        x[i + k] = a + b;
        x[i + k + length / 2] = a - b;
      }
    }
  }
}

double mean_of(std::span<const double> points) {
  double sum = 0;
  for (const double y : points) sum += y;
  return sum / static_cast<double>(points.size());
}

// The strongest line of the spectrum, in cycles per point, to about a tenth of 1 / size.
double strongest(std::span<const double> points) {
  const std::size_t n = points.size();
  const double mean = mean_of(points);
  std::vector<Complex> x(2 * std::bit_ceil(n));
  for (std::size_t k = 0; k < n; ++k) {
    const double phase = (static_cast<double>(k) + 0.5) / static_cast<double>(n);
    x[k] = (points[k] - mean) * 0.5 * (1 - std::cos(2 * kPi * phase));
  }
  transform(x);
  const double per_bin = static_cast<double>(x.size()) / static_cast<double>(n);
  const auto lowest = static_cast<std::size_t>(std::ceil(1.5 * per_bin));
  std::size_t most = lowest;
  for (std::size_t k = lowest; k < x.size() / 2; ++k) {
    if (std::norm(x[k]) > std::norm(x[most])) most = k;
  }
  const auto log_of = [&x](std::size_t k) { return std::log(std::norm(x[k]) + 1e-300); };
  const double left = log_of(most - 1);
  const double right = log_of(most + 1);
  const double bend = left + right - 2 * log_of(most);
  const double moved = bend < 0 ? std::clamp(0.5 * (left - right) / bend, -0.5, 0.5) : 0;
  return (static_cast<double>(most) + moved) / static_cast<double>(x.size());
}

struct Model {
  double omega = 0;  // radians per point
  int orders = 1;
  std::array<double, kMostParameters> p{};  // a1, b1, a2, b2 ..., offset

  std::size_t parameters() const { return 2 * static_cast<std::size_t>(orders) + 2; }
  double a(int h) const { return p[2 * static_cast<std::size_t>(h) - 2]; }
  double b(int h) const { return p[2 * static_cast<std::size_t>(h) - 1]; }
};

using Row = std::array<double, kMostParameters>;
using Matrix = std::array<Row, kMostParameters>;

// Calls each(row, y): the derivatives of the model at a point by a1, b1, ..., offset, and by omega
// times half the number of points.
template <typename Each>
void visit_rows(const Model& m, std::span<const double> points, const Each& each) {
  const auto n = static_cast<double>(points.size());
  const std::size_t last = m.parameters() - 1;
  const Complex step = std::polar(1.0, m.omega);
  Complex turn;
  Row row{};
  for (std::size_t k = 0; k < points.size(); ++k) {
    const double t = static_cast<double>(k) - 0.5 * (n - 1);
    turn = k % 256 == 0 ? std::polar(1.0, m.omega * t) : turn * step;
    Complex power = turn;
    double slope = 0;
    for (int h = 1; h <= m.orders; ++h) {
      const std::size_t at = 2 * static_cast<std::size_t>(h) - 2;
      row[at] = power.real();
      row[at + 1] = power.imag();
      slope += h * (m.b(h) * power.real() - m.a(h) * power.imag());
      power *= turn;
    }
    row[last - 1] = 1;
    row[last] = 2 * t / n * slope;
    each(row, points[k]);
  }
}

// Inverts a symmetric positive matrix of that size in place by Gauss and Jordan. false: singular.
bool invert(Matrix& m, std::size_t size) {
  Matrix inverse{};
  for (std::size_t k = 0; k < size; ++k) inverse[k][k] = 1;
  for (std::size_t k = 0; k < size; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < size; ++i) {
      if (std::fabs(m[i][k]) > std::fabs(m[pivot][k])) pivot = i;
    }
    if (!(std::fabs(m[pivot][k]) > 1e-12)) return false;
    std::swap(m[k], m[pivot]);
    std::swap(inverse[k], inverse[pivot]);
    const double scale = 1 / m[k][k];
    for (std::size_t j = 0; j < size; ++j) {
      m[k][j] *= scale;
      inverse[k][j] *= scale;
    }
    for (std::size_t i = 0; i < size; ++i) {
      if (i == k) continue;
      const double factor = m[i][k];
      for (std::size_t j = 0; j < size; ++j) {
        m[i][j] -= factor * m[k][j];
        inverse[i][j] -= factor * inverse[k][j];
      }
    }
  }
  m = inverse;
  return true;
}

// One step of Gauss and Newton. Returns the change of omega; NaN where the points do not tell. The
// inverse of the normal matrix is left in `inverse`. Without `with_omega` the frequency stays.
double improve(Model& m, std::span<const double> points, bool with_omega, Matrix& inverse) {
  const std::size_t size = m.parameters() - (with_omega ? 0 : 1);
  Matrix normal{};
  Row right{};
  visit_rows(m, points, [&](const Row& row, double y) {
    for (std::size_t i = 0; i < size; ++i) {
      right[i] += row[i] * y;
      for (std::size_t j = 0; j <= i; ++j) normal[i][j] += row[i] * row[j];
    }
  });
  const auto n = static_cast<double>(points.size());
  const double power = with_omega ? std::max(normal[size - 1][size - 1], 1e-300) : 1;
  // Amplitudes of any size: the column of omega is brought to the size of the others.
  const double scale = std::sqrt(n / power);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double x = normal[i][j] / n;
      if (with_omega && i == size - 1) x *= j == i ? scale * scale : scale;
      normal[i][j] = normal[j][i] = x;
    }
  }
  if (with_omega) right[size - 1] *= scale;
  if (!invert(normal, size)) return std::nan("");
  Row solved{};
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) solved[i] += normal[i][j] * right[j] / n;
  }
  for (std::size_t i = 0; i + 1 < m.parameters(); ++i) m.p[i] = solved[i];
  inverse = normal;
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) {
      inverse[i][j] /= n;
      if (with_omega && i == size - 1) inverse[i][j] *= scale;
      if (with_omega && j == size - 1) inverse[i][j] *= scale;
    }
  }
  if (!with_omega) return 0;
  const double change = solved[size - 1] * scale * 2 / n;
  m.omega += change;
  return change;
}

// Until omega moves by less than a millionth of a cycle over the points. false: it does not settle.
bool settle(Model& m, std::span<const double> points, Matrix& inverse) {
  const double start = m.omega;
  const auto n = static_cast<double>(points.size());
  for (int round = 0; round < 20; ++round) {
    const double change = improve(m, points, true, inverse);
    if (!std::isfinite(change) || std::fabs(m.omega - start) * n > 4 * kPi) return false;
    if (std::fabs(change) * n < 1e-6) return true;
  }
  return false;
}

double residual_square(const Model& m, std::span<const double> points) {
  double square = 0;
  const std::size_t size = m.parameters() - 1;
  visit_rows(m, points, [&](const Row& row, double y) {
    double r = y;
    for (std::size_t i = 0; i < size; ++i) r -= row[i] * m.p[i];
    square += r * r;
  });
  return square;
}

std::vector<double> folded(std::span<const double> points, std::size_t by) {
  std::vector<double> out(points.size() / by);
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = mean_of(points.subspan(k * by, by));
  return out;
}

// What a mean of `count` samples leaves of an amplitude at `omega` radians per mean.
double left_by_averaging(double omega, std::size_t count) {
  if (count <= 1) return 1;
  const auto n = static_cast<double>(count);
  return std::sin(0.5 * omega) / (n * std::sin(0.5 * omega / n));
}

void take_harmonics(const Model& m, double sigma, std::size_t averaged, double n, SineFit& fit) {
  double square = 0;
  double variance = 0;
  for (int h = 2; h <= m.orders; ++h) {
    const double left = left_by_averaging(h * m.omega, averaged);
    const double component = 2 * sigma * sigma / n / (left * left);  // variance of a_h, of b_h
    const double amplitude2 = (m.a(h) * m.a(h) + m.b(h) * m.b(h)) / (left * left);
    const double true2 = std::max(0.0, amplitude2 - 2 * component);
    const auto at = static_cast<std::size_t>(h) - 2;
    fit.squares[at] = amplitude2 - 2 * component;
    const double variance_of = 4 * true2 * component + 4 * component * component;
    fit.squares_u[at] = std::sqrt(variance_of);
    square += fit.squares[at];
    variance += variance_of;
  }
  fit.harmonic_square = std::max(0.0, square);
  fit.harmonic_square_u = std::sqrt(variance);
}

}  // namespace

SineFit fit_sine(std::span<const double> all, std::size_t averaged, int most_orders) {
  if (all.size() < kFewestToFit) return {.why_not = NoSine::kTooFewCycles};
  const double start = strongest(all);
  const auto fold = std::max<std::size_t>(1, static_cast<std::size_t>(1 / (kPerCycle * start)));
  const std::vector<double> points = folded(all, fold);
  averaged *= fold;
  const auto n = static_cast<double>(points.size());
  const double by_fold = static_cast<double>(fold);
  Model m{.omega = 2 * kPi * start * by_fold};
  Matrix inverse{};
  improve(m, points, false, inverse);
  const bool settled = settle(m, points, inverse);
  const double noise2 = residual_square(m, points) / std::max(1.0, n - 4);
  // A line that noise alone makes among n / 2 once in a million times.
  const double power = (m.a(1) * m.a(1) + m.b(1) * m.b(1)) * n / 4;
  if (!settled || !(power > noise2 * (std::log(n) + 14))) return {.why_not = NoSine::kOnlyNoise};
  const double cycles = m.omega * n / (2 * kPi);
  if (cycles < kFewestCycles) return {.why_not = NoSine::kTooFewCycles};
  if (m.omega / (2 * kPi) * kFewestPerCycle > 1) return {.why_not = NoSine::kUndersampled};
  m.orders =
      std::clamp(static_cast<int>(0.9 * kPi / m.omega), 1, std::min(most_orders, kMostOrders));
  if (n < 2.0 * static_cast<double>(m.parameters())) m.orders = 1;
  if (m.orders > 1) {
    improve(m, points, false, inverse);
    if (!settle(m, points, inverse)) return {.why_not = NoSine::kOnlyNoise};
  }
  const std::size_t size = m.parameters();
  const double sigma = std::sqrt(residual_square(m, points) / (n - static_cast<double>(size)));
  SineFit fit{
      .frequency = m.omega / (2 * kPi) / by_fold,
      .frequency_u = sigma * std::sqrt(inverse[size - 1][size - 1]) * 2 / n / (2 * kPi) / by_fold,
      .offset = m.p[size - 2],
      .offset_u = sigma * std::sqrt(inverse[size - 2][size - 2]),
      .orders = m.orders,
      .residual = sigma * std::sqrt(by_fold)};
  const double left = left_by_averaging(m.omega, averaged);
  const double amplitude = std::hypot(m.a(1), m.b(1));
  const double ca = m.a(1) / amplitude;
  const double cb = m.b(1) / amplitude;
  const double along =
      ca * ca * inverse[0][0] + 2 * ca * cb * inverse[0][1] + cb * cb * inverse[1][1];
  fit.amplitude = amplitude / left;
  fit.amplitude_u = sigma * std::sqrt(along) / left;
  take_harmonics(m, sigma, averaged, n, fit);
  return fit;
}

}  // namespace rig
