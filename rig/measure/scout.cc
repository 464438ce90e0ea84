#include "rig/measure/scout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "rig/measure/ringing.h"

namespace rig {
namespace {

constexpr std::size_t kForQuantiles = 1 << 18;
constexpr double kQuarter = 0.3186;      // |z| below which a quarter of a normal distribution lies
constexpr double kMedianOfAbs = 0.6745;  // and half of it

double quantile(std::vector<float>& values, double share) {
  const auto k = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + k, values.end());
  return values[static_cast<std::size_t>(k)];
}

// Steps from sample to sample know nothing of pulses and little of hum; distances from the baseline
// know all noise, but pulses too.
double noise_of(std::span<const float> values, double baseline, std::size_t stride) {
  std::vector<float> steps;
  std::vector<float> distances;
  for (std::size_t k = 0; k + 1 < values.size(); k += stride) {
    steps.push_back(std::fabs(values[k + 1] - values[k]));
    distances.push_back(std::fabs(values[k] - static_cast<float>(baseline)));
  }
  if (steps.empty()) return 0;
  const double white = quantile(steps, 0.5) / kMedianOfAbs / std::sqrt(2.0);
  const double all = quantile(distances, 0.25) / kQuarter;
  return white > 0 ? std::clamp(all, white, 4 * white) : all;
}

struct Excursion {
  std::size_t first = 0;
  std::size_t last = 0;
  bool high = false;
  double peak = 0;
};

// A stretch ends at half of the threshold, so that noise on an edge does not break it up.
std::vector<Excursion> beyond(std::span<const float> values, double baseline, double threshold) {
  std::vector<Excursion> runs;
  for (std::size_t k = 0; k < values.size(); ++k) {
    const double x = static_cast<double>(values[k]) - baseline;
    if (!runs.empty() && runs.back().last + 1 == k) {
      Excursion& run = runs.back();
      const double along = run.high ? x : -x;
      if (along > 0.5 * threshold) {
        run.last = k;
        run.peak = std::max(run.peak, along);
        continue;
      }
    }
    if (std::fabs(x) > threshold) runs.push_back({k, k, x > 0, std::fabs(x)});
  }
  leave_out_ringing(runs, [](const Excursion& run) { return run.peak; });
  return runs;
}

// Samples; 0: too few runs to tell.
double gap_between(const std::vector<Excursion>& runs) {
  struct Gap {
    double length;
    bool opposite;
  };
  std::vector<Gap> gaps;
  for (std::size_t k = 1; k < runs.size(); ++k) {
    const double length = static_cast<double>(runs[k].first - runs[k - 1].last - 1);
    gaps.push_back({std::max(1.0, length), runs[k].high != runs[k - 1].high});
  }
  if (gaps.empty()) return 0;
  std::ranges::sort(gaps, {}, &Gap::length);
  std::size_t kind_ends = gaps.size();
  for (std::size_t k = 1; k < gaps.size(); ++k) {
    if (gaps[k].length < 3 * gaps[k - 1].length) continue;
    kind_ends = k;
    break;
  }
  const auto opposite = static_cast<std::size_t>(
      std::count_if(gaps.begin(), gaps.begin() + static_cast<std::ptrdiff_t>(kind_ends),
                    [](const Gap& g) { return g.opposite; }));
  const bool inside_pulses = opposite * 2 > kind_ends;
  if (!inside_pulses) return 0.5 * gaps.front().length;
  const double longest = gaps[kind_ends - 1].length;
  if (kind_ends < gaps.size()) return std::sqrt(longest * gaps[kind_ends].length);
  return gaps.size() == 1 ? 2 * longest : 0.5 * gaps.front().length;
}

}  // namespace

double resolution_of(std::span<const float> values) {
  std::vector<float> levels(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                 values.size(), kForQuantiles)));
  std::ranges::sort(levels);
  double largest = 1e-30;
  if (!levels.empty()) largest += std::max(std::fabs(levels.front()), std::fabs(levels.back()));
  const double rounding = 4 * std::numeric_limits<float>::epsilon() * largest;
  double least = 0;
  for (std::size_t k = 1; k < levels.size(); ++k) {
    const double apart = static_cast<double>(levels[k]) - static_cast<double>(levels[k - 1]);
    if (apart > rounding && (least == 0 || apart < least)) least = apart;
  }
  return std::max(least, rounding);
}

Scouted scout(std::span<const float> values, double code, double step, const ScoutGiven& given) {
  Scouted found;
  if (values.empty()) return found;
  const std::size_t stride = 1 + values.size() / kForQuantiles;
  std::vector<float> some;
  for (std::size_t k = 0; k < values.size(); k += stride) some.push_back(values[k]);
  found.baseline = given.baseline.value_or(quantile(some, 0.5));
  found.noise = noise_of(values, found.baseline, stride);
  for (const float v : values)
    found.peak = std::max(found.peak, std::fabs(static_cast<double>(v) - found.baseline));
  found.threshold =
      given.threshold.value_or(std::max(8 * found.noise + 1.5 * code, 0.02 * found.peak));
  if (found.threshold == 0) found.threshold = 1e-12;  // nothing but zeros
  const std::vector<Excursion> runs = beyond(values, found.baseline, found.threshold);
  found.runs = runs.size();
  found.max_gap = gap_between(runs) * step;
  return found;
}

}  // namespace rig
