#include "rig/run/foresight.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include <fmt/format.h>

#include "rig/core/verdict.h"

namespace rig {
namespace {

struct Foreseen {
  bool asked = false;    // to start, whatever it was to answer
  bool started = false;  // by its end
  Picos length{};
  double rate = 0;  // Hz, the slowest that was set for it; 0: none
};

bool upper_only(const LimitSource& limit) {
  const auto* interval = std::get_if<Interval>(&limit.what);
  return interval != nullptr && !interval->low;
}

class Foresight {
 public:
  void over(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (const auto* command = std::get_if<CommandStep>(&step.action)) {
        asked_ = asked_ || command->verb == "start";
        started_ = started_ || (command->verb == "start" && step.answer == "ok");
      } else if (std::holds_alternative<SendStep>(step.action)) {
        asked_ = started_ = true;  // raw bytes may say anything
      } else if (const auto* set = std::get_if<SetStep>(&step.action)) {
        if (step.answer == "ok") note(*set);
      } else if (const auto* capture = std::get_if<std::shared_ptr<CaptureStep>>(&step.action)) {
        over((*capture)->during);
        const CaptureSetup& setup = (*capture)->setup;
        captures_[setup.name] = {asked_, started_, setup.length, rate_};
      } else if (const auto* expect = std::get_if<ExpectStep>(&step.action)) {
        hold(*expect);
      }
    }
  }

  std::vector<std::string> lines;

 private:
  void note(const SetStep& set) {
    for (const auto& [name, value] : set.values) {
      if (name == "rate") rate_ = value;
    }
  }

  void hold(const ExpectStep& expect) {
    const auto found = captures_.find(expect.capture);
    if (found == captures_.end()) return;
    const Foreseen& seen = found->second;
    for (const Expectation& e : expect.expectations) {
      if (!e.measured) continue;
      if (!seen.asked && is_zero_in_silence(*e.measured->info) && upper_only(e.limit)) {
        lines.push_back(fmt::format(
            "{}: {}: silence keeps this limit: no step starts the device before capture '{}' ends",
            e.where, e.quantity, found->first));
      }
      if (!e.measured->info->per_pulse) continue;
      const double lasts = to_seconds(seen.length);
      if (!seen.started) {
        lines.push_back(fmt::format(
            "{}: {}: capture '{}' can hold no pulse: no step starts the device before it ends",
            e.where, e.quantity, found->first));
      } else if (seen.rate > 0 && lasts < 1 / seen.rate) {
        lines.push_back(
            fmt::format("{}: {}: capture '{}' may hold no pulse: it lasts {}, a period at {} {}",
                        e.where, e.quantity, found->first, in_words(lasts, "s"),
                        in_words(seen.rate, "Hz"), in_words(1 / seen.rate, "s")));
      }
    }
  }

  bool asked_ = false;
  bool started_ = false;
  double rate_ = 0;
  std::map<std::string, Foreseen> captures_;
};

}  // namespace

std::vector<std::string> expected_of_silence(std::span<const Scenario> scenarios) {
  std::set<std::string> lines;
  for (const Scenario& scenario : scenarios) {
    Foresight walk;
    walk.over(scenario.steps);
    std::ranges::move(walk.lines, std::inserter(lines, lines.end()));
  }
  return {lines.begin(), lines.end()};
}

}  // namespace rig
