// The spec: requirements by id, and the one place where a limit's number stands.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "rig/config/yaml.h"
#include "rig/core/record.h"
#include "rig/core/verdict.h"

namespace rig {

struct Interval {  // SI; either bound may be absent
  std::optional<double> low;
  std::optional<double> high;
};
struct Around {         // nominal +- (percent of it + absolute)
  std::string setting;  // "set.width"; empty: `nominal` itself
  double nominal = 0;
  double percent = 0;
  double absolute = 0;
};
struct Word {
  std::string text;
};

// How an acceleration or a displacement is told: they differ by factors of two and more.
enum class Swing { kNone, kPeak, kPeakToPeak, kRms, kMean };
std::string_view in_words(Swing swing);  // "peak", "p-p", "r.m.s.", "mean"

struct LimitSource {
  std::variant<Interval, Around, Word> what;
  std::string dimension;  // "" for words
  Swing swing = Swing::kNone;
  std::string text;  // as written
  std::string requirement;
  std::string name;  // of the spec's limits: "latency"; empty: the scenario's own number
  DecisionRule rule = DecisionRule::kNonbinary;
};

struct Requirement {
  RequirementRef about;
  std::string where;
  std::map<std::string, LimitSource> limits;
};

struct Spec {
  std::string title;
  std::string file;
  std::string sha256;  // filled in by whoever can hash
  std::map<std::string, Requirement> requirements;
};

// Throws InputError with file:line:column.
Spec load_spec(const std::string& path);

// "<= 100 ms", ">= 3", "== 5", "190 us .. 210 us", "20 mA +- 2 % + 0.1 mA", or a map
// {nominal: set.width, within: "1 % + 1 us"}, {is: WORD}. Anything else that is one word is a
// word to be equal to. An acceleration or a displacement says which it is: "<= 0.6 g peak",
// "24.5 um +- 10 % p-p", "r.m.s.", "mean"; set.acceleration is a peak.
LimitSource read_limit(const Yaml& node);

// Now that the settings are known: a limit in SI for a quantity of `unit`.
// Throws RigError when the nominal setting has not been set.
Limit resolve(const LimitSource& source, const std::map<std::string, double>& settings,
              std::string_view unit);

}  // namespace rig
