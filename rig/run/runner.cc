#include "rig/run/runner.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <optional>
#include <utility>

#include "rig/core/error.h"
#include "rig/core/join.h"
#include "rig/run/safe_state.h"
#include "rig/run/session.h"
#include "rig/run/zero_check.h"

namespace rig {
namespace {

Finding silent(const DeviceSilent& error) {
  return {.quantity = "device",
          .expected = "an answer",
          .found = error.what(),
          .reason = error.what(),
          .verdict = Verdict::kFail};
}

// Runs `body` as one step of the record; whatever it throws becomes the step's verdict.
StepRecord run_step(StepRecord step, Session& session,
                    const std::function<void(StepRecord&)>& body) {
  step.begun = session.bench.clock->now() - session.begun;
  try {
    body(step);
    step.verdict = Verdict::kPass;
  } catch (const DeviceSilent& error) {
    step.verdict = Verdict::kFail;
    step.findings.push_back(silent(error));
  } catch (const Blocked& error) {
    step.verdict = Verdict::kBlocked;
    step.error = error.what();
  } catch (const Interrupted& error) {
    step.error = error.what();
  } catch (const RigError& error) {
    step.error = error.what();
  }
  for (const Finding& finding : step.findings)
    step.verdict = worst_of(step.verdict, finding.verdict);
  step.ended = session.bench.clock->now() - session.begun;
  step.dialogue = session.device.take_dialogue();
  for (Exchange& exchange : step.dialogue) exchange.at -= session.begun;
  return step;
}

// Steps after a refused command, a silent device or an error would rest on sand.
bool ends_the_case(const Step& step, const StepRecord& record) {
  if (!record.error.empty()) return true;
  const bool judges = std::holds_alternative<ExpectStep>(step.action);
  return !judges && record.verdict != Verdict::kPass;
}

// Puts the bench into its safe state when it goes out of scope, whatever happened.
class OutputOffAtEnd {
 public:
  explicit OutputOffAtEnd(Session& session) : session_(session) {}
  ~OutputOffAtEnd() {
    if (!done_) make_safe();
  }
  OutputOffAtEnd(const OutputOffAtEnd&) = delete;
  OutputOffAtEnd& operator=(const OutputOffAtEnd&) = delete;

  StepRecord finish(StepRecord step, bool all_is_well) {
    session_.interrupted = [] { return false; };  // this one step is not interrupted
    StepRecord measured = run_step(std::move(step), session_, [&](StepRecord& record) {
      all_is_well ? watch_stop(session_, record) : stop_and_measure(session_, record, Picos(0));
    });
    try {
      open_load();
    } catch (const RigError& error) {
      measured.verdict = Verdict::kError;
      add_item(measured.error, "; ", error.what());
    }
    done_ = true;
    return measured;
  }

 private:
  void make_safe() noexcept {
    try {
      session_.device.command("stop");
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the load is next
    }
    try {
      open_load();
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): nothing more can be done
    }
  }
  // A table without a load box has the device's own stop, measured, and the operator.
  void open_load() {
    if (!session_.bench.facts.capabilities.contains("load.open")) return;
    session_.bench.surroundings->apply(Load{OpenLoad{}}, {});
  }

