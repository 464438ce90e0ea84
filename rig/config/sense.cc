// Physical sense of a scenario, checked before anything is energised.
#include <algorithm>
#include <cmath>
#include <set>

#include "rig/config/steps.h"

namespace rig {
namespace {

constexpr double kFewestInAPhase = 5;  // samples: fewer are marked as undersampled

struct Walk {
  std::map<std::string, double> settings;
  std::optional<double> narrowest;  // s, of the phases that were asked for so far
  std::map<std::string, const CaptureStep*> captures;
  std::set<std::string> labels;
};

std::optional<double> known(const Walk& walk, const std::string& name) {
  const auto found = walk.settings.find(name);
  return found == walk.settings.end() ? std::nullopt : std::optional(found->second);
}

void check_settings(const Step& step, const Walk& walk) {
  for (const auto& [name, value] : walk.settings) {
    if (value < 0) throw error_at(step.where, name + " is below zero");
  }
  const auto width = known(walk, "width");
  const auto rate = known(walk, "rate");
  if (rate && *rate <= 0) throw error_at(step.where, "the rate is zero");
  if (!width || !rate) return;
  const double pulse = 2 * *width + known(walk, "gap").value_or(0);
  if (pulse * *rate >= 1) {
    throw error_at(step.where, "a pulse of " + in_words(pulse, "s") +
                                   " does not fit into a period of " + in_words(1 / *rate, "s"));
  }
}

void check_capture(const Step& step, const CaptureStep& capture) {
  for (const Step& inner : capture.during) {
    if (inner.at && inner.at->pulse == 0 && inner.at->at >= capture.setup.length) {
      throw error_at(inner.where, "this happens after the end of the capture (" +
                                      in_words(to_seconds(capture.setup.length), "s") + ")");
    }
  }
  const double width = to_seconds(capture.setup.segment_length);
  if (capture.setup.trigger && width * capture.setup.rate.hertz() < 8) {
    throw error_at(step.where,
                   "a segment of " + in_words(width, "s") + " has fewer than 8 samples");
  }
}

void check_window(const Step& step, const ExpectStep& expect, const CaptureStep& capture) {
  const Picos length = capture.setup.length;
  const std::string end = " the end of the capture (" + in_words(to_seconds(length), "s") + ")";
  if (expect.from && *expect.from >= length) {
    throw error_at(step.where, "the window begins after" + end);
  }
  if (expect.to && *expect.to > length) throw error_at(step.where, "the window ends after" + end);
  if (expect.from && expect.to && *expect.to <= *expect.from) {
    throw error_at(step.where, "the window ends before it begins");
  }
}

void check_channels(const Expectation& e, const CaptureSetup& setup) {
  for (const std::string& needed : channels_needed(e)) {
    if (std::ranges::find(setup.channels, needed) != setup.channels.end()) continue;
    throw error_at(e.where, "'" + e.quantity + "' needs channel " + needed +
                                ", which the capture '" + setup.name + "' does not have");
  }
}

// An edge of a pulse is known to half a sample period (rectangular); a duration has two.
void check_resolution(const Expectation& e, const CaptureStep& capture, const Walk& walk) {
  if (!e.measured || e.measured->info->dimension != "time" || !e.measured->info->per_pulse) return;
  const auto* around = std::get_if<Around>(&e.limit.what);
  const auto* interval = std::get_if<Interval>(&e.limit.what);
  double half_width = 0;
  if (around != nullptr) {
    const double nominal =
        around->setting.empty() ? around->nominal : known(walk, around->setting).value_or(0);
    half_width = nominal * around->percent / 100 + around->absolute;
  } else if (interval != nullptr && interval->low && interval->high) {
    half_width = (*interval->high - *interval->low) / 2;
  } else {
    return;
  }
  const double expanded = 2 * std::sqrt(2.0 / 12.0) / capture.setup.rate.hertz();
  if (expanded >= half_width) {
    throw error_at(e.where, "the limit of " + e.quantity + ", +- " + in_words(half_width, "s") +
                                ", cannot be resolved at " +
                                in_words(capture.setup.rate.hertz(), "Hz") + ": U would be " +
                                in_words(expanded, "s"));
  }
}

// Between two samples, and outside of segments, anything may have flowed.
void check_sees_pulses(const Expectation& e, const CaptureStep& capture, const Walk& walk) {
  const std::vector<std::string> needed = channels_needed(e);
  const auto needs = [&needed](const char* channel) {
    return std::ranges::find(needed, channel) != needed.end();
  };
  if (!e.measured || !(needs("current") || needs("voltage"))) return;
  const CaptureSetup& setup = capture.setup;
  if (walk.narrowest && *walk.narrowest * setup.rate.hertz() < kFewestInAPhase * (1 - 1e-9)) {
    throw error_at(e.where, "'" + e.quantity + "' may miss phases of " +
                                in_words(*walk.narrowest, "s") + " at " +
                                in_words(setup.rate.hertz(), "Hz") + ": expected at least " +
                                in_words(kFewestInAPhase / *walk.narrowest, "Hz"));
  }
  if (!setup.trigger || e.measured->info->per_pulse) return;
  const double output = std::max(PulseCriteria{}.current_threshold,
                                 capture.criteria.current_threshold);  // from here on it is some
  if (setup.trigger->channel == "current" && setup.trigger->level > output * (1 + 1e-9)) {
    throw error_at(e.where, "'" + e.quantity + "' needs every pulse, and segments from " +
                                in_words(setup.trigger->level, "A") +
                                " on see no smaller ones: expected a level of at most " +
                                in_words(output, "A"));
  }
}

void check_setting_is_known(const Expectation& e, const Walk& walk) {
  const auto* around = std::get_if<Around>(&e.limit.what);
  if (around == nullptr || around->setting.empty() || known(walk, around->setting)) return;
  throw error_at(e.where, "the limit '" + e.limit.text + "' needs set." + around->setting +
                              ", which no step before has set");
}

void check_expect(const Step& step, const ExpectStep& expect, const Walk& walk) {
  const CaptureStep* capture = nullptr;
  if (!expect.capture.empty()) {
    const auto found = walk.captures.find(expect.capture);
    if (found == walk.captures.end()) {
      throw error_at(step.where, "no capture named '" + expect.capture + "' before this step");
    }
    capture = found->second;
  }
  if (capture != nullptr) check_window(step, expect, *capture);
  for (const auto& label : {expect.after, expect.before}) {
    if (label && !walk.labels.contains(*label)) {
      throw error_at(step.where, "nothing is labelled '" + *label + "' (`as: " + *label + "`)");
    }
  }
  for (const Expectation& e : expect.expectations) {
    check_setting_is_known(e, walk);
    if (capture != nullptr) {
      check_channels(e, capture->setup);
      check_resolution(e, *capture, walk);
      check_sees_pulses(e, *capture, walk);
    }
    const bool needs_event = e.measured && e.measured->info->name.starts_with("output.");
    if (needs_event && !expect.after && !expect.from) {
      throw error_at(e.where, "'" + e.quantity + "' counts from an event: add `after: LABEL`");
    }
  }
}

void check_inform(const Step& step, const InformStep& inform, const Walk& walk) {
  const auto found = walk.captures.find(inform.capture);
  if (found == walk.captures.end()) {
    throw error_at(step.where, "no capture named '" + inform.capture + "' before this step");
  }
  const auto& channels = found->second->setup.channels;
  for (const PlantQuantity* q : inform.quantities) {
    if (std::ranges::find(channels, q->channel) != channels.end()) continue;
    throw error_at(step.where, "'" + std::string(q->info.name) + "' needs channel " +
                                   std::string(q->channel) + " in capture '" + inform.capture +
                                   "'");
  }
}

void walk_steps(const std::vector<Step>& steps, Walk& walk) {
  for (const Step& step : steps) {
    if (!step.label.empty()) walk.labels.insert(step.label);
    if (const auto* set = std::get_if<SetStep>(&step.action);
        set != nullptr && step.answer == "ok") {
      for (const auto& [name, value] : set->values) {
        walk.settings[name] = value;
        if (name == "width") walk.narrowest = std::min(value, walk.narrowest.value_or(value));
      }
      check_settings(step, walk);
    } else if (const auto* capture = std::get_if<std::shared_ptr<CaptureStep>>(&step.action)) {
      check_capture(step, **capture);
      walk_steps((*capture)->during, walk);
      walk.captures[(*capture)->setup.name] = capture->get();
    } else if (const auto* expect = std::get_if<ExpectStep>(&step.action)) {
      check_expect(step, *expect, walk);
    } else if (const auto* inform = std::get_if<InformStep>(&step.action)) {
      check_inform(step, *inform, walk);
    }
  }
}

}  // namespace

static void check_densities(const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    if (const auto* capture = std::get_if<std::shared_ptr<CaptureStep>>(&step.action)) {
      check_densities((*capture)->during);
    }
    const auto* expect = std::get_if<ExpectStep>(&step.action);
    if (expect == nullptr) continue;
    for (const Expectation& e : expect->expectations) {
      if (!e.measured || !e.measured->info->name.ends_with(".density")) continue;
      throw error_at(e.where, "'" + e.quantity +
                                  "' needs the electrode's area: add `electrode: 25 cm2` (that of "
                                  "the smallest one) to the bench file");
    }
  }
}

void check_on_bench(const Scenario& scenario, const BenchFacts& facts) {
  if (facts.electrode_area <= 0) check_densities(scenario.steps);
}

void check_sense(const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    if (step.at) throw error_at(step.where, "`at` has a meaning only inside `during`");
  }
  Walk walk;
  walk_steps(steps, walk);
}

}  // namespace rig
