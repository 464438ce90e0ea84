#include "rig/app/qualify_jobs.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <random>

#include "rig/app/places.h"
#include "rig/core/error.h"
#include "rig/core/join.h"
#include "rig/run/trial.h"

namespace rig {
namespace {

using WallClock = std::chrono::steady_clock;

constexpr double kShort = 15;       // s of bench time, of a case of the short suite
constexpr std::int64_t kFine = 50;  // the smallest magnitude is looked for to a 50th of itself

double seconds_since(WallClock::time_point begun) {
  return std::chrono::duration<double>(WallClock::now() - begun).count();
}

bool verifies(const Scenario& scenario, const std::set<std::string>& requirements) {
  return std::ranges::any_of(scenario.verifies,
                             [&](const std::string& id) { return requirements.contains(id); });
}

std::vector<const Scenario*> cases_of(const QualifyJobs& jobs, const std::string& requirement) {
  std::vector<const Scenario*> cases;
  for (const Scenario& scenario : jobs.plan.scenarios) {
    if (requirement.empty() || verifies(scenario, {requirement})) cases.push_back(&scenario);
  }
  return cases;
}

TrialPlan trial_plan(const QualifyJobs& jobs, BenchSettings settings) {
  return {.cases = {},
          .seed = jobs.seed,
          .wanted = {},
          .beyond = {},
          .open = [settings = std::move(settings)](
                      std::uint64_t seed) { return open_bench(settings, seed); },
          .interrupted = jobs.interrupted};
}

BenchSettings with_image(const QualifyJobs& jobs, const std::string& image) {
  return load_bench(jobs.plan.bench_file, image, image_folders());
}

void take(const Trial& trial, SeededFault& found) {
  found.cases = trial.cases;
  found.failed_findings = trial.failed_findings;
  found.failed_requirements.assign(trial.failed_requirements.begin(),
                                   trial.failed_requirements.end());
  if (trial.first) {
    found.first_caught_by = trial.first->quantity;
    found.first_requirement = trial.first->requirement;
    found.first_case = trial.first->case_id;
    found.first_time_s = trial.first->bench_s;
  }
  if (trial.wanted) {
    found.caught_by = trial.wanted->quantity;
    found.case_id = trial.wanted->case_id;
    found.found = trial.wanted->found + ", expected " + trial.wanted->expected;
    found.time_to_detect_s = trial.wanted->bench_s;
    found.wall_to_detect_s = trial.wanted->wall_s;
  }
  const bool only_errors = std::ranges::any_of(trial.not_passed, [](const NotPassed& n) {
    return n.verdict == Verdict::kError || n.verdict == Verdict::kBlocked;
  });
  found.verdict = trial.wanted        ? "detected"
                  : trial.interrupted ? "not run"
                  : trial.first       ? "elsewhere"
                  : only_errors       ? "error"
                                      : "missed";
  if (found.verdict == "error") found.error = trial.not_passed.front().reason;
}

// Bisects between a magnitude that is missed and one that is detected.
class Grader {
 public:
  Grader(const QualifyJobs& jobs, const FaultFile& fault, const std::string& caught_in)
      : jobs_(jobs), fault_(fault), workshop_(fault, jobs.recipe, jobs.workshop) {
    cases_ = cases_of(jobs, fault.breaks);
    // Whoever notices the usual one notices smaller ones too, if anyone does.
    std::stable_partition(cases_.begin(), cases_.end(),
                          [&](const Scenario* s) { return s->id == caught_in; });
  }

