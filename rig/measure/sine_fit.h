// A sine and its harmonics, fitted to equidistant points by least squares. Pure.
//
//   y(t) = offset + sum over h of a_h cos(h w t) + b_h sin(h w t),   h = 1 ... orders
//
// The frequency is one of the parameters: the four-parameter fit of IEEE Std 1057, taken further to
// harmonics so that they do not pull it where the points hold no whole number of cycles.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace rig {

enum class NoSine : std::uint8_t {
  kNone,          // there is one
  kOnlyNoise,     // nothing stands out of the noise
  kTooFewCycles,  // less than three
  kUndersampled,  // less than four samples a cycle
};

// Standard uncertainties are those of white noise of the residuals' size: the inverse of the normal
// matrix, which is the Cramer-Rao bound.
struct SineFit {
  NoSine why_not = NoSine::kNone;
  double frequency = 0;  // cycles per point
  double frequency_u = 0;
  double offset = 0;
  double offset_u = 0;
  double amplitude = 0;  // of the fundamental, peak
  double amplitude_u = 0;
  double harmonic_square = 0;  // sum of the squares of the harmonics' amplitudes, less the noise's
  double harmonic_square_u = 0;
  // Of the second harmonic, the third, ...: the square of its amplitude, less the noise's; and its
  // standard uncertainty.
  static constexpr std::size_t kHarmonics = 9;
  std::array<double, kHarmonics> squares{};
  std::array<double, kHarmonics> squares_u{};
  int orders = 1;       // fundamental included
  double residual = 0;  // standard deviation of a point from the fit
};

// Each point is the mean of `averaged` samples, whose loss of amplitude is undone. Harmonics up to
// `most_orders`, fewer where the samples do not carry them.
SineFit fit_sine(std::span<const double> points, std::size_t averaged, int most_orders);

}  // namespace rig
