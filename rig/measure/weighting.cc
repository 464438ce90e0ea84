#include "rig/measure/weighting.h"

#include <cmath>
#include <complex>
#include <numbers>

namespace rig {
namespace {

using Complex = std::complex<double>;

// 1 + p / (q f) + (p / f)^2
Complex second_order(Complex p, double f, double q) { return 1.0 + p / (q * f) + p * p / (f * f); }

}  // namespace

double wk_weighting(double hertz) {
  constexpr double kButterworth = 1 / std::numbers::sqrt2;
  if (!(hertz > 0)) return 0;
  const Complex p(0, hertz);
  const Complex high_pass = p * p / (0.4 * 0.4) / second_order(p, 0.4, kButterworth);
  const Complex low_pass = 1.0 / second_order(p, 100, kButterworth);
  const Complex transition = (1.0 + p / 12.5) / second_order(p, 12.5, 0.63);
  const Complex step =
      second_order(p, 2.37, 0.91) / second_order(p, 3.35, 0.91) * (2.37 * 2.37 / (3.35 * 3.35));
  return std::abs(high_pass * low_pass * transition * step);
}

}  // namespace rig
