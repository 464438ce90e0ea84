#include "rig/evidence/qualification.h"

#include <fmt/format.h>

#include <boost/math/distributions/binomial.hpp>

#include "rig/core/error.h"
#include "rig/evidence/json_archive.h"

namespace rig {
namespace json {

void describe(auto& field, Is<Grade> auto& grade) {
  field("magnitude", grade.magnitude);
  field("detected", grade.detected);
  field("share", grade.share);
}

void describe(auto& field, Is<Grading> auto& grading) {
  field("unit", grading.unit);
  field("from", grading.harmless);
  field("to", grading.worst);
  field("smallest_detected", grading.smallest);
  field("largest_missed", grading.largest_missed);
  field("tried", grading.tried);
  field("error", grading.error);
}

void describe(auto& field, Is<SeededFault> auto& fault) {
  field("id", fault.id);
  field("title", fault.title);
  field("requirement", fault.requirement);
  field("expected_check", fault.expected_check);
  field("verdict", fault.verdict);
  field("caught_by", fault.caught_by);
  field("case", fault.case_id);
  field("found", fault.found);
  field("time_to_detect_s", fault.time_to_detect_s);
  field("wall_to_detect_s", fault.wall_to_detect_s);
  field("first_caught_by", fault.first_caught_by);
  field("first_requirement", fault.first_requirement);
  field("first_case", fault.first_case);
  field("first_time_s", fault.first_time_s);
  field("rare", fault.rare);
  field("error", fault.error);
  field("cases", fault.cases);
  field("failed_findings", fault.failed_findings);
  field("failed_requirements", fault.failed_requirements);
  field("wall_s", fault.wall_s);
  field("build_s", fault.build_s);
  field("grading_s", fault.grading_s);
  field("grading", fault.grading);
}

void describe(auto& field, Is<FalseAlarm> auto& alarm) {
  field("seed", alarm.seed);
  field("case", alarm.case_id);
  field("verdict", alarm.verdict);
  field("reason", alarm.reason);
}

void describe(auto& field, Is<CleanRun> auto& run) {
  field("seed", run.seed);
  field("cases", run.cases);
  field("bench_s", run.bench_s);
  field("wall_s", run.wall_s);
  field("alarms", run.alarms);
}

void describe(auto& field, Is<Qualification> auto& q) {
  field("tool", q.tool);
  field("started_utc", q.started_utc);
  field("suite", q.suite);
  field("filter", q.filter);
  field("bench", q.bench);
  field("bench_sha256", q.bench_sha256);
  field("spec_sha256", q.spec_sha256);
  field("firmware_sha256", q.firmware_sha256);
  field("seed", q.seed);
  field("suite_cases", q.suite_cases);
  field("finished", q.finished);
  field("seeded", q.seeded);
  field("detected", q.detected);
  field("detection_at_least", q.detection_bound);
  field("clean_runs", q.clean_runs);
  field("clean_cases", q.clean_cases);
  field("false_alarms", q.false_alarms);
  field("false_alarm_rate_at_most", q.false_alarm_bound);
  field("alarms", q.alarms);
  field("faults", q.faults);
  field("requirements_never_failed", q.requirements_never_failed);
  field("processor_s", q.wall_by_part);
  field("jobs", q.jobs);
  field("wall_s", q.wall_s);
}

}  // namespace json

namespace {

template <typename T>
T read(std::string_view text) {
  T value;
  try {
    json::decode(json::Json::parse(text), value);
  } catch (const json::Misfit& wrong) {
    throw RigError("a worker's result: " + wrong.path + ": expected " + wrong.expected +
                   ", found " + wrong.found);
  } catch (const json::Json::exception& error) {
    throw RigError(std::string("a worker's result: ") + error.what());
  }
  return value;
}

}  // namespace

double proportion_at_least(std::uint64_t k, std::uint64_t n) {
  if (k == 0) return 0;
  return boost::math::binomial_distribution<>::find_lower_bound_on_p(static_cast<double>(n),
                                                                     static_cast<double>(k), 0.05);
}

double proportion_at_most(std::uint64_t k, std::uint64_t n) {
  if (k == n) return 1;
  return boost::math::binomial_distribution<>::find_upper_bound_on_p(static_cast<double>(n),
                                                                     static_cast<double>(k), 0.05);
}

void count(Qualification& q, const std::vector<CleanRun>& clean) {
  q.seeded = q.detected = q.clean_cases = q.false_alarms = 0;
  q.alarms.clear();
  for (const SeededFault& fault : q.faults) {
    if (fault.verdict != "not run") ++q.seeded;
    if (fault.verdict == "detected") ++q.detected;
  }
  for (const CleanRun& run : clean) {
    q.clean_cases += run.cases;
    if (!run.alarms.empty()) ++q.false_alarms;
    q.alarms.insert(q.alarms.end(), run.alarms.begin(), run.alarms.end());
  }
  q.clean_runs = clean.size();
  q.detection_bound = proportion_at_least(q.detected, q.seeded);
  q.false_alarm_bound = proportion_at_most(q.false_alarms, q.clean_runs);
}

std::string to_json(const Qualification& q) {
  json::Json object = json::Json::object();
  object["schema"] = "soleus-rig qualification 1";
  object.update(json::encode(q));
  return object.dump(1);
}
std::string to_json(const SeededFault& fault) { return json::encode(fault).dump(); }
std::string to_json(const CleanRun& run) { return json::encode(run).dump(); }
SeededFault fault_from_json(std::string_view text) { return read<SeededFault>(text); }
CleanRun clean_run_from_json(std::string_view text) { return read<CleanRun>(text); }

std::string fault_line(const SeededFault& fault) {
  std::string line =
      fmt::format("{:<5} {:<60.60} {:<8} {:<9} ", fault.id, fault.title,
                  fault.requirement.empty() ? "-" : fault.requirement, fault.verdict);
  if (fault.caught_by) {
    line += fmt::format("{} after {:.1f} s in {}", *fault.caught_by, *fault.time_to_detect_s,
                        *fault.case_id);
  } else if (fault.first_caught_by) {
    line += fmt::format("only by {} [{}] in {}", *fault.first_caught_by, fault.first_requirement,
                        fault.first_case);
  } else {
    line += fault.error;
  }
  if (fault.grading && fault.grading->smallest) {
    line += fmt::format("; from {} {} on", *fault.grading->smallest, fault.grading->unit);
  }
  return line;
}

std::string summary_text(const Qualification& q) {
  std::string text;
  for (const SeededFault& fault : q.faults) text += fault_line(fault) + "\n";
  for (const FalseAlarm& alarm : q.alarms) {
    text += fmt::format("false alarm with seed {}: {} {}: {}\n", alarm.seed,
                        to_string(alarm.verdict), alarm.case_id, to_one_line(alarm.reason));
  }
  if (q.requirements_never_failed) {
    text += fmt::format("{} requirements whose checks no fault has made fail",
                        q.requirements_never_failed->size());
    const char* separator = ": ";
    for (const auto& [id, title] : *q.requirements_never_failed) {
      text += std::exchange(separator, " ") + id;
    }
    text += "\n";
  }
  text += fmt::format(
      "{} of {} seeded faults detected by the check that names them (at least {:.1f} %)\n"
      "{} of {} clean runs raised a false alarm (at most {:.2f} %), {} cases\n",
      q.detected, q.seeded, 100 * q.detection_bound, q.false_alarms, q.clean_runs,
      100 * q.false_alarm_bound, q.clean_cases);
  text += fmt::format("{:.0f} s on {} processors; processor seconds:", q.wall_s, q.jobs);
  for (const auto& [part, seconds] : q.wall_by_part)
    text += fmt::format(" {} {:.0f}", part, seconds);
  text += q.finished ? "\n" : "\nnot finished\n";
  return text;
}

}  // namespace rig
