#include "rig/evidence/junit.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "rig/evidence/files.h"
#include "rig/evidence/summary.h"
#include "rig/evidence/text.h"

namespace rig {
namespace {

constexpr std::size_t kMostFindings =
    20;  // CI systems choke on long texts; the record has them all
constexpr const char* kNeverBegunSuite = "never begun";

struct TestCase {
  std::string name;
  Verdict verdict = Verdict::kError;
  std::string reason;
  double seconds = 0;
  const CaseRecord* record = nullptr;  // null: never begun
};

struct Suite {
  std::set<std::string> verifies;
  std::vector<TestCase> cases;
};

struct Counts {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  double seconds = 0;

  void add(const TestCase& test) {
    ++tests;
    seconds += test.seconds;
    if (test.record != nullptr && is_excused(*test.record)) {
      ++skipped;
      return;
    }
    switch (test.verdict) {
      case Verdict::kPass:
      case Verdict::kFlaky: break;
      case Verdict::kInconclusive:
      case Verdict::kFail: ++failures; break;
      case Verdict::kBlocked: ++skipped; break;
      case Verdict::kError: ++errors; break;
    }
  }
};

// Decimal without exponent, whatever the locale; what is no time is 0.
std::string decimal(double seconds) {
  return fmt::format("{:.6f}", std::isfinite(seconds) && seconds > 0 ? seconds : 0.0);
}

std::string attribute(std::string_view name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, to_xml(value));
}

// "scenarios/safety/lead_off.yaml" -> "scenarios.safety.lead_off"
std::string class_name(const std::string& file) {
  std::string name = std::filesystem::path(file).replace_extension().string();
  for (char& c : name) c = c == '/' ? '.' : c;
  return name;
}

std::string described(const Finding& finding) {
  std::string text = finding.quantity;
  if (!finding.capture.empty()) text += " in " + finding.capture;
  text += ": expected " + finding.expected + ", found " + finding.found;
  if (!finding.requirement.empty()) text += " [" + finding.requirement + "]";
  if (!finding.reason.empty()) text += ": " + finding.reason;
  return text;
}

// Whatever kept the case from passing, a line each.
std::string details(const CaseRecord& record) {
  std::string text;
  std::size_t left_out = 0;
  std::size_t shown = 0;
  const auto add = [&](const std::string& line) {
    if (shown++ < kMostFindings) {
      text += line + "\n";
    } else {
      ++left_out;
    }
  };
  for (const StepRecord& step : record.steps) {
    const std::string where = step.where.empty() ? "step " + step.path : step.where;
    if (!step.error.empty()) add(where + ": " + step.error);
    for (const Finding& finding : step.findings) {
      if (finding.verdict != Verdict::kPass) add(where + ": " + described(finding));
    }
  }
  if (left_out > 0) text += fmt::format("and {} more\n", left_out);
  return text;
}

std::map<std::string, Suite> suites_of(const RunRecord& run) {
  std::map<std::string, Suite> suites;
  for (const CaseRecord* record : counting_cases(run)) {
    Suite& suite = suites[record->file];
    suite.verifies.insert(record->verifies.begin(), record->verifies.end());
    suite.cases.push_back({.name = record->id,
                           .verdict = verdict_of(*record),
                           .reason = record->reason,
                           .seconds = record->wall_seconds,
                           .record = record});
  }
  for (const std::string& id : never_begun(run)) {
    suites[kNeverBegunSuite].cases.push_back(
        {.name = id, .reason = "planned, but never begun: the run ended before it"});
  }
  // A reader takes the second case of a name for the first: every name must be its own.
  for (auto& [file, suite] : suites) {
    std::map<std::string, int> seen;
    for (TestCase& test : suite.cases) {
      const int nth = ++seen[test.name];
      if (nth > 1) test.name += fmt::format(" #{}", nth);
    }
  }
  return suites;
}

std::string outcome_xml(const char* element, const TestCase& test) {
  return fmt::format("      <{0}{1}{2}>{3}</{0}>\n", element,
                     attribute("type", to_string(test.verdict)), attribute("message", test.reason),
                     test.record == nullptr ? "" : to_xml(details(*test.record)));
}

std::string case_xml(const std::string& file, const TestCase& test) {
  std::string xml = "    <testcase" + attribute("classname", class_name(file)) +
                    attribute("name", test.name) + attribute("time", decimal(test.seconds)) + ">\n";
  if (test.record != nullptr && is_excused(*test.record)) {
    return xml + "      <skipped" + attribute("type", "QUARANTINED") +
           attribute("message", "quarantined: " + *test.record->quarantine + "; " + test.reason) +
           "/>\n    </testcase>\n";
  }
  switch (test.verdict) {
    case Verdict::kPass: break;
    case Verdict::kFlaky:
      xml += fmt::format("      <system-out>FLAKY: passed on attempt {} only: {}</system-out>\n",
                         test.record->attempt, to_xml(test.reason));
      break;
    case Verdict::kInconclusive:
    case Verdict::kFail: xml += outcome_xml("failure", test); break;
    case Verdict::kBlocked: xml += outcome_xml("skipped", test); break;
    case Verdict::kError: xml += outcome_xml("error", test); break;
  }
  return xml + "    </testcase>\n";
}

std::string counts_xml(const Counts& counts) {
  return attribute("tests", std::to_string(counts.tests)) +
         attribute("failures", std::to_string(counts.failures)) +
         attribute("errors", std::to_string(counts.errors));
}

std::string property_xml(std::string_view name, std::string_view value) {
  if (value.empty()) return "";
  return "      <property" + attribute("name", name) + attribute("value", value) + "/>\n";
}

std::string suite_xml(const RunRecord& run, const std::string& file, const Suite& suite) {
  Counts counts;
  for (const TestCase& test : suite.cases) counts.add(test);
  std::string xml = "  <testsuite" + attribute("name", file) + counts_xml(counts) +
                    attribute("skipped", std::to_string(counts.skipped)) +
                    attribute("time", decimal(counts.seconds)) +
                    attribute("timestamp", run.started_utc) + ">\n";
  xml += "    <properties>\n" +
         property_xml("verifies", fmt::format("{}", fmt::join(suite.verifies, ","))) +
         property_xml("run", run.id) + property_xml("bench", run.bench) +
         property_xml("device", run.device) + property_xml("firmware_sha256", run.firmware_sha256) +
         "    </properties>\n";
  for (const TestCase& test : suite.cases) xml += case_xml(file, test);
  return xml + "  </testsuite>\n";
}

}  // namespace

std::string junit_xml(const RunRecord& run) {
  const auto suites = suites_of(run);
  Counts counts;
  std::string body;
  for (const auto& [file, suite] : suites) {
    for (const TestCase& test : suite.cases) counts.add(test);
    body += suite_xml(run, file, suite);
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attribute("name", run.tool) +
         counts_xml(counts) + attribute("time", decimal(counts.seconds)) + ">\n" + body +
         "</testsuites>\n";
}

void write_junit(const std::filesystem::path& file, const RunRecord& run) {
  write_file(file, junit_xml(run));
}

}  // namespace rig
