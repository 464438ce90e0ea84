// What may stand in the files: one table, from which files are checked, did-you-mean is answered
// and the JSON Schema for editors is made.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rig/config/yaml.h"

namespace rig {

struct Key {
  std::string_view name;
  // "quantity:DIMENSION", "word", "text", "integer", "flag", "list", "map", "object:NAME",
  // "steps", "any"
  std::string_view kind;
  bool required = false;
  std::string_view what;  // for editors and help
};

struct ObjectKeys {
  std::string_view name;  // "capture"
  std::string_view what;
  std::span<const Key> keys;
};
std::span<const ObjectKeys> objects();
const ObjectKeys& object_keys(std::string_view name);

// Throws when `node` is not a map, has a key that is not in the table ("did you mean"), or lacks
// a required one.
void check_keys(const Yaml& node, std::string_view object);

// Reads scalars of the simple kinds.
std::string read_text(const Yaml& node, std::string_view what);
std::int64_t read_integer(const Yaml& node, std::int64_t lowest, std::int64_t highest);
bool read_flag(const Yaml& node);
std::vector<std::string> read_words(const Yaml& node, std::string_view what);  // list or one word

// JSON Schema (draft 2020-12) of a scenario file.
std::string scenario_schema();

}  // namespace rig
