#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <thread>

#include "rig/app/commands.h"
#include "rig/app/places.h"
#include "rig/app/python.h"
#include "rig/app/qualify_jobs.h"
#include "rig/app/signals.h"
#include "rig/app/workers.h"
#include "rig/core/error.h"
#include "rig/evidence/files.h"
#include "rig/evidence/run_folder.h"
#include "rig/evidence/summary.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFreeForResults = 200'000'000;  // bytes

// Ids the faults that were asked for, in order. Throws InputError for one that does not exist.
std::vector<FaultFile> chosen_faults(const QualifyOptions& options, const Plan& plan) {
  if (!options.against.empty()) return {};
  std::vector<FaultFile> all = read_faults(!options.faults.empty() ? options.faults
                                           : !plan.faults.empty()  ? plan.faults
                                                                   : faults_folder());
  for (const std::string& id : options.only) {
    if (std::ranges::find(all, id, &FaultFile::id) == all.end()) {
      throw InputError("--only: no seeded fault is called '" + id + "'");
    }
  }
  std::vector<FaultFile> chosen;
  std::uint64_t counted = 0;
  for (FaultFile& fault : all) {
    const bool asked =
        options.only.empty() || std::ranges::find(options.only, fault.id) != options.only.end();
    if (asked && counted++ % options.every == 0) chosen.push_back(std::move(fault));
  }
  return chosen;
}

// The image that the bench file names, whatever is tried instead of it.
std::string usual_image(const std::string& bench_file) {
  const BenchSettings bench = load_bench(bench_file, "", image_folders());
  return fs::path(std::get<SimulatedBenchSettings>(bench).firmware).stem().string();
}

bool is_whole(const QualifyOptions& options) {
  return options.only.empty() && options.every == 1 && options.against.empty() && !options.quick;
}

// A fault that breaks what no scenario looks at cannot be detected: that is known before.
void require_targets(const QualifyJobs& jobs) {
  for (const FaultFile& fault : jobs.faults) {
    if (!jobs.plan.spec.requirements.contains(fault.breaks)) {
      throw InputError(fault.path + ": breaks " + fault.breaks + ", which is not in " +
                       jobs.plan.spec.file);
    }
  }
}

QualifyJobs prepare(const QualifyOptions& options) {
  PlanOptions suite = options.plan;
  if (suite.filter.empty()) suite.filter = "tag:nightly";
  QualifyJobs jobs{.plan = make_plan(suite),
                   .faults = {},
                   .benches = {},
                   .firmware = suite.firmware,
                   .strangers = options.against,
                   .recipe = {},
                   .firmware_folder = image_folders().front(),
                   .workshop = {},
                   .unnamed = {},
                   .seed = options.seed,
                   .quick = options.quick,
                   .grade = options.grade,
                   .interrupted = [] { return signals_caught() > 0; }};
  if (!std::holds_alternative<SimulatedBenchSettings>(jobs.plan.bench)) {
    throw InputError(jobs.plan.bench_file + ": faults are seeded on a simulated bench only");
  }
  jobs.faults = chosen_faults(options, jobs.plan);
  require_targets(jobs);
  try_bench(jobs.plan, options.seed);
  for (const std::string& image : jobs.strangers) {
    Plan stranger = jobs.plan;
    stranger.bench = load_bench(jobs.plan.bench_file, image, image_folders());
    try_bench(stranger, options.seed);
  }
  const auto of_firmware = [](const FaultFile& f) { return !f.of_the_bench(); };
  if (std::ranges::any_of(jobs.faults, of_firmware))
    jobs.recipe = read_recipe(jobs.firmware_folder, usual_image(jobs.plan.bench_file));
  if (is_whole(options)) {
    for (const auto& [id, requirement] : jobs.plan.spec.requirements) jobs.unnamed.insert(id);
  }
  for (const FaultFile& fault : jobs.faults) jobs.unnamed.erase(fault.breaks);
  return jobs;
}

void break_benches(QualifyJobs& jobs) {
  for (const FaultFile& fault : jobs.faults) {
    jobs.benches.push_back(
        fault.of_the_bench() ? broken_bench(fault, jobs.plan.bench_file, jobs.workshop) : "");
  }
}

std::uint64_t clean_runs(const QualifyOptions& options) {
  return options.clean.value_or(options.quick ? 2 : options.against.empty() ? 500 : 10);
}

