// Numbers with units, as people write them: "200 us", "20 mA", "2 % + 1 us".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rig/config/yaml.h"
#include "rig/core/units.h"

namespace rig {

struct UnitInfo {
  std::string_view text;       // "us"
  std::string_view dimension;  // "time"
  double factor = 1;           // to SI
};
std::span<const UnitInfo> units();

struct DimensionInfo {
  std::string_view name;     // "current"
  std::string_view article;  // "a current"
  std::string_view si;       // "A"
  std::string_view example;  // "20 mA"
};
// Throws std::logic_error for a name that does not exist.
const DimensionInfo& dimension(std::string_view name);

struct Physical {
  double si = 0;
  std::string_view dimension;  // "count" when there is no unit
};
// nullopt: not a number with a known unit.
std::optional<Physical> parse_physical(std::string_view text);

// The text as a quantity of that dimension, in SI. Throws InputError:
// "expected a current such as '20 mA', found '20 us' (a time)".
double quantity_of(std::string_view text, std::string_view dimension);

// The scalar as a quantity of that dimension, in SI. Throws Yaml::error:
// "expected a current such as '20 mA', found '20 us' (a time)".
double read_quantity(const Yaml& node, std::string_view dimension);
Picos read_time(const Yaml& node);  // exact to the picosecond; never negative

}  // namespace rig
