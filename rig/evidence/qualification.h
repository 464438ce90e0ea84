// What `rig qualify` found out: which seeded faults the suite catches, by which check, how small
// they may be, and how often it cries wolf. As data, as JSON and as a table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rig/core/verdict.h"

namespace rig {

// One magnitude of a graded fault.
struct Grade {
  std::int64_t magnitude = 0;
  bool detected = false;
  std::optional<double> share;  // of the limit that the named check saw used up: 1 is at the limit
};

struct Grading {
  std::string unit;
  std::int64_t harmless = 0;
  std::int64_t worst = 0;
  std::optional<std::int64_t> smallest;  // detected; none: not even the worst
  std::int64_t largest_missed = 0;
  std::vector<Grade> tried;  // from harmless to worst
  std::string error;         // why it could not be graded
};

struct SeededFault {
  std::string id;
  std::string title;
  std::string requirement;     // that it breaks; empty: any failing check will do
  std::string expected_check;  // the quantities that have to notice, "a or b"
  std::string rare;            // when alone it shows
  // "detected" by the check that has to; "elsewhere": by others alone; "missed"; "error": the rig
  // could not find out; "not run".
  std::string verdict = "not run";
  std::string error;
  std::optional<std::string> caught_by;  // the check that has to, as it failed
  std::optional<std::string> case_id;
  std::string found;
  std::optional<double> time_to_detect_s;  // bench time in the order of the suite
  double wall_to_detect_s = 0;
  // The first check of all that failed.
  std::optional<std::string> first_caught_by;
  std::string first_requirement;
  std::string first_case;
  double first_time_s = 0;
  std::uint64_t cases = 0;  // run
  std::uint64_t failed_findings = 0;
  std::vector<std::string> failed_requirements;
  double wall_s = 0;
  double build_s = 0;
  double grading_s = 0;
  std::optional<Grading> grading;
};

struct FalseAlarm {
  std::uint64_t seed = 0;
  std::string case_id;
  Verdict verdict = Verdict::kError;
  std::string reason;
};

struct CleanRun {
  std::uint64_t seed = 0;
  std::uint64_t cases = 0;
  double bench_s = 0;
  double wall_s = 0;
  std::vector<FalseAlarm> alarms;
};

struct Qualification {
  std::string tool;
  std::string started_utc;
  std::string suite;   // title
  std::string filter;  // which of its cases
  std::string bench;
  std::string bench_sha256;
  std::string spec_sha256;
  std::string firmware_sha256;
  std::uint64_t seed = 0;
  std::uint64_t suite_cases = 0;  // against each fault, at most
  std::uint64_t seeded = 0;
  std::uint64_t detected = 0;
  double detection_bound = 0;  // lower, one-sided 95 %, Clopper-Pearson
  std::uint64_t clean_runs = 0;
  std::uint64_t clean_cases = 0;
  std::uint64_t false_alarms = 0;  // clean runs that did not pass
  double false_alarm_bound = 1;    // upper, one-sided 95 %, of the rate per run
  std::vector<FalseAlarm> alarms;
  std::vector<SeededFault> faults;
  // Id and title. None: only some of the faults were seeded, and the list would say nothing.
  std::optional<std::vector<std::pair<std::string, std::string>>> requirements_never_failed;
  std::vector<std::pair<std::string, double>> wall_by_part;  // processor seconds
  std::uint64_t jobs = 0;
  double wall_s = 0;
  bool finished = false;
};

// Exact one-sided 95 % bounds of a proportion of which `k` of `n` were seen (Clopper and Pearson,
// Biometrika 26, 1934): 70 of 70 is at least 0.958. 0 and 1 where nothing was tried.
double proportion_at_least(std::uint64_t k, std::uint64_t n);
double proportion_at_most(std::uint64_t k, std::uint64_t n);

// Fills in the counts and their bounds.
void count(Qualification& q, const std::vector<CleanRun>& clean);

std::string to_json(const Qualification& q);
std::string to_json(const SeededFault& fault);
std::string to_json(const CleanRun& run);
// Throw RigError naming the place that does not fit.
SeededFault fault_from_json(std::string_view text);
CleanRun clean_run_from_json(std::string_view text);

// A line for each fault: "F43  Lead-off needs ...   SRS-041  output.off_latency  1.9 s".
std::string fault_line(const SeededFault& fault);
std::string summary_text(const Qualification& q);

}  // namespace rig