  Grading grade(bool usual_detected) {
    const Magnitude& m = *fault_.magnitude;
    Grading grading{.unit = m.unit, .harmless = m.harmless, .worst = m.worst};
    std::int64_t missed = 0;  // steps from the harmless one
    std::int64_t caught = std::abs(m.worst - m.harmless);
    if (detects(0, grading)) grading.error = "the harmless magnitude is detected";
    if (usual_detected && detects(std::abs(m.usual - m.harmless), grading)) {
      caught = std::abs(m.usual - m.harmless);
    } else if (!detects(caught, grading)) {
      return sorted(std::move(grading));
    }
    while (caught - missed > std::max<std::int64_t>(1, caught / kFine) && !jobs_.interrupted()) {
      const std::int64_t middle = missed + (caught - missed) / 2;
      (detects(middle, grading) ? caught : missed) = middle;
    }
    grading.smallest = magnitude(caught);
    grading.largest_missed = magnitude(missed);
    return sorted(std::move(grading));
  }

 private:
  long magnitude(std::int64_t steps) const {
    const Magnitude& m = *fault_.magnitude;
    return m.harmless + (m.worst > m.harmless ? steps : -steps);
  }

  bool detects(std::int64_t steps, Grading& grading) {
    const long m = magnitude(steps);
    TrialPlan plan = trial_plan(jobs_, with_image(jobs_, workshop_.build(m)));
    plan.cases = cases_;
    plan.wanted = {.requirement = fault_.breaks, .quantities = fault_.caught_by};
    const Trial trial = try_suite(plan);
    grading.tried.push_back(
        {.magnitude = m, .detected = trial.wanted.has_value(), .share = trial.share});
    return trial.wanted.has_value();
  }

  Grading sorted(Grading grading) const {
    const bool down = fault_.magnitude->worst < fault_.magnitude->harmless;
    std::ranges::sort(grading.tried, [down](const Grade& a, const Grade& b) {
      return down ? b.magnitude < a.magnitude : a.magnitude < b.magnitude;
    });
    return grading;
  }

