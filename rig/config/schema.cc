// The JSON Schema of a scenario file, made from the table of keys.
#include <algorithm>
#include <set>

#include "rig/bench/terms.h"
#include "rig/config/keys.h"
#include "rig/config/units.h"
#include "rig/core/join.h"
#include "rig/measure/catalog.h"
#include "rig/measure/logic.h"

namespace rig {
namespace {

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// Matches a number and one of the dimension's units; ${parameter} always does.
std::string pattern_for(std::string_view dimension) {
  std::string alternatives;
  for (const UnitInfo& unit : units()) {
    if (unit.dimension != dimension) continue;
    alternatives += (alternatives.empty() ? "" : "|") + std::string(unit.text);
  }
  return R"(^([-+]?[0-9.]+([eE][-+]?[0-9]+)? *()" + alternatives + R"()|.*\$\{.+\}.*)$)";
}

std::string quantity_schema(std::string_view dimension) {
  if (dimension == "count") return R"({"type": ["number", "string"]})";
  return R"({"type": "string", "pattern": )" + json_text(pattern_for(dimension)) +
         R"(, "examples": [)" + json_text(rig::dimension(dimension).example) + "]}";
}

std::string schema_for_kind(std::string_view kind) {
  if (kind.starts_with("quantity:")) return quantity_schema(kind.substr(9));
  if (kind.starts_with("object:")) {
    return R"({"$ref": "#/$defs/)" + std::string(kind.substr(7)) + "\"}";
  }
  if (kind == "steps")
    return R"({"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}})";
  if (kind == "list") return R"({"type": ["array", "string"]})";
  if (kind == "map") return R"({"type": "object"})";
  if (kind == "integer") return R"({"type": ["integer", "string"]})";
  if (kind == "word" || kind == "text") return R"({"type": ["string", "number", "boolean"]})";
  return "true";
}

std::string with_description(std::string schema, std::string_view what) {
  if (schema == "true") return R"({"description": )" + json_text(what) + "}";
  schema.insert(1, R"("description": )" + json_text(what) + ", ");
  return schema;
}

std::string settings_schema(std::string_view what) {
  std::string properties;
  for (const SettingInfo& s : settings_of_a_stimulator()) {
    properties += (properties.empty() ? "" : ", ") + json_text(s.name) + ": " +
                  with_description(quantity_schema(s.dimension), s.what);
  }
  return R"({"description": )" + json_text(what) +
         R"(, "type": "object", "additionalProperties": false, "properties": {)" + properties +
         "}}";
}

// Quantities and status fields an `expect` may name, beside its own keys.
std::string expectation_properties() {
  std::string properties;
  const auto add = [&properties](std::string_view name, std::string_view what) {
    properties += ", " + json_text(name) + R"(: {"description": )" + json_text(what) +
                  R"(, "type": ["string", "object", "boolean"]})";
  };
  for (const QuantityInfo& q : quantities()) {
    if (is_between_channels(q)) continue;
    add(q.name, q.definition);
    if (!q.per_pulse) continue;
    for (const char* suffix : {".mean", ".min", ".max", ".first", ".last", ".sd"}) {
      add(std::string(q.name) + suffix, q.definition);
    }
  }
  for (const StatusFieldInfo& f : status_fields()) add("status." + std::string(f.name), f.what);
  return properties;
}

std::string object_schema(const ObjectKeys& object) {
  std::string properties;
  std::string required;
  for (const Key& key : object.keys) {
    const std::string schema = key.name == "set"
                                   ? settings_schema(key.what)
                                   : with_description(schema_for_kind(key.kind), key.what);
    properties += (properties.empty() ? "" : ",\n        ") + json_text(key.name) + ": " + schema;
    if (key.required) required += (required.empty() ? "" : ", ") + json_text(key.name);
  }
  const bool expect = object.name == "expect";
  if (expect) properties += expectation_properties();
  std::string text = R"({"description": )" + json_text(object.what) + R"(, "type": "object",)" +
                     "\n      \"properties\": {\n        " + properties + "},\n      ";
  if (!required.empty()) text += "\"required\": [" + required + "], ";
  // A logic channel's level is "<channel>.high", whatever the channel is called.
  if (expect)
    text +=
        R"("patternProperties": {"^[a-z_]+\\.high$": {"type": ["string", "object"]}, )"
        R"("^(latency|dead_time|overlaps?|cross_axis)\\.[a-z_]+\\.(to|with)\\.[a-z_]+(\\.[a-z]+)?$": )"
        R"({"type": ["string", "object"]}}, )";
  return text + "\"additionalProperties\": false}";
}

}  // namespace

std::string scenario_schema() {
  static const std::set<std::string_view> parts{"step",   "capture", "segments", "expect",
                                                "inform", "repeat",  "send"};
  std::string definitions;
  for (const ObjectKeys& object : objects()) {
    if (!parts.contains(object.name)) continue;
    std::string schema = object_schema(object);
    if (object.name == "step") {
      schema.insert(0, R"({"anyOf": [{"enum": ["start", "stop", "clear", "save", "keepalive"]}, )");
      schema += "]}";
    }
    add_item(definitions, ",\n    ", json_text(object.name), ": ", schema);
  }
  std::string root = object_schema(object_keys("scenario"));
  root.erase(0, 1);
  return "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
         "  \"title\": \"Soleus Rig scenario\",\n  \"$defs\": {\n    " +
         definitions + "\n  },\n  " + root + "\n";
}

}  // namespace rig
