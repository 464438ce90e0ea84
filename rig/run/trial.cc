#include "rig/run/trial.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "rig/run/runner.h"

namespace rig {
namespace {

using WallClock = std::chrono::steady_clock;

double seconds_since(WallClock::time_point begun) {
  return std::chrono::duration<double>(WallClock::now() - begun).count();
}

std::optional<double> share_of_limit(const Finding& finding) {
  if (!finding.measured || !finding.limit) return {};
  const Limit& limit = *finding.limit;
  const double value = finding.measured->value;
  double share = 0;
  if (limit.low && limit.high) {
    const double half = (*limit.high - *limit.low) / 2;
    share = std::fabs(value - *limit.low - half) / half;
  } else if (limit.high) {
    share = std::fabs(value) / *limit.high;
  } else if (limit.low) {
    share = *limit.low / std::fabs(value);
  }
  return std::isfinite(share) && share > 0 ? std::optional(share) : std::nullopt;
}

void add(const CaseRecord& record, const TrialPlan& plan, WallClock::time_point begun,
         Trial& trial) {
  for (const StepRecord& step : record.steps) {
    for (const Finding& finding : step.findings) {
      const bool wanted = plan.wanted.is(finding);
      if (wanted) trial.share = std::max(trial.share, share_of_limit(finding));
      if (finding.verdict != Verdict::kFail) continue;
      ++trial.failed_findings;
      if (!finding.requirement.empty()) trial.failed_requirements.insert(finding.requirement);
      const FailedCheck failed{.case_id = record.id,
                               .quantity = finding.quantity,
                               .requirement = finding.requirement,
                               .found = finding.found,
                               .expected = finding.expected,
                               .bench_s = trial.bench_s + to_seconds(step.ended),
                               .wall_s = seconds_since(begun)};
      if (!trial.first) trial.first = failed;
      if (wanted && !trial.wanted) trial.wanted = failed;
    }
  }
  ++trial.cases;
  trial.bench_s += to_seconds(record.bench_time);
  if (record.verdict != Verdict::kPass) {
    trial.not_passed.push_back(
        {.case_id = record.id, .verdict = record.verdict, .reason = record.reason});
  }
}

}  // namespace

// FNV-1a.
std::uint64_t seed_of_case(std::uint64_t run_seed, const std::string& id) {
  std::uint64_t hash = 14695981039346656037u ^ run_seed;
  for (const char c : id) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  return hash;
}

bool WantedCheck::is(const Finding& finding) const {
  if (requirement.empty()) return true;
  return finding.requirement == requirement &&
         std::ranges::any_of(quantities, [&](const std::string& beginning) {
           return finding.quantity.starts_with(beginning);
         });
}

Trial try_suite(const TrialPlan& plan) {
  const auto begun = WallClock::now();
  Trial trial;
  NoRecorder recorder;
  for (const Scenario* scenario : plan.cases) {
    const bool caught = plan.stops_when_caught && trial.wanted;
    if (caught && !(plan.beyond && plan.beyond(*scenario))) continue;
    const std::uint64_t seed = seed_of_case(plan.seed, scenario->id);
    const CaseRecord record = run_case(
        {.scenario = *scenario, .index = 0, .seed = seed}, [&] { return plan.open(seed); },
        recorder, plan.interrupted);
    if (plan.interrupted()) {  // it may have cut this very case short
      trial.interrupted = true;
      break;
    }
    add(record, plan, begun, trial);
  }
  trial.wall_s = seconds_since(begun);
  return trial;
}

}  // namespace rig