Qualification begun(const QualifyOptions& options, const QualifyJobs& jobs) {
  const auto& bench = std::get<SimulatedBenchSettings>(jobs.plan.bench);
  return {.tool = "soleus-rig " RIG_VERSION,
          .started_utc = {},
          .suite = jobs.plan.title,
          .filter = options.plan.filter.empty() ? "tag:nightly" : options.plan.filter,
          .bench = bench.title,
          .bench_sha256 = sha256_of_file(jobs.plan.bench_file),
          .spec_sha256 = sha256_of_file(jobs.plan.spec.file),
          .firmware_sha256 = sha256_of_file(bench.firmware),
          .seed = options.seed,
          .suite_cases = jobs.plan.scenarios.size()};
}

// What the workers bring back, as it comes.
class Campaign {
 public:
  Campaign(const QualifyOptions& options, const QualifyJobs& jobs, const fs::path& folder)
      : options_(options),
        jobs_(jobs),
        results_(folder / "results.jsonl", O_WRONLY | O_CREAT | O_APPEND),
        terminal_(isatty(STDERR_FILENO) != 0) {
    // What takes longest goes first, so that no worker is left alone at the end.
    for (std::uint32_t k = 0; k < jobs.faults.size(); ++k) faults_.push_back(k);
    std::stable_partition(faults_.begin(), faults_.end(),
                          [&](std::uint32_t k) { return jobs.faults[k].magnitude.has_value(); });
    clean_ = clean_runs(options);
    total_ = static_cast<std::uint32_t>(faults_.size() + jobs.strangers.size() + clean_);
    begun_ = std::chrono::steady_clock::now();
  }

  void run(unsigned processors) {
    run_in_workers(
        {.cases = total_,
         .jobs = processors,
         .run = [this](std::uint32_t index) { return work(index); },
         .done = [this](const CaseResult& result) { take(result); },
         .died = [this](std::uint32_t index, const std::string& why) { bury(index, why); }});
    if (terminal_) std::fputs("\r\x1b[K", stderr);
  }

  std::uint32_t total() const { return total_; }

  void finish(Qualification& q) const {
    std::vector<SeededFault> found = found_;
    for (const std::uint32_t k : faults_) {
      const std::string& id = jobs_.faults[k].id;
      if (std::ranges::find(found, id, &SeededFault::id) != found.end()) continue;
      found.push_back(
          {.id = id, .title = jobs_.faults[k].title, .requirement = jobs_.faults[k].breaks});
    }
    const auto place = [&](const SeededFault& f) {
      return std::ranges::find(jobs_.faults, f.id, &FaultFile::id) - jobs_.faults.begin();
    };
    std::ranges::stable_sort(found, {}, place);
    q.faults = found;
    count(q, good_);
    std::set<std::string> failed;
    for (const SeededFault& f : found) {
      failed.insert(f.failed_requirements.begin(), f.failed_requirements.end());
    }
    if (is_whole(options_)) {
      auto& never = q.requirements_never_failed.emplace();
      for (const auto& [id, requirement] : jobs_.plan.spec.requirements) {
        if (!failed.contains(id)) never.emplace_back(id, requirement.about.title);
      }
    }
    std::map<std::string, double> parts;
    for (const SeededFault& f : found) {
      parts["build"] += f.build_s;
      parts["faults"] += f.wall_s;
      parts["grading"] += f.grading_s;
    }
    for (const CleanRun& run : good_) parts["clean"] += run.wall_s;
    q.wall_by_part.assign(parts.begin(), parts.end());
    q.wall_s = elapsed();
    q.finished = done_ == total_ && signals_caught() == 0;
  }

 private:
  bool is_fault(std::uint32_t index) const { return index < faults_.size(); }
  bool is_stranger(std::uint32_t index) const {
    return !is_fault(index) && index < faults_.size() + jobs_.strangers.size();
  }
  std::uint64_t clean_seed(std::uint32_t index) const {
    return options_.seed + (index - faults_.size() - jobs_.strangers.size());
  }

  CaseResult work(std::uint32_t index) const {
    std::string result;
    if (is_fault(index)) {
      const std::uint32_t k = faults_[index];
      result = to_json(seek(jobs_, jobs_.faults[k], jobs_.benches[k]));
    } else if (is_stranger(index)) {
      result = to_json(seek_stranger(jobs_, jobs_.strangers[index - faults_.size()]));
    } else {
      result = to_json(run_clean(jobs_, clean_seed(index)));
    }
    return {.index = index, .verdict = Verdict::kPass, .reason = std::move(result)};
  }