  Session& session_;
  bool done_ = false;
};

std::string reason_of(const StepRecord& step, Verdict verdict) {
  const std::string where = "step " + step.path + " (" + step.kind + "): ";
  if (!step.error.empty() && step.verdict == verdict) return where + step.error;
  for (const Finding& f : step.findings) {
    if (f.verdict != verdict) continue;
    const bool told = f.reason.empty() || f.found.find(f.reason) != std::string::npos ||
                      f.reason.starts_with("expected ");
    return where + f.quantity + ": expected " + f.expected + ", found " + f.found +
           (f.requirement.empty() ? "" : " [" + f.requirement + "]") +
           (told || verdict == Verdict::kFail ? "" : "; " + f.reason);
  }
  return where + std::string(to_string(step.verdict));
}

std::string reason_of(const CaseRecord& record) {
  if (record.verdict == Verdict::kPass) return {};
  const auto first = std::ranges::find(record.steps, record.verdict, &StepRecord::verdict);
  if (first == record.steps.end()) return {};
  std::string reason = reason_of(*first, record.verdict);
  if (record.verdict != Verdict::kError) return reason;
  for (const StepRecord& step : record.steps) {  // trouble of the rig must not hide it
    if (!has_measured_fail(step)) continue;
    return reason + "; and the device fails: " + reason_of(step, Verdict::kFail);
  }
  return reason;
}

Verdict worst_of(const std::vector<StepRecord>& steps) {
  Verdict worst = Verdict::kPass;
  for (const StepRecord& step : steps) worst = worst_of(worst, step.verdict);
  return worst;
}

void decide(CaseRecord& record) {
  Verdict worst = worst_of(record.steps);
  const bool checked = std::ranges::any_of(record.steps, [](const StepRecord& step) {
    return step.kind == "expect" && !step.findings.empty();
  });
  if (!checked) worst = worst_of(worst, Verdict::kInconclusive);
  record.verdict = worst;
  record.reason =
      checked || worst != Verdict::kInconclusive ? reason_of(record) : "nothing was checked";
}

// "2026-03-01"
std::string date_in_words(std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

void require_calibration(const BenchFacts& facts) {
  const auto& until = facts.custody.calibrated_until;
  const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  if (!until || today <= *until) return;
  throw Blocked("the calibration of the digitizer of the bench '" + facts.title + "' ended on " +
                date_in_words(*until));
}

std::string missing_capabilities(const Scenario& scenario, const BenchFacts& facts) {
  std::string missing;
  for (const std::string& need : scenario.needs) {
    if (!facts.capabilities.contains(need)) missing += (missing.empty() ? "" : ", ") + need;
  }
  return missing;
}

// A device that keeps its power between cases may have latched a fault since, such as the silence
// of the host. What was cleared stands in the step's text.
std::string clear_fault(Session& session) {
  const Status status = session.device.status();
  const auto fault = status.find("fault");
  if (fault == status.end() || fault->second.word == "NONE") return {};
  session.device.command("clear");
  return "; fault " + fault->second.word + " of before cleared";
}

void run_steps(const Scenario& scenario, Session& session, CaseRecord& record, Recorder& recorder) {
  const auto keep = [&](StepRecord step) {
    record.steps.push_back(std::move(step));
    recorder.add_step(record, record.steps.back());
  };
  OutputOffAtEnd output_off(session);
  keep(run_step({.path = "0", .kind = "boot", .text = "wait until the device answers"}, session,
                [&](StepRecord& boot) {
                  check_zero(session);
                  boot.text = std::string(kDeviceAnswers) + wait_for_boot(session);
                  if (session.bench.facts.stays_powered) boot.text += clear_fault(session);
                }));
  bool go_on = record.steps.back().verdict == Verdict::kPass;
  for (const Step& step : scenario.steps) {
    if (!go_on) break;
    StepRecord begun{.path = step.path, .where = step.where, .kind = step.kind, .text = step.text};
    keep(run_step(std::move(begun), session,
                  [&](StepRecord& done) { perform(step, session, nullptr, done); }));
    go_on = !ends_the_case(step, record.steps.back());
  }
  const bool all_is_well = worst_of(record.steps) == Verdict::kPass;
  keep(output_off.finish(
      {.path = "end", .kind = "safe_state", .text = "stop, measure that the output is off"},
      all_is_well));
  const std::vector<std::string> doubts = session.bench.surroundings->take_doubts();
  if (doubts.empty()) return;
  StepRecord step{.path = "bench", .kind = "doubts", .text = "what the bench cannot vouch for"};
  for (const std::string& doubt : doubts) step.error += (step.error.empty() ? "" : "; ") + doubt;
  keep(std::move(step));
}

}  // namespace

StepRecord make_safe(Bench& bench, const std::map<std::string, double>& settings, Picos since) {
  const auto device = make_stimulator(bench.facts, *bench.link, *bench.clock);
  NoRecorder nowhere;
  const CaseRecord of;
  Session session{.bench = bench,
                  .device = *device,
                  .recorder = nowhere,
                  .record = of,
                  .interrupted = [] { return false; },
                  .begun = bench.clock->now()};
  session.settings = settings;
  return run_step({.path = "guard", .kind = "safe_state"}, session,
                  [&](StepRecord& step) { stop_and_measure(session, step, since); });
}

CaseRecord run_case(const CaseJob& job, const std::function<Bench()>& open, Recorder& recorder,
                    const std::function<bool()>& interrupted) {
  const auto wall = std::chrono::steady_clock::now();
  CaseRecord record{.index = job.index,
                    .id = job.scenario.id,
                    .scenario = job.scenario.title,
                    .file = job.scenario.file,
                    .verifies = job.scenario.verifies,
                    .tags = job.scenario.tags,
                    .parameters = job.scenario.parameters,
                    .seed = job.seed,
                    .attempt = job.attempt,
                    .quarantine = job.quarantine};
  recorder.begin_case(record);
  try {
    Bench bench = open();
    require_calibration(bench.facts);
    const std::string missing = missing_capabilities(job.scenario, bench.facts);
    if (!missing.empty()) {
      record.verdict = Verdict::kBlocked;
      record.reason = "the bench '" + bench.facts.title + "' lacks: " + missing;
    } else {
      const auto device = make_stimulator(bench.facts, *bench.link, *bench.clock);
      Session session{.bench = bench,
                      .device = *device,
                      .recorder = recorder,
                      .record = record,
                      .interrupted = interrupted,
                      .begun = bench.clock->now()};
      run_steps(job.scenario, session, record, recorder);
      record.bench_time = bench.clock->now() - session.begun;
      decide(record);
    }
  } catch (const Blocked& error) {
    record.verdict = Verdict::kBlocked;
    record.reason = error.what();
  } catch (const RigError& error) {
    record.verdict = Verdict::kError;
    record.reason = error.what();
  } catch (const InputError& error) {
    record.verdict = Verdict::kError;
    record.reason = error.what();
  }
  record.complete = true;
  record.wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
  recorder.end_case(record);
  return record;
}

}  // namespace rig
