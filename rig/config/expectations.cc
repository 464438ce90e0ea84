#include "rig/config/expectations.h"

#include <algorithm>

#include "rig/bench/terms.h"
#include "rig/config/keys.h"
#include "rig/config/suggest.h"
#include "rig/config/units.h"
#include "rig/core/join.h"
#include "rig/core/verdict.h"

namespace rig {
namespace {

bool is_logic_level(std::string_view quantity) {
  return quantity.ends_with(".high") && quantity.size() > std::string_view(".high").size();
}

std::string_view dimension_of(const Expectation& e) {
  if (e.measured) return e.measured->info->dimension;
  if (is_logic_level(e.quantity)) return "ratio";
  for (const StatusFieldInfo& field : status_fields()) {
    if (e.quantity == "status." + std::string(field.name)) return field.dimension;
  }
  return "";
}

// What a quantity is of an acceleration or a displacement; kNone: of neither.
Swing swing_of(std::string_view quantity, std::string_view dimension) {
  if (dimension != "acceleration" && dimension != "length") return Swing::kNone;
  const auto holds = [quantity](std::string_view word) {
    return quantity.find(word) != std::string_view::npos;
  };
  if (holds("peak_to_peak") || holds("displacement")) return Swing::kPeakToPeak;
  if (holds("rms") || holds("exposure") || holds("weighted")) return Swing::kRms;
  return holds("offset") ? Swing::kMean : Swing::kPeak;
}

bool names_a_status_field(std::string_view quantity) {
  return std::ranges::any_of(status_fields(), [quantity](const StatusFieldInfo& field) {
    return quantity == "status." + std::string(field.name);
  });
}

InputError unknown_quantity(const Yaml& key) {
  if (find_plant_quantity(key.scalar) != nullptr) {
    return key.error("'" + key.scalar +
                     "' is of a model and cannot be expected: put it in an `inform` step");
  }
  std::vector<std::string> names;
  for (const QuantityInfo& q : quantities()) names.emplace_back(q.name);
  for (const StatusFieldInfo& f : status_fields()) names.push_back("status." + std::string(f.name));
  for (const Key& k : object_keys("expect").keys) names.emplace_back(k.name);
  return key.error("unknown quantity '" + key.scalar + "'" + did_you_mean(key.scalar, names));
}

// "SRS-041", "SRS-041.limit", "SRS-041.latency": by id, the number stands in the spec.
std::optional<LimitSource> limit_by_id(const Yaml& node, const Spec& spec) {
  if (!node.is_scalar()) return std::nullopt;
  const auto dot = node.scalar.find('.');
  const std::string id = node.scalar.substr(0, dot);
  const std::string name = dot == std::string::npos ? "limit" : node.scalar.substr(dot + 1);
  const auto requirement = spec.requirements.find(id);
  if (requirement == spec.requirements.end()) {
    const bool looks_like_an_id = id.find('-') != std::string::npos && !id.empty() &&
                                  std::isupper(static_cast<unsigned char>(id[0])) != 0 &&
                                  std::isdigit(static_cast<unsigned char>(id.back())) != 0;
    if (!looks_like_an_id) return std::nullopt;
    std::vector<std::string> ids;
    for (const auto& [known, r] : spec.requirements) ids.push_back(known);
    throw node.error("no requirement '" + id + "' in " + spec.file + did_you_mean(id, ids));
  }
  const auto& limits = requirement->second.limits;
  const auto found = limits.find(name);
  if (found != limits.end()) return found->second;
  if (dot == std::string::npos && limits.size() == 1) return limits.begin()->second;
  std::string names;
  for (const auto& [known, limit] : limits) {
    add_item(names, ", ", id, ".", known);
  }
  if (names.empty()) names = "none";
  throw node.error("requirement '" + id + "' has no limit '" + name + "', it has: " + names);
}

void check_dimension(const Yaml& node, const Expectation& e) {
  const std::string_view wanted = dimension_of(e);
  const bool is_word = std::holds_alternative<Word>(e.limit.what);
  if (wanted.empty()) {
    if (!is_word)
      throw node.error("'" + e.quantity + "' is a word, found a number: " + node.found());
    return;
  }
  const DimensionInfo& info = dimension(wanted);
  if (is_word) {
    throw node.error("expected a limit for " + std::string(info.article) +
                     " such as '<= " + std::string(info.example) + "', found " + node.found());
  }
  if (e.limit.dimension != wanted) {
    throw node.error("'" + e.quantity + "' is " + std::string(info.article) + ", but its limit '" +
                     e.limit.text + "' is " + std::string(dimension(e.limit.dimension).article));
  }
  if (const Swing swing = swing_of(e.quantity, wanted); swing != e.limit.swing) {
    throw node.error("'" + e.quantity + "' is " + std::string(in_words(swing)) +
                     ", but its limit '" + e.limit.text + "' is " +
                     std::string(in_words(e.limit.swing)));
  }
}

Expectation read_expectation(const Yaml& key, const Yaml& value, const Spec& spec) {
  Expectation e{
      .where = key.where(), .quantity = key.scalar, .measured = find_quantity(key.scalar)};
  if (!e.measured && !is_logic_level(key.scalar) && !names_a_status_field(key.scalar)) {
    throw unknown_quantity(key);
  }
  if (std::optional<LimitSource> by_id = limit_by_id(value, spec)) {
    e.limit = std::move(*by_id);
  } else {
    e.limit = read_limit(value);
    if (!e.limit.requirement.empty() && !spec.requirements.contains(e.limit.requirement)) {
      throw value.error("no requirement '" + e.limit.requirement + "' in " + spec.file);
    }
  }
  check_dimension(value, e);
  return e;
}

void read_border(const Yaml& node, std::optional<std::string>& label, std::optional<Picos>& time) {
  const std::string text = read_text(node, "a label or a time");
  const std::optional<Physical> physical = parse_physical(text);
  if (physical) {
    time = read_time(node);
  } else {
    label = text;
  }
}

}  // namespace

std::vector<std::string> channels_needed(const Expectation& e) {
  if (!e.measured) {
    if (!is_logic_level(e.quantity)) return {};
    return {e.quantity.substr(0, e.quantity.rfind('.'))};
  }
  if (!e.measured->first.empty()) return {e.measured->first, e.measured->second};
  if (e.measured->info->name.starts_with("vibration.")) return {"acceleration"};
  if (e.measured->info->name == "voltage.peak") return {"voltage"};
  if (e.measured->info->dimension == "energy") return {"current", "voltage"};
  return {"current"};
}

std::string text_of_expect(const ExpectStep& expect) {
  constexpr std::size_t kNamed = 4;
  std::string text = expect.capture.empty() ? "" : " in " + expect.capture;
  if (expect.after) text += " after " + *expect.after;
  if (expect.from) text += " after " + in_words(to_seconds(*expect.from), "s");
  if (expect.before) text += " before " + *expect.before;
  if (expect.to) text += " before " + in_words(to_seconds(*expect.to), "s");
  text += ":";
  for (std::size_t k = 0; k < std::min(kNamed, expect.expectations.size()); ++k) {
    text += (k == 0 ? " " : ", ") + expect.expectations[k].quantity;
  }
  if (expect.expectations.size() > kNamed) {
    text += " and " + std::to_string(expect.expectations.size() - kNamed) + " more";
  }
  return text;
}

LimitSource read_answer(const Yaml& node, const Spec& spec) {
  if (std::optional<LimitSource> by_id = limit_by_id(node, spec)) {
    if (std::holds_alternative<Word>(by_id->what)) return *by_id;
    throw node.error("an answer is a word, but the limit is '" + by_id->text + "'");
  }
  const std::string word = read_text(node, "an answer");
  return {.what = Word{word}, .text = word};
}

ExpectStep read_expect(const Yaml& node, const Spec& spec) {
  if (!node.is_map()) throw node.error("expected quantities and limits, found " + node.found());
  ExpectStep step;
  for (const auto& [key, value] : node.entries) {
    if (key.scalar == "in") {
      step.capture = read_text(value, "the name of a capture");
    } else if (key.scalar == "after") {
      read_border(value, step.after, step.from);
    } else if (key.scalar == "before") {
      read_border(value, step.before, step.to);
    } else {
      step.expectations.push_back(read_expectation(key, value, spec));
    }
  }
  if (step.expectations.empty()) throw node.error("this step expects nothing");
  for (const Expectation& e : step.expectations) {
    const bool status = e.quantity.starts_with("status.");
    if (!status && step.capture.empty()) {
      throw error_at(e.where, "'" + e.quantity + "' is measured in a capture: add `in: NAME`");
    }
  }
  return step;
}

InformStep read_inform(const Yaml& node) {
  check_keys(node, "inform");
  InformStep step{.capture = read_text(*node.find("in"), "the name of a capture")};
  const Yaml& names = *node.find("quantities");
  for (const std::string& name : read_words(names, "quantities of the plant")) {
    const PlantQuantity* found = find_plant_quantity(name);
    if (found == nullptr) {
      std::vector<std::string_view> known;
      for (const PlantQuantity& q : plant_quantities()) known.push_back(q.info.name);
      throw names.error("the plant has no quantity '" + name + "'" + did_you_mean(name, known));
    }
    step.quantities.push_back(found);
  }
  if (step.quantities.empty()) throw names.error("this step tells nothing");
  return step;
}

}  // namespace rig
