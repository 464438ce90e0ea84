// `rig validate`: what a run would do, whether the bench can tell, and what it would not look at.
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "rig/app/commands.h"
#include "rig/evidence/text.h"
#include "rig/run/foresight.h"
#include "rig/run/resolution.h"

namespace rig {
namespace {

// One line for each limit of a file, of its worst sweep row, that no value can be told to pass.
std::vector<std::string> unresolvable(const Plan& plan, const BenchFacts& facts) {
  std::map<std::string, Resolution> worst;
  for (const Scenario& scenario : plan.scenarios) {
    for (const Resolution& r : resolutions(scenario, facts)) {
      if (r.ratio >= 1) continue;
      const auto [at, fresh] = worst.try_emplace(r.where + r.quantity, r);
      if (!fresh && r.ratio < at->second.ratio) at->second = r;
    }
  }
  std::vector<std::string> lines;
  for (const auto& [key, r] : worst) {
    std::array<char, 32> ratio{};
    std::snprintf(ratio.data(), ratio.size(), "%.2g", r.ratio);
    lines.push_back(r.where + ": " + r.quantity + ": the limit " + r.limit +
                    " cannot be resolved on this bench: U will be " + in_words(r.expanded, r.unit) +
                    " at least, a test uncertainty ratio of " + ratio.data());
  }
  return lines;
}

// Each line once, whatever the sweep rows that it is true of.
std::vector<std::string> empty_handed(const Plan& plan) {
  std::set<std::string> lines;
  for (const Scenario& scenario : plan.scenarios) {
    for (std::string& line : captures_without_pulses(scenario)) lines.insert(std::move(line));
  }
  return {lines.begin(), lines.end()};
}

using Names = std::set<std::string>;

// Requirement ids and limits ("SRS-043.latency") that the findings of these steps will stand under.
void note_held(const std::vector<Step>& steps, Names& held) {
  const auto note = [&held](const std::string& requirement, const std::string& limit) {
    held.insert(requirement);
    held.insert(requirement + "." + limit);
  };
  for (const Step& step : steps) {
    if (!step.answer_limit.empty()) note(step.requirement, step.answer_limit);
    if (const auto* capture = std::get_if<std::shared_ptr<CaptureStep>>(&step.action)) {
      note_held((*capture)->during, held);
    } else if (const auto* expect = std::get_if<ExpectStep>(&step.action)) {
      for (const Expectation& e : expect->expectations) note(e.limit.requirement, e.limit.name);
    }
  }
}

// What a report would call verified although nobody looked.
struct Holes {
  std::vector<std::string> uncovered;  // requirements without a scenario
  std::vector<std::string> unlimited;  // requirements that no value could break
  std::vector<std::string> unused;     // limits that nothing is held against
  std::vector<std::string> unheld;     // "FILE: ID": the file says so, and holds no limit of it
};

Holes holes_of(const Plan& plan) {
  std::map<std::string, Names> held;  // by file
  std::map<std::string, Names> claimed;
  Names all_held;
  Names all_claimed;
  for (const Scenario& scenario : plan.scenarios) {
    note_held(scenario.steps, held[scenario.file]);
    claimed[scenario.file].insert(scenario.verifies.begin(), scenario.verifies.end());
  }
  for (const auto& [file, names] : held) all_held.insert(names.begin(), names.end());
  Holes holes;
  for (const auto& [file, ids] : claimed) {
    all_claimed.insert(ids.begin(), ids.end());
    for (const std::string& id : ids) {
      if (!held[file].contains(id)) holes.unheld.push_back(fmt::format("{}: {}", file, id));
    }
  }
  for (const auto& [id, requirement] : plan.spec.requirements) {
    if (!all_claimed.contains(id)) holes.uncovered.push_back(id);
    if (requirement.limits.empty()) holes.unlimited.push_back(id);
    for (const auto& [name, limit] : requirement.limits) {
      std::string full = fmt::format("{}.{}", id, name);
      if (all_claimed.contains(id) && !all_held.contains(full)) {
        holes.unused.push_back(std::move(full));
      }
    }
  }
  return holes;
}

void print_hole(const char* what, const std::vector<std::string>& names) {
  if (names.empty()) return;
  std::string text;
  for (const std::string& name : names) text += " " + name;
  std::printf("%s:%s\n", what, text.c_str());
}

}  // namespace

int validate_command(const PlanOptions& options, bool strict, bool json) {
  const Plan plan = make_plan(options);
  const BenchFacts facts = try_bench(plan, 1);
  for (const Scenario& scenario : plan.scenarios) check_on_bench(scenario, facts);
  const std::vector<std::string> doubtful = unresolvable(plan, facts);
  const std::vector<std::string> empty = empty_handed(plan);
  for (const auto* lines : {&empty, &doubtful}) {
    for (const std::string& line : *lines) {
      std::fprintf(stderr, "rig: warning: %s\n", line.c_str());
    }
  }
  const Holes holes = holes_of(plan);
  const std::size_t requirements = plan.spec.requirements.size();
  if (json) {
    std::printf(
        "{\"cases\": %zu, \"requirements\": %zu, \"uncovered\": %s, \"without_limit\": %s, "
        "\"unused_limits\": %s, \"not_held\": %s, \"unresolvable\": %s, \"without_pulses\": %s}\n",
        plan.scenarios.size(), requirements, json_list(holes.uncovered).c_str(),
        json_list(holes.unlimited).c_str(), json_list(holes.unused).c_str(),
        json_list(holes.unheld).c_str(), json_list(doubtful).c_str(), json_list(empty).c_str());
  } else {
    std::printf("%zu %s valid; %zu of %zu requirements have a scenario\n", plan.scenarios.size(),
                plan.scenarios.size() == 1 ? "case is" : "cases are",
                requirements - holes.uncovered.size(), requirements);
    print_hole("without a scenario", holes.uncovered);
    print_hole("without a limit", holes.unlimited);
    print_hole("limits that nothing is held against", holes.unused);
    print_hole("said to be verified where no limit of it is held", holes.unheld);
  }
  const std::size_t count = holes.uncovered.size() + holes.unlimited.size() + holes.unused.size() +
                            holes.unheld.size() + doubtful.size() + empty.size();
  if (!strict || count == 0) return 0;
  std::fprintf(stderr, "rig: strict: %zu %s not shown by these scenarios\n", count,
               count == 1 ? "part of the spec is" : "parts of the spec are");
  return kExitUsage;
}

}  // namespace rig
