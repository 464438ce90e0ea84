#include "rig/config/spec.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "rig/bench/terms.h"
#include "rig/config/keys.h"
#include "rig/config/suggest.h"
#include "rig/config/units.h"

namespace rig {
namespace {

constexpr std::array<std::string_view, 3> kRules{"simple", "guarded", "nonbinary"};
constexpr std::array<std::string_view, 6> kSure{"F", "f", "C", "B", "GK", "house"};

DecisionRule read_rule(const Yaml& node) {
  const std::string text = read_text(node, "a decision rule");
  for (std::size_t k = 0; k < kRules.size(); ++k) {
    if (text == kRules[k]) return static_cast<DecisionRule>(k);
  }
  throw node.error("expected simple, guarded or nonbinary, found " + node.found() +
                   did_you_mean(text, kRules));
}

Physical read_number(const Yaml& node, std::string_view text) {
  const std::optional<Physical> value = parse_physical(text);
  if (!value) {
    throw node.error("expected a number with a known unit such as '100 ms', found '" +
                     std::string(text) + "'");
  }
  return *value;
}

bool swings(std::string_view dimension) {
  return dimension == "acceleration" || dimension == "length";
}

std::string_view without_spaces(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// Takes "peak", "p-p", "r.m.s." or "mean" off the end.
Swing take_swing(std::string_view& text) {
  text = without_spaces(text);
  for (const Swing swing : {Swing::kPeak, Swing::kPeakToPeak, Swing::kRms, Swing::kMean}) {
    const std::string end = " " + std::string(in_words(swing));
    if (!text.ends_with(end)) continue;
    text = without_spaces(text.substr(0, text.size() - end.size()));
    return swing;
  }
  return Swing::kNone;
}

// "2 % + 1 us" into percent and absolute; the absolute part gives the dimension.
void read_tolerance(const Yaml& node, std::string_view text, Around& around,
                    std::string& dimension) {
  bool any = false;
  while (!text.empty()) {
    const auto plus = text.find('+');
    const Physical part = read_number(node, text.substr(0, plus));
    if (part.si < 0) throw node.error("expected a tolerance above zero, found " + node.found());
    if (part.dimension == "ratio") {
      around.percent += part.si;
    } else {
      around.absolute += part.si;
      if (!dimension.empty() && dimension != part.dimension) {
        throw node.error("expected a tolerance in the unit of its nominal value, found " +
                         node.found());
      }
      dimension = part.dimension;
    }
    any = true;
    text = plus == std::string_view::npos ? std::string_view() : text.substr(plus + 1);
  }
  if (!any) throw node.error("expected a tolerance such as '1 % + 1 us', found " + node.found());
}

std::string_view dimension_of_setting(const Yaml& node, std::string_view name) {
  std::vector<std::string_view> names;
  for (const SettingInfo& s : settings_of_a_stimulator()) {
    if (s.name == name) return s.dimension;
    names.push_back(s.name);
  }
  throw node.error("unknown setting 'set." + std::string(name) + "'" + did_you_mean(name, names));
}

LimitSource read_limit_text(const Yaml& node) {
  LimitSource source{.text = node.scalar};
  std::string_view text = node.scalar;
  source.swing = take_swing(text);
  const auto interval = [&](std::optional<Physical> low, std::optional<Physical> high) {
    if (low && high && low->dimension != high->dimension) {
      throw node.error("expected two numbers of one unit, found " + node.found());
    }
    if (low && high && low->si > high->si) {
      throw node.error("the lower bound is above the upper one: " + node.found());
    }
    Interval bounds;
    if (low) bounds.low = low->si;
    if (high) bounds.high = high->si;
    source.dimension = (low ? low : high)->dimension;
    source.what = bounds;
    return source;
  };
  if (text.starts_with("<=")) return interval(std::nullopt, read_number(node, text.substr(2)));
  if (text.starts_with(">=")) return interval(read_number(node, text.substr(2)), std::nullopt);
  if (text.starts_with("==")) {
    const Physical value = read_number(node, text.substr(2));
    return interval(value, value);
  }
  if (text.starts_with('<') || text.starts_with('>') || text.starts_with('=')) {
    throw node.error("expected <=, >= or == before the number, found " + node.found());
  }
  if (const auto dots = text.find(".."); dots != std::string_view::npos) {
    return interval(read_number(node, text.substr(0, dots)),
                    read_number(node, text.substr(dots + 2)));
  }
  if (const auto plus_minus = text.find("+-"); plus_minus != std::string_view::npos) {
    const Physical nominal = read_number(node, text.substr(0, plus_minus));
    Around around{.nominal = nominal.si};
    source.dimension = nominal.dimension;
    read_tolerance(node, without_spaces(text.substr(plus_minus + 2)), around, source.dimension);
    source.what = around;
    return source;
  }
  if (parse_physical(text)) {
    throw node.error("expected a limit such as '<= 100 ms' or '190 us .. 210 us', found " +
                     node.found());
  }
  source.what = Word{std::string(text)};
  return source;
}

// A limit says what it is in one of three ways.
void check_one_form(const Yaml& node) {
  const Yaml* first = nullptr;
  for (const std::string_view form : {"is", "limit", "nominal"}) {
    const Yaml* value = node.find(form);
    if (value == nullptr) continue;
    if (first != nullptr) throw node.error("expected one of is, limit and nominal");
    first = value;
  }
}

LimitSource read_limit_map(const Yaml& node) {
  check_keys(node, "limit");
  check_one_form(node);
  LimitSource source;
  if (const Yaml* is = node.find("is")) {
    source.text = read_text(*is, "a word");
    source.what = Word{source.text};
  } else if (const Yaml* limit = node.find("limit")) {
    source = read_limit_text(*limit);
  } else {
    const Yaml* nominal = node.find("nominal");
    const Yaml* within = node.find("within");
    if (nominal == nullptr || within == nullptr) {
      throw node.error("expected {nominal, within}, {limit} or {is}");
    }
    Around around;
    const std::string name = read_text(*nominal, "set.NAME or a number with its unit");
    if (name.starts_with("set.")) {
      around.setting = name.substr(4);
      source.dimension = dimension_of_setting(*nominal, around.setting);
      if (swings(source.dimension)) source.swing = Swing::kPeak;
    } else {
      std::string_view number = name;
      source.swing = take_swing(number);
      const Physical value = read_number(*nominal, number);
      around.nominal = value.si;
      source.dimension = value.dimension;
    }
    read_tolerance(*within, without_spaces(read_text(*within, "a tolerance")), around,
                   source.dimension);
    source.text = name + " +- " + within->scalar;
    source.what = around;
  }
  if (const Yaml* rule = node.find("rule")) source.rule = read_rule(*rule);
  if (const Yaml* id = node.find("verifies"))
    source.requirement = read_text(*id, "a requirement id");
  return source;
}

Requirement read_requirement(const Yaml& node) {
  check_keys(node, "requirement");
  const auto text = [&node](std::string_view key) {
    const Yaml* value = node.find(key);
    return value == nullptr ? std::string() : read_text(*value, "a text");
  };
  Requirement r{.about = {.id = text("id"),
                          .title = text("title"),
                          .text = text("text"),
                          .source = text("source"),
                          .sure = text("sure")},
                .where = node.where(),
                .limits = {}};
  if (std::ranges::find(kSure, r.about.sure) == kSure.end()) {
    throw node.find("sure")->error(
        "expected how sure the source is (F, f, C, B, GK, house), found " +
        node.find("sure")->found());
  }
  std::optional<DecisionRule> rule;
  if (const Yaml* named = node.find("rule")) rule = read_rule(*named);
  const Yaml* limits = node.find("limits");
  if (limits == nullptr) return r;
  if (!limits->is_map()) throw limits->error("expected a map of limits, found " + limits->found());
  for (const auto& [name, value] : limits->entries) {
    LimitSource limit = read_limit(value);
    limit.requirement = r.about.id;
    limit.name = name.scalar;
    const bool own_rule = value.is_map() && value.find("rule") != nullptr;
    if (rule && !own_rule) limit.rule = *rule;
    r.limits.emplace(name.scalar, std::move(limit));
  }
  return r;
}

// "SRS-010.width", or "SRS-010" where that has one limit: another requirement's, so that its number
// stands once. Null when `text` names no requirement.
const LimitSource* referred(const Yaml& node, const Spec& spec) {
  const std::string& text = node.scalar;
  const auto dot = std::min(text.find('.'), text.size());
  const auto other = spec.requirements.find(text.substr(0, dot));
  if (!node.is_scalar() || other == spec.requirements.end()) return nullptr;
  const auto& limits = other->second.limits;
  const auto named = dot == text.size() ? limits.begin() : limits.find(text.substr(dot + 1));
  if (named == limits.end() || (dot == text.size() && limits.size() != 1)) {
    throw node.error("expected REQUIREMENT.limit of a requirement that has it, found " +
                     node.found());
  }
  return &named->second;
}

void follow_references(const Yaml& item, Spec& spec) {
  const Yaml* limits = item.find("limits");
  if (limits == nullptr) return;
  for (const auto& [name, value] : limits->entries) {
    const LimitSource* other = referred(value, spec);
    if (other == nullptr) continue;
    LimitSource& own = spec.requirements.at(item.find("id")->scalar).limits.at(name.scalar);
    if (const auto* word = std::get_if<Word>(&other->what);
        word != nullptr && spec.requirements.contains(word->text.substr(0, word->text.find('.')))) {
      throw value.error("expected a limit of its own there, found another reference");
    }
    own.what = other->what;
    own.dimension = other->dimension;
    own.swing = other->swing;
    own.text = other->text;
    own.rule = other->rule;
  }
}

}  // namespace

std::string_view in_words(Swing swing) {
  switch (swing) {
    case Swing::kPeak: return "peak";
    case Swing::kPeakToPeak: return "p-p";
    case Swing::kRms: return "r.m.s.";
    case Swing::kMean: return "mean";
    case Swing::kNone: break;
  }
  return "";
}

LimitSource read_limit(const Yaml& node) {
  if (!node.is_map() && !node.is_scalar()) {
    throw node.error("expected a limit such as '<= 100 ms', found " + node.found());
  }
  LimitSource source = node.is_map() ? read_limit_map(node) : read_limit_text(node);
  if (source.swing == Swing::kNone && swings(source.dimension)) {
    throw node.error("expected " + std::string(dimension(source.dimension).article) +
                     " to say peak, p-p, r.m.s. or mean, found '" + source.text + "'");
  }
  if (source.swing != Swing::kNone && !swings(source.dimension)) {
    throw node.error("only an acceleration or a length is " + std::string(in_words(source.swing)) +
                     ", found '" + source.text + "'");
  }
  return source;
}

Spec load_spec(const std::string& path) {
  const Yaml root = read_yaml(path);
  check_keys(root, "spec");
  Spec spec{.title = read_text(*root.find("spec"), "a title"),
            .file = path,
            .sha256 = {},
            .requirements = {}};
  const Yaml& list = *root.find("requirements");
  if (!list.is_list()) throw list.error("expected a list of requirements, found " + list.found());
  for (const Yaml& item : list.items) {
    Requirement r = read_requirement(item);
    const std::string id = r.about.id;
    const auto [before, added] = spec.requirements.emplace(id, std::move(r));
    if (!added) {
      throw item.error("requirement '" + id + "' given twice, first at " + before->second.where);
    }
  }
  for (const Yaml& item : list.items) follow_references(item, spec);
  return spec;
}

Limit resolve(const LimitSource& source, const std::map<std::string, double>& settings,
              std::string_view unit) {
  Limit limit{.low = {},
              .high = {},
              .unit = std::string(unit),
              .text = source.text,
              .requirement = source.requirement,
              .rule = source.rule};
  if (const auto* interval = std::get_if<Interval>(&source.what)) {
    limit.low = interval->low;
    limit.high = interval->high;
    return limit;
  }
  const auto* around = std::get_if<Around>(&source.what);
  if (around == nullptr) throw std::logic_error("a word has no bounds: " + source.text);
  double nominal = around->nominal;
  if (!around->setting.empty()) {
    const auto set = settings.find(around->setting);
    if (set == settings.end()) {
      throw RigError("the limit needs set." + around->setting + ", which no step has set");
    }
    nominal = set->second;
  }
  const double tolerance = std::fabs(nominal) * around->percent / 100.0 + around->absolute;
  limit.low = nominal - tolerance;
  limit.high = nominal + tolerance;
  limit.text =
      in_words(*limit.low, unit) + " .. " + in_words(*limit.high, unit) + " (" + source.text + ")";
  return limit;
}

}  // namespace rig
