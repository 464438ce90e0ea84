#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <thread>

#include "rig/app/claims.h"
#include "rig/app/commands.h"
#include "rig/app/guard.h"
#include "rig/app/progress.h"
#include "rig/app/signals.h"
#include "rig/app/stored.h"
#include "rig/app/workers.h"
#include "rig/config/quarantine.h"
#include "rig/core/error.h"
#include "rig/evidence/event_log.h"
#include "rig/evidence/files.h"
#include "rig/evidence/json.h"
#include "rig/evidence/junit.h"
#include "rig/evidence/manifest.h"
#include "rig/evidence/run_folder.h"
#include "rig/evidence/summary.h"
#include "rig/run/foresight.h"
#include "rig/run/runner.h"
#include "rig/run/trial.h"

namespace rig {
namespace {

constexpr std::chrono::seconds kGuardNeeds(20);     // to measure, and to write it down
constexpr std::uint64_t kFreeNeeded = 200'000'000;  // bytes, before a run begins

RunRecord plan_record(const Plan& plan, const RunOptions& options, const BenchFacts& facts) {
  RunRecord run{.tool = "soleus-rig " RIG_VERSION,
                .bench = facts.title,
                .bench_file = plan.bench_file,
                .bench_sha256 = sha256_of_file(plan.bench_file),
                .firmware = options.plan.firmware.empty()
                                ? std::filesystem::path(facts.firmware_file).filename().string()
                                : options.plan.firmware,
                .spec_file = plan.spec.file,
                .spec_sha256 = sha256_of_file(plan.spec.file),
                .instruments = facts.instruments,
                .seed = options.seed};
  if (!facts.firmware_file.empty()) run.firmware_sha256 = sha256_of_file(facts.firmware_file);
  for (const auto& [id, requirement] : plan.spec.requirements) {
    run.requirements.push_back(requirement.about);
  }
  for (const Scenario& scenario : plan.scenarios) run.planned.push_back(scenario.id);
  return run;
}

std::optional<std::string> reason_for(const std::vector<Quarantined>& quarantine,
                                      const std::string& id) {
  const Quarantined* entry = find_quarantine(quarantine, id);
  return entry == nullptr ? std::nullopt : std::optional(entry->reason);
}

// One case in a worker process, with its retries.
class CaseServer {
 public:
  CaseServer(const Plan& plan, const RunOptions& options, std::filesystem::path folder,
             const std::vector<Quarantined>& quarantine)
      : plan_(plan), options_(options), folder_(std::move(folder)), quarantine_(quarantine) {}

  CaseResult operator()(std::uint32_t index) {
    if (!store_) {  // the worker's own file handle, and the guard of its bench
      if (const auto* table = std::get_if<InstrumentBenchSettings>(&plan_.bench)) {
        guard_ = std::make_unique<Guard>(*table, folder_);
      }
      store_ = std::make_unique<StoredRun>(folder_, guard_.get());
    }
    const Scenario& scenario = plan_.scenarios[index];
    const std::uint64_t seed = seed_of_case(options_.seed, scenario.id);
    CaseRecord record;
    for (unsigned attempt = 1; attempt <= 1 + options_.retry; ++attempt) {
      record = run_case(
          {.scenario = scenario,
           .index = index,
           .seed = seed,
           .attempt = static_cast<int>(attempt),
           .quarantine = reason_for(quarantine_, scenario.id)},
          [&] { return open_bench(bench_for(scenario, plan_.bench), seed); }, *store_,
          [] { return signals_caught() > 0; });
      const bool again = record.verdict == Verdict::kFail || record.verdict == Verdict::kError ||
                         record.verdict == Verdict::kInconclusive;
      if (!again || signals_caught() > 0) break;
    }
    return {.index = index,
            .verdict = verdict_of(record),
            .reason = record.reason,
            .bench_seconds = to_seconds(record.bench_time)};
  }

