// `rig validate`: what a run would do, whether the bench can tell, and what it would not look at.
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "rig/app/claims.h"
#include "rig/app/commands.h"
#include "rig/core/join.h"
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

// What a report would call verified although nobody looked.
struct Holes {
  std::vector<std::string> uncovered;  // requirements without a scenario
  std::vector<std::string> unlimited;  // requirements that no value could break
  std::vector<std::string> unused;     // limits that nothing is held against
  std::vector<std::string> unheld;     // "FILE: ID": the file says so, and holds no limit of it
};

Holes holes_of(const Plan& plan) {
  std::set<std::string> all_held;
  std::set<std::string> all_claimed;
  Holes holes;
  for (const auto& [file, claims] : claims_by_file(plan.scenarios)) {
    all_claimed.insert(claims.verified.begin(), claims.verified.end());
    all_held.insert(claims.held.begin(), claims.held.end());
    for (const std::string& id : claims.not_held()) {
      holes.unheld.push_back(fmt::format("{}: {}", file, id));
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

std::string opened_in_words(const BenchFacts& facts) {
  std::string parts;
  for (const auto& [what, where] : facts.instruments) add_item(parts, "; ", what, " ", where);
  return facts.title + " (" + parts + ")";
}

// What was found out about one suite.
struct Validation {
  std::string bench;  // what was opened, in words
  std::size_t cases = 0;
  std::size_t requirements = 0;
  Holes holes;
  std::vector<std::string> doubtful;
  std::vector<std::string> empty;

  std::size_t not_shown() const {
    return holes.uncovered.size() + holes.unlimited.size() + holes.unused.size() +
           holes.unheld.size() + doubtful.size() + empty.size();
  }
};

Validation validate(const Plan& plan) {
  const BenchFacts facts = try_bench(plan, 1);
  for (const Scenario& scenario : plan.scenarios) check_on_bench(scenario, facts);
  Validation found{.bench = opened_in_words(facts),
                   .cases = plan.scenarios.size(),
                   .requirements = plan.spec.requirements.size(),
                   .holes = holes_of(plan),
                   .doubtful = unresolvable(plan, facts),
                   .empty = expected_of_silence(plan.scenarios)};
  for (const auto* lines : {&found.empty, &found.doubtful}) {
    for (const std::string& line : *lines) {
      std::fprintf(stderr, "rig: warning: %s\n", line.c_str());
    }
  }
  return found;
}

// Without its closing brace.
std::string json_of(const Validation& found) {
  return fmt::format(
      "{{\"cases\": {}, \"requirements\": {}, \"uncovered\": {}, \"without_limit\": {}, "
      "\"unused_limits\": {}, \"not_held\": {}, \"unresolvable\": {}, \"without_pulses\": {}",
      found.cases, found.requirements, json_list(found.holes.uncovered),
      json_list(found.holes.unlimited), json_list(found.holes.unused),
      json_list(found.holes.unheld), json_list(found.doubtful), json_list(found.empty));
}

void print(const Validation& found) {
  std::printf("%zu %s valid; %zu of %zu requirements have a scenario\n", found.cases,
              found.cases == 1 ? "case is" : "cases are",
              found.requirements - found.holes.uncovered.size(), found.requirements);
  print_hole("without a scenario", found.holes.uncovered);
  print_hole("without a limit", found.holes.unlimited);
  print_hole("limits that nothing is held against", found.holes.unused);
  print_hole("said to be verified where no limit of it is held", found.holes.unheld);
  std::printf("the bench was opened, and put nothing out: %s\n", to_one_line(found.bench).c_str());
}

}  // namespace

int validate_command(const PlanOptions& options, bool strict, bool json) {
  const Plan plan = make_plan(options);
  const Validation whole = validate(plan);
  std::size_t count = whole.not_shown();
  if (json) {
    std::printf("%s", json_of(whole).c_str());
  } else {
    print(whole);
  }
  for (std::size_t k = 0; k < plan.apart.size(); ++k) {
    const Validation inner = validate(make_plan({.paths = {plan.apart[k]}}));
    count += inner.not_shown();
    if (json) {
      std::printf("%s%s: %s}", k == 0 ? ", \"apart\": {" : ", ", json_string(plan.apart[k]).c_str(),
                  json_of(inner).c_str());
    } else {
      std::printf("%s, a suite of its own: ", plan.apart[k].c_str());
      print(inner);
    }
  }
  if (json) std::printf("%s}\n", plan.apart.empty() ? "" : "}");
  if (!strict || count == 0) return 0;
  std::fprintf(stderr, "rig: strict: %zu %s not shown by these scenarios\n", count,
               count == 1 ? "part of the spec is" : "parts of the spec are");
  return kExitUsage;
}

}  // namespace rig