  const QualifyJobs& jobs_;
  const FaultFile& fault_;
  FaultWorkshop workshop_;
  std::vector<const Scenario*> cases_;
};

std::string image_of(const QualifyJobs& jobs, const FaultFile& fault) {
  if (const auto built = built_image(fault, jobs.recipe, jobs.firmware_folder)) return *built;
  return FaultWorkshop(fault, jobs.recipe, jobs.workshop).build({});
}

SeededFault described(const FaultFile& fault) {
  SeededFault found{.id = fault.id, .title = fault.title, .requirement = fault.breaks};
  for (const std::string& check : fault.caught_by) add_item(found.expected_check, " or ", check);
  found.rare = fault.rare;
  return found;
}

double between(std::mt19937_64& random, double low, double high) {
  return low + (high - low) * static_cast<double>(random() >> 11) * 0x1p-53;
}

// Another platform of the same kind, under another foot, with another sensor.
void vary(VibratorSettings& v, std::mt19937_64& random) {
  for (double* x : {&v.platform.mass, &v.platform.stiffness, &v.coil.resistance, &v.coil.force}) {
    *x *= between(random, 0.95, 1.05);
  }
  for (double* x : {&v.platform.damping, &v.foot.stiffness, &v.foot.damping, &v.leg.foot,
                    &v.leg.leg, &v.leg.stiffness, &v.leg.damping}) {
    *x *= between(random, 0.8, 1.2);
  }
  v.accelerometer.bias = between(random, -2, 2) * std::fabs(v.accelerometer.bias);
  v.accelerometer.noise *= between(random, 0.5, 1.25);
  v.accelerometer.gain_error = between(random, -0.02, 0.02);
}

SimulatedBenchSettings varied(SimulatedBenchSettings s, std::mt19937_64& random) {
  const auto error = [&random](double standard) { return between(random, -2, 2) * standard; };
  s.digitizer.clock_error_ppm = error(s.digitizer.clock_u_ppm);
  for (DigitizerChannelSettings& channel : s.digitizer.channels) {
    channel.noise *= between(random, 0.5, 1.25);
    channel.gain_error = error(channel.gain_u);
    channel.offset_error = error(channel.offset_u);
  }
  s.load_error = error(s.load_u);
  if (s.vibrator) vary(*s.vibrator, random);
  s.baud_error = between(random, -0.02, 0.02);
  s.clock_hz += static_cast<std::uint64_t>(
      static_cast<std::int64_t>(between(random, -50e-6, 50e-6) * static_cast<double>(s.clock_hz)));
  return s;
}

double bench_seconds(const Scenario& scenario) {
  Picos total{};
  for (const Step& step : scenario.steps) {
    if (const auto* wait = std::get_if<WaitStep>(&step.action)) total += wait->duration;
    const auto* capture = std::get_if<std::shared_ptr<CaptureStep>>(&step.action);
    if (capture != nullptr) total += (*capture)->setup.length;
  }
  return to_seconds(total);
}

std::vector<const Scenario*> short_suite(const Plan& plan, std::mt19937_64& random) {
  std::map<std::string, std::vector<const Scenario*>> rows;
  for (const Scenario& scenario : plan.scenarios) {
    if (bench_seconds(scenario) < kShort) rows[scenario.file].push_back(&scenario);
  }
  std::vector<const Scenario*> drawn;
  drawn.reserve(rows.size());
  for (const auto& [file, all] : rows) drawn.push_back(all[random() % all.size()]);
  return drawn;
}

}  // namespace

SeededFault seek(const QualifyJobs& jobs, const FaultFile& fault, const std::string& bench) {
  SeededFault found = described(fault);
  const auto begun = WallClock::now();
  try {
    BenchSettings settings = bench.empty() ? with_image(jobs, image_of(jobs, fault))
                                           : load_bench(bench, jobs.firmware, image_folders());
    found.build_s = seconds_since(begun);
    TrialPlan plan = trial_plan(jobs, std::move(settings));
    plan.cases = cases_of(jobs, jobs.quick ? fault.breaks : "");
    plan.wanted = {.requirement = fault.breaks, .quantities = fault.caught_by};
    if (!jobs.quick) {
      plan.beyond = [&jobs](const Scenario& s) { return verifies(s, jobs.unnamed); };
    }
    const Trial trial = try_suite(plan);
    take(trial, found);
    found.wall_s = seconds_since(begun) - found.build_s;
    if (fault.magnitude && jobs.grade && !jobs.interrupted()) {
      const auto grading = WallClock::now();
      found.grading = Grader(jobs, fault, found.case_id.value_or(std::string()))
                          .grade(found.verdict == "detected");
      found.grading_s = seconds_since(grading);
    }
  } catch (const RigError& error) {
    found.verdict = "error";
    found.error = error.what();
  }
  return found;
}

SeededFault seek_stranger(const QualifyJobs& jobs, const std::string& image) {
  SeededFault found{.id = std::filesystem::path(image).filename().string(), .title = image};
  const auto begun = WallClock::now();
  TrialPlan plan = trial_plan(jobs, with_image(jobs, image));
  plan.cases = cases_of(jobs, {});
  take(try_suite(plan), found);
  found.wall_s = seconds_since(begun);
  return found;
}

CleanRun run_clean(const QualifyJobs& jobs, std::uint64_t seed) {
  TrialPlan plan = trial_plan(jobs, jobs.plan.bench);
  plan.seed = seed;
  plan.stops_when_caught = false;
  plan.cases = cases_of(jobs, {});
  if (seed != jobs.seed) {
    std::mt19937_64 random(seed);
    const auto settings = varied(std::get<SimulatedBenchSettings>(jobs.plan.bench), random);
    plan.open = [settings](std::uint64_t case_seed) { return open_bench(settings, case_seed); };
    plan.cases = short_suite(jobs.plan, random);
  }
  const Trial trial = try_suite(plan);
  CleanRun run{.seed = seed,
               .cases = trial.interrupted ? 0 : trial.cases,
               .bench_s = trial.bench_s,
               .wall_s = trial.wall_s,
               .alarms = {}};
  for (const NotPassed& n : trial.not_passed) {
    run.alarms.push_back(
        {.seed = seed, .case_id = n.case_id, .verdict = n.verdict, .reason = n.reason});
  }
  return run;
}

}  // namespace rig
