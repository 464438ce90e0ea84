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

using LimitNames = std::set<std::string>;  // "SRS-043.latency"

void note_used(const std::vector<Step>& steps, LimitNames& used, std::set<std::string>& answers) {
  for (const Step& step : steps) {
    answers.insert(step.answer);
    if (const auto* capture = std::get_if<std::shared_ptr<CaptureStep>>(&step.action)) {
      note_used((*capture)->during, used, answers);
    } else if (const auto* expect = std::get_if<ExpectStep>(&step.action)) {
      for (const Expectation& e : expect->expectations) {
        used.insert(e.limit.requirement + "." + e.limit.name);
      }
    }
  }
}

// Limits of requirements that a scenario says it verifies, but that nothing is held against.
std::vector<std::string> unused_limits(const Plan& plan, const std::set<std::string>& verified) {
  LimitNames used;
  std::map<std::string, std::set<std::string>>
      answers;  // that its scenarios expect, by requirement
  for (const Scenario& scenario : plan.scenarios) {
    std::set<std::string> expected;
    note_used(scenario.steps, used, expected);
    for (const std::string& id : scenario.verifies) answers[id].merge(std::set(expected));
  }
  std::vector<std::string> unused;
  for (const std::string& id : verified) {
    for (const auto& [name, limit] : plan.spec.requirements.at(id).limits) {
      const auto* word = std::get_if<Word>(&limit.what);
      const bool answered = word != nullptr && answers[id].contains(word->text);
      const std::string full = fmt::format("{}.{}", id, name);
      if (!answered && !used.contains(full)) unused.push_back(full);
    }
  }
  return unused;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += " " + word;
  return text;
}

}  // namespace

int validate_command(const PlanOptions& options, bool json) {
  const Plan plan = make_plan(options);
  const BenchFacts facts = try_bench(plan, 1);
  for (const Scenario& scenario : plan.scenarios) check_on_bench(scenario, facts);
  const std::vector<std::string> doubtful = unresolvable(plan, facts);
  for (const std::string& line : doubtful) std::fprintf(stderr, "rig: warning: %s\n", line.c_str());
  std::set<std::string> verified;
  for (const Scenario& scenario : plan.scenarios) {
    verified.insert(scenario.verifies.begin(), scenario.verifies.end());
  }
  std::vector<std::string> uncovered;
  for (const auto& [id, requirement] : plan.spec.requirements) {
    if (!verified.contains(id)) uncovered.push_back(id);
  }
  const std::vector<std::string> unused = unused_limits(plan, verified);
  if (json) {
    std::printf(
        "{\"cases\": %zu, \"requirements\": %zu, \"uncovered\": %s, \"unused_limits\": %s, "
        "\"unresolvable\": %s}\n",
        plan.scenarios.size(), plan.spec.requirements.size(), json_list(uncovered).c_str(),
        json_list(unused).c_str(), json_list(doubtful).c_str());
    return 0;
  }
  std::printf("%zu %s valid; %zu of %zu requirements have a scenario\n", plan.scenarios.size(),
              plan.scenarios.size() == 1 ? "case is" : "cases are",
              plan.spec.requirements.size() - uncovered.size(), plan.spec.requirements.size());
  if (!uncovered.empty()) std::printf("without a scenario:%s\n", joined(uncovered).c_str());
  if (!unused.empty()) {
    std::printf("limits that nothing is held against:%s\n", joined(unused).c_str());
  }
  return 0;
}

}  // namespace rig
