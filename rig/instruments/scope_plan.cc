#include "rig/instruments/scope_plan.h"

#include <algorithm>
#include <cmath>

#include "rig/core/error.h"
#include "rig/instruments/scope_talk.h"
#include "rig/instruments/streaming_sampler.h"

namespace rig {
namespace {

constexpr Picos kVisible = std::chrono::milliseconds(300);  // so long a record is seen being taken
constexpr std::size_t kMostPlans = 24;  // tried on a scope that takes the memory it likes
// Of a download, assumed: some give 24 Mpts in 5 min, a local network carries ten times that.
constexpr double kPointsPerSecond = 250e3;

// The next of 1, 2, 5, 10 ... at or above.
double step_above(double value) {
  const double decade = std::pow(10.0, std::floor(std::log10(value) + 1e-9));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (step * decade >= value * (1 - 1e-9)) return step * decade;
  }
  return 10 * decade;
}

// s until all is there, during which the device goes on doing what it was told.
double time_of(const ScopePlan& plan, const CaptureSetup& setup) {
  const double span = static_cast<double>(plan.depth) / plan.rate;
  const double points = plan.rate * to_seconds(setup.length);
  return span + points * static_cast<double>(setup.channels.size()) / kPointsPerSecond;
}

std::vector<ScopePlan> plans_of(const ScopeDialect& dialect, const CaptureSetup& setup,
                                Picos length) {
  const std::uint64_t shared =
      dialect.shared.at(std::min<std::size_t>(setup.channels.size(), 4) - 1);
  std::vector<ScopePlan> plans;
  for (const std::uint64_t all : dialect.depths) {
    const std::uint64_t depth = all / shared;
    for (double scale = 5e-9; scale < 60; scale = step_above(scale * 1.01)) {
      const double span = scale * dialect.time_divisions;
      const double fastest = dialect.most_rate / static_cast<double>(shared);
      double rate = static_cast<double>(depth) / span;
      if (dialect.depth.empty()) rate = std::min(rate, fastest);
      if (rate < setup.rate.hertz() * (1 - 1e-9) || rate > fastest * (1 + 1e-9)) continue;
      if (span >= to_seconds(length)) {
        plans.push_back({.depth = depth, .time_scale = scale, .rate = rate});
      }
    }
  }
  std::ranges::stable_sort(plans, [&](const ScopePlan& a, const ScopePlan& b) {
    return time_of(a, setup) < time_of(b, setup) * (1 - 1e-9);
  });
  return plans;
}

}  // namespace

std::vector<ScopePlan> scope_plans(const ScopeDialect& dialect, const CaptureSetup& setup) {
  std::vector<ScopePlan> plans = plans_of(dialect, setup, std::max(setup.length, kVisible));
  if (plans.empty() || !dialect.exact) {
    const auto short_ones = plans_of(dialect, setup, setup.length);
    plans.insert(plans.end(), short_ones.begin(), short_ones.end());
  }
  if (plans.size() > kMostPlans) plans.resize(kMostPlans);
  if (!plans.empty()) return plans;
  throw Blocked("the " + std::string(dialect.name) + " cannot record " +
                scope_number(to_seconds(setup.length)) + " s of " +
                std::to_string(setup.channels.size()) + " channels at " +
                scope_number(setup.rate.hertz()) + " Hz");
}

double scope_scale(const ScopeDialect& dialect, const CaptureSetup& setup,
                   const ScopeChannel& channel) {
  const double volts = volts_needed(setup, channel, 4 * dialect.widest_scale);
  return channel.probe * step_above(std::max(volts / 4, dialect.least_scale));
}

std::string scope_depth(const ScopeDialect& dialect, std::uint64_t depth) {
  if (dialect.kilo == 0) return std::to_string(depth);
  if (depth >= 1'000'000) return scope_number(static_cast<double>(depth) / 1e6) + "M";
  return scope_number(static_cast<double>(depth) / 1e3) + dialect.kilo;
}

}  // namespace rig
