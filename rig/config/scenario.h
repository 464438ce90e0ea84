// A scenario as data: what the YAML file says, checked, with units. One Scenario per sweep row.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "rig/bench/bench.h"
#include "rig/config/spec.h"
#include "rig/measure/catalog.h"
#include "rig/measure/plant_track.h"

namespace rig {

struct SetStep {
  std::vector<std::pair<std::string, double>> values;  // setting, SI
};
struct CommandStep {
  std::string verb;  // "start", "stop", "clear", "save", "keepalive"
};
struct WaitStep {
  Picos duration{};
};
struct DisturbStep {
  Disturbance what;
};
struct PowerCycleStep {};
struct HeartbeatStep {
  Picos interval{};  // 0: off
};
struct SendStep {
  std::vector<std::uint8_t> bytes;
  Picos listen{};
};

struct Expectation {
  std::string where;     // file:line:column
  std::string quantity;  // as written: "phase1.width.mean", "status.fault", "led.high"
  std::optional<QuantityName> measured;  // none: a status field or a logic level
  LimitSource limit;
};
// Channels that the capture must have for it; none for what the device itself reports.
std::vector<std::string> channels_needed(const Expectation& e);

struct ExpectStep {
  std::string capture;               // empty: about status only
  std::optional<std::string> after;  // a label ...
  std::optional<Picos> from;         // ... or a time since arming
  std::optional<std::string> before;
  std::optional<Picos> to;
  std::vector<Expectation> expectations;
};

// What a modelled plant did meanwhile: told, never judged.
struct InformStep {
  std::string capture;
  std::vector<const PlantQuantity*> quantities;
};

struct CaptureStep;
using Action =
    std::variant<SetStep, CommandStep, WaitStep, DisturbStep, PowerCycleStep, HeartbeatStep,
                 SendStep, ExpectStep, InformStep, std::shared_ptr<CaptureStep>>;

struct Step {
  std::string path;           // "3", "4.2"
  std::string where;          // file:line:column
  std::string kind;           // the key: "capture"
  std::string text;           // one line for people
  std::string answer = "ok";  // what the device is to answer, for steps that talk to it
  std::string requirement;    // whose limit this answer is; may be empty
  std::string answer_limit;   // its name, where the scenario refers to it: "answer"
  std::string label;          // `as:`, for later steps to refer to the instant
  std::optional<Moment> at;   // inside `during`: since arming, or from the n-th pulse
  Action action;
};

struct CaptureStep {
  CaptureSetup setup;
  std::uint32_t keep_segments = 0;  // 0: all
  PulseCriteria criteria;
  std::vector<Step> during;
};

struct Scenario {
  std::string id;  // "safety/lead_off[amplitude=10 mA]": stable over runs
  std::string title;
  std::string file;
  std::vector<std::string> verifies;
  std::vector<std::string> tags;
  std::vector<std::string> needs;  // capabilities
  std::string firmware;            // image instead of the bench file's; empty: that one
  std::vector<std::pair<std::string, std::string>> parameters;  // the sweep row
  std::vector<Step> steps;
};

// All rows of a scenario file, each checked by itself: units, dimensions, names, physical sense
// (pulse fits its period, limits that the sample rate cannot resolve), requirement ids.
// `root` is the folder that ids are relative to. Throws InputError with file:line:column.
std::vector<Scenario> load_scenarios(const std::string& path, const std::string& root,
                                     const Spec& spec);

// What only the bench tells: throws InputError, with place and cure, for a density when its file
// does not know the electrode.
void check_on_bench(const Scenario& scenario, const BenchFacts& facts);

// suite.yaml: what a folder of scenarios is run against.
struct Suite {
  std::string title;
  std::string spec;    // path, resolved
  std::string bench;   // path, resolved
  std::string faults;  // folder of seeded faults, resolved; empty: the usual one
};
// The suite.yaml in `folder` or the nearest one above it; nullopt: none.
std::optional<Suite> find_suite(const std::string& folder);

}  // namespace rig
