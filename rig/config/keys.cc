#include "rig/config/keys.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "rig/config/suggest.h"
#include "rig/config/units.h"

namespace rig {
const ObjectKeys& object_keys(std::string_view name) {
  const auto found = std::ranges::find(objects(), name, &ObjectKeys::name);
  if (found == objects().end()) throw std::logic_error("no object " + std::string(name));
  return *found;
}

void check_keys(const Yaml& node, std::string_view object) {
  const ObjectKeys& allowed = object_keys(object);
  if (!node.is_map()) {
    throw node.error("expected a map (" + std::string(allowed.what) + "), found " + node.found());
  }
  std::vector<std::string_view> names;
  for (const Key& key : allowed.keys) names.push_back(key.name);
  for (const auto& [key, value] : node.entries) {
    if (std::ranges::find(names, key.scalar) == names.end()) {
      throw key.error("unknown key '" + key.scalar + "' in " + std::string(object) +
                      did_you_mean(key.scalar, names));
    }
  }
  for (const Key& key : allowed.keys) {
    if (key.required && node.find(key.name) == nullptr) {
      throw node.error(std::string(object) + " needs the key '" + std::string(key.name) + "'");
    }
  }
}

std::string read_text(const Yaml& node, std::string_view what) {
  if (!node.is_scalar()) {
    throw node.error("expected " + std::string(what) + ", found " + node.found());
  }
  return node.scalar;
}

std::int64_t read_integer(const Yaml& node, std::int64_t lowest, std::int64_t highest) {
  std::int64_t value = 0;
  const char* begin = node.scalar.data();
  const char* end = begin + node.scalar.size();
  const auto [stop, failed] = std::from_chars(begin, end, value);
  if (!node.is_scalar() || failed != std::errc{} || stop != end || value < lowest ||
      value > highest) {
    throw node.error("expected a whole number from " + std::to_string(lowest) + " to " +
                     std::to_string(highest) + ", found " + node.found());
  }
  return value;
}

bool read_flag(const Yaml& node) {
  if (node.is_scalar() && node.scalar == "true") return true;
  if (node.is_scalar() && node.scalar == "false") return false;
  throw node.error("expected true or false, found " + node.found());
}

std::vector<std::string> read_words(const Yaml& node, std::string_view what) {
  if (node.is_scalar()) return {node.scalar};
  if (!node.is_list()) {
    throw node.error("expected a list of " + std::string(what) + ", found " + node.found());
  }
  std::vector<std::string> words;
  for (const Yaml& item : node.items) words.push_back(read_text(item, what));
  return words;
}

}  // namespace rig