  void take(const CaseResult& result) {
    results_.write_all(result.reason + "\n");
    ++done_;
    if (is_fault(result.index) || is_stranger(result.index)) {
      found_.push_back(fault_from_json(result.reason));
      tell(fault_line(found_.back()));
    } else {
      CleanRun run = clean_run_from_json(result.reason);
      if (run.cases == 0) return;  // interrupted
      for (const FalseAlarm& alarm : run.alarms) {
        tell("false alarm with seed " + std::to_string(alarm.seed) + ": " + alarm.case_id + ": " +
             alarm.reason);
      }
      good_.push_back(std::move(run));
      if (good_.size() % 50 == 0) tell(std::to_string(good_.size()) + " runs with a good device");
    }
  }

  void bury(std::uint32_t index, const std::string& why) {
    ++done_;
    if (is_fault(index)) {
      const FaultFile& fault = jobs_.faults[faults_[index]];
      found_.push_back({.id = fault.id,
                        .title = fault.title,
                        .requirement = fault.breaks,
                        .verdict = "error",
                        .error = why});
    } else if (is_stranger(index)) {
      found_.push_back(
          {.id = jobs_.strangers[index - faults_.size()], .verdict = "error", .error = why});
    } else {
      good_.push_back(
          {.seed = clean_seed(index), .alarms = {{.seed = clean_seed(index), .reason = why}}});
    }
    tell(why);
  }

  void tell(const std::string& line) const {
    if (!terminal_) {
      std::fprintf(stderr, "%u/%u %s\n", done_, total_, line.c_str());
      return;
    }
    std::fprintf(stderr, "\r\x1b[K%s\n%u of %u, about %.0f s left", line.c_str(), done_, total_,
                 elapsed() / done_ * (total_ - done_));
    std::fflush(stderr);
  }

  double elapsed() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  }

  const QualifyOptions& options_;
  const QualifyJobs& jobs_;
  FileDescriptor results_;
  bool terminal_;
  std::vector<std::uint32_t> faults_;  // in the order in which they are tried
  std::uint64_t clean_ = 0;
  std::uint32_t total_ = 0;
  std::uint32_t done_ = 0;
  std::chrono::steady_clock::time_point begun_;
  std::vector<SeededFault> found_;
  std::vector<CleanRun> good_;
};

int exit_code_of(const Qualification& q) {
  if (signals_caught() > 0) return kExitInterrupted;
  const auto is_error = [](const SeededFault& f) { return f.verdict == "error"; };
  if (std::ranges::any_of(q.faults, is_error)) return kExitRigErrorOrBlocked;
  return q.detected == q.seeded && q.false_alarms == 0 ? kExitPassed : kExitDeviceFailed;
}

}  // namespace

int qualify_command(const QualifyOptions& options) {
  QualifyJobs jobs = prepare(options);
  if (jobs.plan.scenarios.empty() ||
      (jobs.faults.empty() && jobs.strangers.empty() && clean_runs(options) == 0)) {
    std::fprintf(stderr, "rig: nothing to run: no case, or neither a fault nor a clean run\n");
    return kExitNothingRan;
  }
  const RunFolder folder = create_run_folder(options.out, kFreeForResults);
  fs::remove(folder.path / "captures");
  jobs.workshop = folder.path / "workshop";
  fs::create_directory(jobs.workshop);
  break_benches(jobs);
  Qualification q = begun(options, jobs);
  q.started_utc = folder.started_utc;
  q.jobs = options.jobs == 0 ? std::max(1u, std::thread::hardware_concurrency()) : options.jobs;
  catch_signals();
  Campaign campaign(options, jobs, folder.path);
  campaign.run(static_cast<unsigned>(q.jobs));
  campaign.finish(q);
  fs::remove_all(jobs.workshop);
  const std::string stored = (folder.path / "qualification.json").string();
  write_file(stored, to_json(q) + "\n");
  std::string page = stored;
  if (options.report) {
    const std::string html = (folder.path / "qualification.html").string();
    if (run_python({"-m", "soleus_report.qualification", stored, "--out", html}, "")) {
      page = html;
    } else {
      std::fprintf(stderr, "rig: the page of %s could not be made\n", folder.path.c_str());
    }
  }
  if (options.json) {
    std::printf("%s\n", to_json(q).c_str());
  } else {
    std::printf("%s%s\n", summary_text(q).c_str(), page.c_str());
  }
  return exit_code_of(q);
}

}  // namespace rig