 private:
  const Plan& plan_;
  const RunOptions& options_;
  std::filesystem::path folder_;
  const std::vector<Quarantined>& quarantine_;
  std::unique_ptr<Guard> guard_;
  std::unique_ptr<StoredRun> store_;
};

// By the guard of its bench, after its worker had died.
bool was_ended(const std::filesystem::path& folder, std::uint32_t index) {
  const RunRecord run = read_record(folder);
  return std::ranges::any_of(
      run.cases, [index](const CaseRecord& c) { return c.index == index && c.complete; });
}

bool has_begun(const std::filesystem::path& folder, std::uint32_t index) {
  const RunRecord run = read_record(folder);
  return std::ranges::any_of(run.cases, [index](const CaseRecord& c) { return c.index == index; });
}

void run_cases(const Plan& plan, const RunOptions& options, const std::filesystem::path& folder,
               const BenchFacts& facts, const std::vector<Quarantined>& quarantine,
               Progress& progress) {
  CaseServer server(plan, options, folder, quarantine);
  const unsigned processors = std::max(1u, std::thread::hardware_concurrency());
  run_in_workers(
      {.cases = static_cast<std::uint32_t>(plan.scenarios.size()),
       .jobs = facts.one_at_a_time ? 1
               : options.jobs == 0 ? processors
                                   : options.jobs,
       .run = [&server](std::uint32_t index) { return server(index); },
       .done =
           [&](const CaseResult& result) {
             progress.add(plan.scenarios[result.index].id, result.verdict, result.reason);
           },
       .died =
           [&](std::uint32_t index, const std::string& why) {
             if (guard_is_done(folder, kGuardNeeds) && was_ended(folder, index)) {
               progress.add(plan.scenarios[index].id, Verdict::kError, why);
               return;
             }
             const CaseRecord record{.index = index,
                                     .id = plan.scenarios[index].id,
                                     .quarantine = reason_for(quarantine, plan.scenarios[index].id),
                                     .reason = why,
                                     .complete = true};
             EventLog log(folder);
             if (!has_begun(folder, index)) log.begin_case(record);
             log.end_case(record);
             progress.add(record.id, Verdict::kError, why);
           }});
}

// Before the run, and not after an hour of it.
void require_place_for(const std::string& file) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  if (std::filesystem::is_directory(file)) throw InputError(file + ": is a folder");
  if (access(folder.empty() ? "." : folder.c_str(), W_OK) != 0) {
    throw InputError(file + ": cannot create: " + std::strerror(errno));
  }
}

std::string device_of(const RunRecord& run) {
  for (const CaseRecord& record : run.cases) {
    if (record.steps.empty()) continue;
    const std::string& text = record.steps.front().text;
    if (text.starts_with(kDeviceAnswers)) return text.substr(kDeviceAnswers.size());
  }
  return {};
}

void print_end(const RunRecord& run, const std::filesystem::path& page) {
  double bench = 0;
  for (const CaseRecord& record : run.cases) bench += to_seconds(record.bench_time);
  std::printf("%s", summary_text(run).c_str());
  std::printf("bench time %.1f s, wall time %.1f s; content %s\n", bench, run.wall_seconds,
              run.content_sha256.substr(0, 16).c_str());
  std::printf("%s\n", page.c_str());
}

void warn_of_empty_claims(const Plan& plan) {
  for (const std::string& line : expected_of_silence(plan.scenarios)) {
    std::fprintf(stderr, "rig: warning: %s\n", line.c_str());
  }
  for (const auto& [file, claims] : claims_by_file(plan.scenarios)) {
    for (const std::string& id : claims.not_held()) {
      std::fprintf(stderr,
                   "rig: warning: %s: %s is said to be verified, but no limit of it is held\n",
                   file.c_str(), id.c_str());
    }
  }
}

}  // namespace

int run_command(const RunOptions& options) {
  const Plan plan = make_plan(options.plan);
  for (const std::string& folder : plan.apart) {
    std::fprintf(stderr, "rig: %s is a suite of its own and not part of this run\n",
                 folder.c_str());
  }
  if (plan.scenarios.empty()) {
    std::fprintf(stderr, "rig: nothing to run: %zu cases found, none selected\n",
                 plan.found.size());
    return kExitNothingRan;
  }
  // Opened once before anything is written: a bench that cannot be opened is bad input.
  const BenchFacts facts = try_bench(plan, options.seed);
  if (!options.junit.empty()) require_place_for(options.junit);
  const std::vector<Quarantined> quarantine = options.quarantine.empty()
                                                  ? std::vector<Quarantined>()
                                                  : load_quarantine(options.quarantine, plan.found);
  RunRecord begin = plan_record(plan, options, facts);
  const RunFolder folder = create_run_folder(options.out, kFreeNeeded);
  begin.id = folder.id;
  begin.started_utc = folder.started_utc;

  const auto started = std::chrono::steady_clock::now();
  catch_signals();
  EventLog(folder.path).begin_run(begin);
  std::FILE* talk = options.json ? stderr : stdout;
  const bool terminal = isatty(fileno(talk)) != 0;
  if (!options.json) {
    std::printf("%s on %s: %zu cases, %s\n", plan.title.c_str(), facts.title.c_str(),
                plan.scenarios.size(), folder.path.c_str());
    std::fflush(stdout);
  }
  Progress progress(talk, terminal, plan.scenarios.size());
  progress.begin();
  run_cases(plan, options, folder.path, facts, quarantine, progress);
  progress.end();
  warn_of_empty_claims(plan);

  RunRecord run = read_record(folder.path);
  run.device = device_of(run);
  run.finished = signals_caught() == 0;
  if (!run.finished) run.ended_by = signal_caught();
  run.verdict = run_verdict(run);
  run.wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  EventLog(folder.path).end_run(run);
  run = read_record(folder.path);
  write_record(folder.path, run);
  write_junit(folder.path / "junit.xml", run);
  write_manifest(folder.path);  // again with the page in it, which takes a while
  if (!options.junit.empty()) write_junit(options.junit, run);
  std::string page = (folder.path / "record.json").string();
  if (options.report) {
    try {
      page = make_report(run, folder.path.string(), {}, {});
    } catch (const RigError& error) {
      std::fprintf(stderr, "rig: %s\n", error.what());
    }
  }
  write_manifest(folder.path);
  if (options.json) {
    std::printf("%s\n", read_file(folder.path / "record.json").c_str());
  } else {
    print_end(run, page);
  }
  return signals_caught() > 0 ? kExitInterrupted : exit_code(run);
}

}  // namespace rig
