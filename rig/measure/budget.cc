#include "rig/measure/budget.h"

#include <algorithm>
#include <cmath>

namespace rig {

std::string_view words_for(Source source) {
  static constexpr std::array<std::string_view, kSources> kWords{
      "noise",
      "edges between samples",
      "quantisation",
      "bandwidth",
      "sample clock",
      "gain",
      "offset",
      "scale of the channel",
      "load",
      "scatter of the pulses",
      "instant of the event",
      "alignment of the capture",
      "envelope seen once per pulse",
      "noise in an extreme",
  };
  return kWords[static_cast<std::size_t>(source)];
}

Budget& Budget::add(Source source, double u, double dof) {
  double& part = parts_[static_cast<std::size_t>(source)];
  part = std::hypot(part, u);
  if (source == Source::kNoise) noise_dof_ = std::min(noise_dof_, dof);
  if (source == Source::kScatter) scatter_dof_ = std::min(scatter_dof_, dof);
  return *this;
}

Budget& Budget::add(const Budget& other) {
  for (std::size_t k = 0; k < kSources; ++k) parts_[k] = std::hypot(parts_[k], other.parts_[k]);
  noise_dof_ = std::min(noise_dof_, other.noise_dof_);
  scatter_dof_ = std::min(scatter_dof_, other.scatter_dof_);
  return *this;
}

Budget& Budget::add_pulse(const Budget& other) {
  constexpr auto kNoise = static_cast<std::size_t>(Source::kNoise);
  for (std::size_t k = 0; k < kSources; ++k) {
    parts_[k] = k == kNoise ? std::hypot(parts_[k], other.parts_[k]) : parts_[k] + other.parts_[k];
  }
  noise_dof_ = std::min(noise_dof_, other.noise_dof_);
  scatter_dof_ = std::min(scatter_dof_, other.scatter_dof_);
  return *this;
}

Budget Budget::times(double sensitivity) const {
  Budget scaled = *this;
  for (double& part : scaled.parts_) part *= std::fabs(sensitivity);
  return scaled;
}

Budget Budget::without(Source source) const {
  Budget rest = *this;
  rest.parts_[static_cast<std::size_t>(source)] = 0;
  return rest;
}

Budget Budget::of_mean(double n, double left) const {
  Budget mean = in_places(left);
  mean.parts_[static_cast<std::size_t>(Source::kNoise)] /= std::sqrt(n);
  mean.noise_dof_ *= n;
  return mean;
}

Budget Budget::in_places(double left) const {
  Budget rest = *this;
  rest.parts_[static_cast<std::size_t>(Source::kSampling)] *= left;
  return rest;
}

double Budget::u() const {
  double square = 0;
  for (const double part : parts_) square += part * part;
  return std::sqrt(square);
}

double Budget::dof() const {
  const double noise = (*this)[Source::kNoise];
  const double scatter = (*this)[Source::kScatter];
  const double lost = std::pow(noise, 4) / noise_dof_ + std::pow(scatter, 4) / scatter_dof_;
  return lost > 0 ? std::pow(u(), 4) / lost : std::numeric_limits<double>::infinity();
}

std::vector<std::pair<std::string, double>> Budget::parts() const {
  std::vector<std::pair<std::string, double>> parts;
  for (std::size_t k = 0; k < kSources; ++k) {
    if (parts_[k] > 0) parts.emplace_back(words_for(static_cast<Source>(k)), parts_[k]);
  }
  std::ranges::sort(parts, std::ranges::greater{}, &std::pair<std::string, double>::second);
  return parts;
}

}  // namespace rig
