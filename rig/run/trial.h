// A suite tried on one device, until the check that has to notice its defect has noticed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rig/bench/bench.h"
#include "rig/config/scenario.h"
#include "rig/core/record.h"

namespace rig {

// Each case has its own seed, so that neither order nor company changes it.
std::uint64_t seed_of_case(std::uint64_t run_seed, const std::string& id);

// The check that has to notice: under this requirement, a quantity that begins with one of these.
// Without a requirement any check that fails will do.
struct WantedCheck {
  std::string requirement;
  std::vector<std::string> quantities;

  bool is(const Finding& finding) const;
};

struct FailedCheck {
  std::string case_id;
  std::string quantity;
  std::string requirement;
  std::string found;     // in words
  std::string expected;  // in words
  double bench_s = 0;    // from the begin of the trial to the end of the step that failed
  double wall_s = 0;     // to the end of the case
};

struct NotPassed {
  std::string case_id;
  Verdict verdict = Verdict::kError;
  std::string reason;
};

struct Trial {
  std::size_t cases = 0;  // that were run
  double bench_s = 0;
  double wall_s = 0;
  std::optional<FailedCheck> first;   // of all checks
  std::optional<FailedCheck> wanted;  // of those that have to notice
  std::size_t failed_findings = 0;
  std::set<std::string> failed_requirements;
  std::vector<NotPassed> not_passed;
  // The largest share of its limit that a wanted check has found, 1 at the limit: |value| of one
  // bound, distance from the middle of two. None: no wanted check measured against such a limit.
  std::optional<double> share;
  bool interrupted = false;
};

struct TrialPlan {
  std::vector<const Scenario*> cases;  // in this order
  std::uint64_t seed = 1;
  WantedCheck wanted;
  bool stops_when_caught = true;
  // Run all the same after that: those whose requirements nobody else makes fail.
  std::function<bool(const Scenario&)> beyond;
  std::function<Bench(std::uint64_t seed)> open;
  std::function<bool()> interrupted;
};

// Keeps no capture and no record of what passed.
Trial try_suite(const TrialPlan& plan);

}  // namespace rig
