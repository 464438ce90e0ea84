#include "rig/evidence/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "rig/evidence/text.h"

namespace rig {
namespace {

constexpr std::size_t kWidestId = 72;  // longer ids push their own line, not the table
constexpr const char* kNeverBegun = "NOT RUN";

bool holds_findings(const RunRecord& run) {
  return std::ranges::any_of(counting_cases(run), [](const CaseRecord* record) {
    return std::ranges::any_of(record->steps,
                               [](const StepRecord& step) { return !step.findings.empty(); });
  });
}

std::string line_of(std::string_view id, std::size_t id_width, std::string_view verdict,
                    const std::string& time, std::string_view reason) {
  std::string line = fmt::format("{:<{}}  {:<12}  {:>12}  {}", to_one_line(id), id_width, verdict,
                                 time, to_one_line(reason));
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string totals_text(const Totals& totals) {
  std::string text = fmt::format("{} case{}:", totals.all(), totals.all() == 1 ? "" : "s");
  const char* separator = " ";
  const auto add = [&](std::size_t count, std::string_view name) {
    if (count == 0) return;
    text += fmt::format("{}{} {}", separator, count, name);
    separator = ", ";
  };
  for (std::size_t i = 0; i < totals.by_verdict.size(); ++i) {
    add(totals.by_verdict[i], to_string(static_cast<Verdict>(i)));
  }
  add(totals.never_begun, kNeverBegun);
  return text;
}

}  // namespace

std::vector<const CaseRecord*> counting_cases(const RunRecord& run) {
  std::map<std::uint32_t, const CaseRecord*> last;
  for (const CaseRecord& record : run.cases) {
    const CaseRecord*& known = last[record.index];
    if (known == nullptr || record.attempt >= known->attempt) known = &record;
  }
  std::vector<const CaseRecord*> cases;
  cases.reserve(last.size());
  for (const auto& [index, record] : last) cases.push_back(record);
  return cases;
}

std::vector<std::string> never_begun(const RunRecord& run) {
  std::multiset<std::string_view> begun;
  for (const CaseRecord* record : counting_cases(run)) begun.insert(record->id);
  std::vector<std::string> missing;
  for (const std::string& id : run.planned) {
    const auto found = begun.find(id);
    if (found == begun.end()) {
      missing.push_back(id);
    } else {
      begun.erase(found);
    }
  }
  return missing;
}

Verdict verdict_of(const CaseRecord& record) {
  if (!record.complete) return Verdict::kError;
  return record.attempt > 1 ? worst_of(record.verdict, Verdict::kFlaky) : record.verdict;
}

bool is_excused(const CaseRecord& record) {
  if (!record.quarantine || verdict_of(record) != Verdict::kFail) return false;
  return std::ranges::none_of(record.steps, [](const StepRecord& step) {
    return step.kind == "safe_state" && step.verdict != Verdict::kPass;
  });
}

std::size_t Totals::all() const {
  return std::accumulate(by_verdict.begin(), by_verdict.end(), never_begun);
}

std::vector<const CaseRecord*> failed_cases(const RunRecord& run) {
  std::vector<const CaseRecord*> failed = counting_cases(run);
  std::erase_if(failed, [](const CaseRecord* record) {
    if (is_excused(*record)) return true;
    return verdict_of(*record) != Verdict::kFail &&
           std::ranges::none_of(record->steps, has_measured_fail);
  });
  return failed;
}

Totals totals_of(const RunRecord& run) {
  Totals totals;
  for (const CaseRecord* record : counting_cases(run)) {
    ++totals.by_verdict[static_cast<std::size_t>(verdict_of(*record))];
  }
  totals.never_begun = never_begun(run).size();
  return totals;
}

Verdict run_verdict(const RunRecord& run) {
  const std::vector<const CaseRecord*> cases = counting_cases(run);
  if (cases.empty() || !run.finished || !never_begun(run).empty()) return Verdict::kError;
  Verdict verdict = Verdict::kPass;
  for (const CaseRecord* record : cases) {
    verdict = worst_of(verdict, is_excused(*record) ? Verdict::kInconclusive : verdict_of(*record));
  }
  if (!holds_findings(run)) verdict = worst_of(verdict, Verdict::kInconclusive);
  return verdict;
}

int exit_code(const RunRecord& run) {
  const Totals totals = totals_of(run);
  if (totals.all() == totals.never_begun) return kExitNothingRan;
  if (!failed_cases(run).empty()) return kExitDeviceFailed;
  switch (run_verdict(run)) {
    case Verdict::kPass: return kExitPassed;
    case Verdict::kFlaky:
    case Verdict::kInconclusive: return kExitInconclusiveOrFlaky;
    case Verdict::kFail: return kExitDeviceFailed;
    case Verdict::kBlocked:
    case Verdict::kError: return kExitRigErrorOrBlocked;
  }
  return kExitRigErrorOrBlocked;
}

std::string case_line(const CaseRecord& record, std::size_t id_width) {
  return line_of(record.id, id_width, to_string(verdict_of(record)),
                 fmt::format("{:.3f} s", to_seconds(record.bench_time)), record.reason);
}

std::string summary_text(const RunRecord& run) {
  const auto cases = counting_cases(run);
  const auto missing = never_begun(run);
  std::size_t width = 4;
  const auto widen = [&](const std::string& id) {
    if (id.size() <= kWidestId) width = std::max(width, id.size());
  };
  for (const CaseRecord* record : cases) widen(record->id);
  for (const std::string& id : missing) widen(id);

  std::string text = line_of("CASE", width, "VERDICT", "BENCH TIME", "REASON") + "\n";
  for (const CaseRecord* record : cases) text += case_line(*record, width) + "\n";
  for (const std::string& id : missing) {
    text += line_of(id, width, kNeverBegun, "", "planned, but never begun") + "\n";
  }
  text += totals_text(totals_of(run)) + "\n";
  for (const CaseRecord* record : cases) {
    if (!record->quarantine) continue;
    text += fmt::format("quarantined: {} {}: {}\n", to_string(verdict_of(*record)),
                        to_one_line(record->id), to_one_line(*record->quarantine));
  }
  const Verdict verdict = run_verdict(run);
  const std::size_t failed = failed_cases(run).size();
  const std::string also =
      failed == 0 || verdict == Verdict::kFail
          ? ""
          : fmt::format(", and the device fails in {} case{}", failed, failed == 1 ? "" : "s");
  text += fmt::format("run {}: {}{}{}\n", to_one_line(run.id), to_string(verdict), also,
                      run.finished   ? ""
                      : run.ended_by ? fmt::format(" (not finished: {})", *run.ended_by)
                                     : " (not finished)");
  if (!holds_findings(run)) text += "nothing was checked: the run holds no finding\n";
  return text;
}

}  // namespace rig
