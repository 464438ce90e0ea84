// How the record's structs become JSON: each is described once, for writing and for reading.
// For the sources of evidence/ alone: the only header that knows the JSON library.
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rig/core/record.h"
#include "rig/evidence/json_fields.h"
#include "rig/evidence/text.h"

namespace rig::json {

using Json = nlohmann::ordered_json;  // keys stay in the order of the fields

// A value that is not what the record needs, and where it stands: "cases[0].verdict".
struct Misfit {
  std::string path;
  std::string expected;
  std::string found;
  void inside(const std::string& outer) {
    const bool glued = path.empty() || path.front() == '[';
    path = outer + (glued ? "" : ".") + path;
  }
};

[[noreturn]] inline void misfit(const std::string& expected, const Json& found) {
  throw Misfit{.path = "", .expected = expected, .found = found.dump()};
}

class Writer {
 public:
  explicit Writer(Json& object) : object_(object) {}
  template <typename T>
  void operator()(const char* key, const T& value);
  template <typename T>
  void operator()(const char* key, const std::optional<T>& value) {
    if (value) (*this)(key, *value);
  }

 private:
  Json& object_;
};

class Reader {
 public:
  explicit Reader(const Json& object) : object_(object) {
    if (!object.is_object()) misfit("an object", object);
  }
  template <typename T>
  void operator()(const char* key, T& value);
  template <typename T>
  void operator()(const char* key, std::optional<T>& value) {
    if (object_.contains(key)) (*this)(key, value.emplace());
  }

 private:
  const Json& object_;
};

template <typename T>
concept Word = std::same_as<T, Verdict> || std::same_as<T, DecisionRule>;

template <typename T>
concept Described = requires(Writer& writer, const T& value) {
  describe(writer, value);
};

template <Described T>
Json encode(const T& value);
template <Described T>
void decode(const Json& json, T& value);

inline Json encode(bool value) { return value; }
inline Json encode(const std::string& value) { return to_utf8(value); }
inline Json encode(Picos value) { return value.count(); }
inline Json encode(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}
Json encode(std::integral auto value) { return value; }
Json encode(Word auto value) { return std::string(to_string(value)); }

template <typename T>
Json encode(const std::pair<std::string, T>& value) {
  return Json::array({encode(value.first), encode(value.second)});
}
template <typename T>
Json encode(const std::vector<T>& values) {
  Json array = Json::array();
  for (const T& value : values) array.push_back(encode(value));
  return array;
}
template <Described T>
Json encode(const T& value) {
  Json object = Json::object();
  Writer writer(object);
  describe(writer, value);
  return object;
}

template <typename T>
void Writer::operator()(const char* key, const T& value) {
  object_[key] = encode(value);
}

inline void decode(const Json& json, bool& value) {
  if (!json.is_boolean()) misfit("true or false", json);
  value = json.get<bool>();
}
inline void decode(const Json& json, std::string& value) {
  if (!json.is_string()) misfit("a string", json);
  value = from_utf8(json.get_ref<const std::string&>());
}
inline void decode(const Json& json, double& value) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (json == "nan") {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (json == "inf" || json == "-inf") {
    value = json == "inf" ? kInfinity : -kInfinity;
  } else if (json.is_number()) {
    value = json.get<double>();
  } else {
    misfit("a number", json);
  }
}
void decode(const Json& json, std::integral auto& value) {
  using Integer = std::remove_reference_t<decltype(value)>;
  const bool fits =
      json.is_number_unsigned()
          ? std::in_range<Integer>(json.get<std::uint64_t>())
          : json.is_number_integer() && std::in_range<Integer>(json.get<std::int64_t>());
  if (!fits) misfit("an integer that fits its field", json);
  value = json.get<Integer>();
}
inline void decode(const Json& json, Picos& value) {
  std::int64_t count = 0;
  decode(json, count);
  value = Picos(count);
}
inline void decode(const Json& json, Verdict& value) {
  const auto verdict = json.is_string() ? verdict_from(json.get<std::string>()) : std::nullopt;
  if (!verdict) misfit("a verdict", json);
  value = *verdict;
}
inline void decode(const Json& json, DecisionRule& value) {
  constexpr std::array kRules{DecisionRule::kSimple, DecisionRule::kGuarded,
                              DecisionRule::kNonbinary};
  for (const DecisionRule rule : kRules) {
    if (json == std::string(to_string(rule))) {
      value = rule;
      return;
    }
  }
  misfit("a decision rule", json);
}
template <typename T>
void decode(const Json& json, std::pair<std::string, T>& value) {
  if (!json.is_array() || json.size() != 2) misfit("a pair [name, value]", json);
  decode(json[0], value.first);
  decode(json[1], value.second);
}
template <typename T>
void decode(const Json& json, std::vector<T>& values) {
  if (!json.is_array()) misfit("an array", json);
  values.clear();
  for (std::size_t i = 0; i < json.size(); ++i) {
    try {
      decode(json[i], values.emplace_back());
    } catch (Misfit& wrong) {
      wrong.inside("[" + std::to_string(i) + "]");
      throw;
    }
  }
}
template <Described T>
void decode(const Json& json, T& value) {
  Reader reader(json);
  describe(reader, value);
}

template <typename T>
void Reader::operator()(const char* key, T& value) {
  try {
    const auto found = object_.find(key);
    if (found == object_.end()) misfit("a value", "nothing");
    decode(*found, value);
  } catch (Misfit& wrong) {
    wrong.inside(key);
    throw;
  }
}

}  // namespace rig::json
