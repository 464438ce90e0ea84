// A YAML file as a tree that knows where each of its words stands. The only header through which
// the rest of config/ sees YAML; yaml-cpp stays in yaml.cc.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rig/core/error.h"

namespace rig {

// One line: "lead_off.yaml:12:5: what". Control characters become \xNN, and what nobody reads to
// its end is cut.
InputError error_at(const std::string& where, std::string_view what);

struct Yaml {
  enum class Kind { kNull, kScalar, kList, kMap };
  struct Entry;
  Kind kind = Kind::kNull;
  std::string file;
  int line = 0;    // from 1
  int column = 0;  // from 1
  std::string scalar;
  std::vector<Yaml> items;     // kList
  std::vector<Entry> entries;  // kMap, in the order of the file

  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }
  const Yaml* find(std::string_view key) const;  // nullptr: not there

  std::string where() const;  // "lead_off.yaml:12:5"
  InputError error(std::string_view what) const { return error_at(where(), what); }
  // "a list", "'20 mA'", cut when it is long: for "expected ..., found ..."
  std::string found() const;
};

struct Yaml::Entry {
  Yaml key;
  Yaml value;
};

// Reads one document. Refuses, in one line with file:line:column where there is one: a file that
// is missing, empty, over 1 MiB, binary or not UTF-8; broken YAML; more than one document;
// duplicate keys; keys that are not words; nesting over 50 deep; and aliases that expand to more
// than 100,000 nodes.
Yaml read_yaml(const std::string& path);
Yaml parse_yaml(const std::string& text, const std::string& file);

}  // namespace rig
