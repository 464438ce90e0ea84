#include "rig/measure/sine_quantities.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "rig/measure/evaluate.h"

namespace rig {
namespace {

// In the order of SineQuantity.
constexpr std::array<std::string_view, kSineQuantities> kNames{
    "vibration.frequency", "vibration.peak",   "vibration.peak_to_peak", "vibration.rms",
    "vibration.thd",       "vibration.offset", "vibration.displacement"};

struct Over {
  SineWindow::Pooled all;
  double first = 0;
  double last = 0;
  double deciding = 0;
  double least = std::numeric_limits<double>::infinity();
  std::uint64_t at = 0;

  double sd() const {
    return all.count > 1 ? std::sqrt(all.m2 / static_cast<double>(all.count - 1)) : 0;
  }
  // Few windows do not show their scatter.
  Budget mean_u() const {
    const auto n = static_cast<double>(all.count);
    Budget u(Source::kScale, all.common_u);
    if (all.count < kFewestForScatter) return u.add(Source::kNoise, all.random_u / std::sqrt(n));
    return u.add(Source::kScatter, sd() / std::sqrt(n), n - 1);
  }

  void add(const SineWindow::Pooled& w, const Limit* limit, std::uint64_t sample) {
    if (all.count == 0) first = w.mean;
    last = w.mean;
    for (const double x : {w.lowest, w.highest}) {
      if (margin_to(limit, x) >= least) continue;
      least = margin_to(limit, x);
      deciding = x;
      at = sample;
    }
    const auto a = static_cast<double>(all.count);
    const auto b = static_cast<double>(w.count);
    const double delta = w.mean - all.mean;
    all.lowest = all.count == 0 ? w.lowest : std::min(all.lowest, w.lowest);
    all.highest = all.count == 0 ? w.highest : std::max(all.highest, w.highest);
    all.mean += delta * b / (a + b);
    all.m2 += w.m2 + delta * delta * a * b / (a + b);
    all.count += w.count;
    all.random_u = std::max(all.random_u, w.random_u);
    all.common_u = std::max(all.common_u, w.common_u);
  }
};

std::size_t index_of(std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(kNames, name) - kNames.begin());
}

Measurement taken(const QuantityName& what, const Over& over, const CaptureInfo& info) {
  Measurement m{.name = std::string(what.info->name),
                .value = over.deciding,
                .unit = std::string(what.info->unit),
                .statistic = std::string(statistic_name(what.statistic)),
                .count = over.all.count,
                .lowest = over.all.lowest,
                .highest = over.all.highest,
                .at = info.armed_at + info.rate.time_of(over.at)};
  Budget u = Budget(Source::kScale, over.all.common_u).add(Source::kNoise, over.all.random_u);
  switch (what.statistic) {
    case Statistic::kEvery: break;
    case Statistic::kMin: m.value = over.all.lowest; break;
    case Statistic::kMax: m.value = over.all.highest; break;
    case Statistic::kFirst: m.value = over.first; break;
    case Statistic::kLast: m.value = over.last; break;
    case Statistic::kMean:
      m.value = over.all.mean;
      u = over.mean_u();
      break;
    case Statistic::kSd: {
      m.value = over.sd();
      const double n = static_cast<double>(over.all.count) - 1;
      u = Budget().add(Source::kScatter, m.value / std::sqrt(2 * n), n);  // GUM E.4.3
      break;
    }
  }
  give(m, u);
  if (what.statistic != Statistic::kEvery) m.name += "." + m.statistic;
  return m;
}

}  // namespace

bool is_of_a_sine(std::string_view quantity) {
  return std::ranges::find(kNames, quantity) != kNames.end();
}

Measured measure_sine(const QuantityName& what, const Observation& seen, const Limit* limit) {
  if (seen.sine == nullptr) {
    return {.why_not = std::string(what.info->name) + " needs channel acceleration"};
  }
  const CaptureInfo& info = *seen.info;
  const std::size_t q = index_of(what.info->name);
  Over over;
  for (const SineWindow& w : seen.sine->windows()) {
    if (info.armed_at + info.rate.time_of(w.first) < seen.from) continue;
    if (info.armed_at + info.rate.time_of(w.end) > seen.to) break;
    if (w.bad_count > 0) {
      return {.why_not = in_words(w), .device_silent = w.bad == SineWindow::Bad::kOnlyNoise};
    }
    over.add(w.values[q], limit, w.first);
  }
  if (over.all.count == 0) {
    return {.why_not = "no whole window of " + rig::in_words(seen.sine->window_length(), "s") +
                       " lies inside"};
  }
  if (what.statistic == Statistic::kSd && over.all.count < 2) {
    return {.why_not = "one window has no scatter"};
  }
  return {.value = taken(what, over, info)};
}

Summary summarise_sine(const SineTrack& track) {
  Summary summary;
  std::string doubt;
  std::size_t bad = 0;
  for (const SineWindow& w : track.windows()) {
    if (w.bad_count > 0 && bad == 0) doubt = in_words(w);
    bad += w.bad_count;
  }
  if (bad > 1) doubt += ", and " + std::to_string(bad - 1) + " more windows";
  const bool of_acceleration = track.channel().unit == "m/s2";
  for (std::size_t q = 0; q < kSineQuantities; ++q) {
    const QuantityInfo* info = find_quantity(kNames[q])->info;
    Over over;
    for (const SineWindow& w : track.windows()) {
      if (w.values[q].count > 0) over.add(w.values[q], nullptr, w.first);
    }
    if (over.all.count == 0) {
      summary.not_measured.push_back({info, doubt.empty() ? "the record is too short" : doubt});
    } else if (kNames[q] == "vibration.displacement" && !of_acceleration) {
      summary.not_measured.push_back({info, "it needs an acceleration in m/s2"});
    } else {
      summary.measured.push_back({.info = info,
                                  .name = std::string(info->name),
                                  .n = over.all.count,
                                  .mean = over.all.mean,
                                  .sd = over.sd(),
                                  .lowest = over.all.lowest,
                                  .highest = over.all.highest,
                                  .u = over.mean_u().u(),
                                  .doubt = doubt});
    }
  }
  return summary;
}

}  // namespace rig
