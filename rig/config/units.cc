#include "rig/config/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string>

#include "rig/core/error.h"

namespace rig {
namespace {

constexpr std::array kUnits{
    UnitInfo{"s", "time", 1},
    UnitInfo{"ms", "time", 1e-3},
    UnitInfo{"us", "time", 1e-6},
    UnitInfo{"µs", "time", 1e-6},
    UnitInfo{"ns", "time", 1e-9},
    UnitInfo{"ps", "time", 1e-12},
    UnitInfo{"min", "time", 60},
    UnitInfo{"h", "time", 3600},
    UnitInfo{"A", "current", 1},
    UnitInfo{"mA", "current", 1e-3},
    UnitInfo{"uA", "current", 1e-6},
    UnitInfo{"nA", "current", 1e-9},
    UnitInfo{"V", "voltage", 1},
    UnitInfo{"mV", "voltage", 1e-3},
    UnitInfo{"uV", "voltage", 1e-6},
    UnitInfo{"kV", "voltage", 1e3},
    UnitInfo{"Hz", "frequency", 1},
    UnitInfo{"mHz", "frequency", 1e-3},
    UnitInfo{"kHz", "frequency", 1e3},
    UnitInfo{"MHz", "frequency", 1e6},
    UnitInfo{"ohm", "resistance", 1},
    UnitInfo{"kohm", "resistance", 1e3},
    UnitInfo{"Mohm", "resistance", 1e6},
    UnitInfo{"F", "capacitance", 1},
    UnitInfo{"uF", "capacitance", 1e-6},
    UnitInfo{"nF", "capacitance", 1e-9},
    UnitInfo{"pF", "capacitance", 1e-12},
    UnitInfo{"C", "charge", 1},
    UnitInfo{"mC", "charge", 1e-3},
    UnitInfo{"uC", "charge", 1e-6},
    UnitInfo{"nC", "charge", 1e-9},
    UnitInfo{"J", "energy", 1},
    UnitInfo{"mJ", "energy", 1e-3},
    UnitInfo{"uJ", "energy", 1e-6},
    UnitInfo{"nJ", "energy", 1e-9},
    UnitInfo{"A/m2", "density", 1},
    UnitInfo{"mA/cm2", "density", 10},
    UnitInfo{"W/m2", "power_density", 1},
    UnitInfo{"W/cm2", "power_density", 1e4},
    UnitInfo{"A/s", "slope", 1},
    UnitInfo{"mA/s", "slope", 1e-3},
    UnitInfo{"m2", "area", 1},
    UnitInfo{"cm2", "area", 1e-4},
    UnitInfo{"m", "length", 1},
    UnitInfo{"mm", "length", 1e-3},
    UnitInfo{"um", "length", 1e-6},
    UnitInfo{"µm", "length", 1e-6},
    UnitInfo{"m/s2", "acceleration", 1},
    UnitInfo{"mm/s2", "acceleration", 1e-3},
    UnitInfo{"gn", "acceleration", 9.80665},
    UnitInfo{"g", "acceleration", 9.80665},
    UnitInfo{"mg", "acceleration", 9.80665e-3},
    UnitInfo{"mL", "volume", 1},
    UnitInfo{"L", "volume", 1000},
    UnitInfo{"mmHg", "pressure", 1},
    UnitInfo{"kPa", "pressure", 7.500617},
    UnitInfo{"mL/s", "flow", 1},
    UnitInfo{"mL/min", "flow", 1.0 / 60},
    UnitInfo{"L/min", "flow", 1000.0 / 60},
    UnitInfo{"mL/mmHg", "compliance", 1},
    UnitInfo{"mmHg s/mL", "flow_resistance", 1},
    UnitInfo{"kg/m3", "mass_density", 1},
    UnitInfo{"kg", "mass", 1},
    UnitInfo{"H", "inductance", 1},
    UnitInfo{"mH", "inductance", 1e-3},
    UnitInfo{"N", "force", 1},
    UnitInfo{"mN", "force", 1e-3},
    UnitInfo{"N/A", "force_constant", 1},
    UnitInfo{"N/m", "stiffness", 1},
    UnitInfo{"kN/m", "stiffness", 1e3},
    UnitInfo{"N s/m", "damping", 1},
    UnitInfo{"%", "ratio", 1},
    UnitInfo{"ppm", "ratio", 1e-4},
};

constexpr std::array kDimensions{
    DimensionInfo{"time", "a time", "s", "200 us"},
    DimensionInfo{"current", "a current", "A", "20 mA"},
    DimensionInfo{"voltage", "a voltage", "V", "5 V"},
    DimensionInfo{"frequency", "a frequency", "Hz", "35 Hz"},
    DimensionInfo{"resistance", "a resistance", "ohm", "500 ohm"},
    DimensionInfo{"capacitance", "a capacitance", "F", "100 nF"},
    DimensionInfo{"charge", "a charge", "C", "6 uC"},
    DimensionInfo{"energy", "an energy", "J", "1 mJ"},
    DimensionInfo{"density", "a current density", "A/m2", "2 mA/cm2"},
    DimensionInfo{"power_density", "a power density", "W/m2", "0.25 W/cm2"},
    DimensionInfo{"slope", "a slope of the current", "A/s", "20 mA/s"},
    DimensionInfo{"area", "an area", "m2", "25 cm2"},
    DimensionInfo{"length", "a length", "m", "50 um"},
    DimensionInfo{"acceleration", "an acceleration", "m/s2", "2 m/s2"},
    DimensionInfo{"volume", "a volume", "mL", "80 mL"},
    DimensionInfo{"pressure", "a pressure", "mmHg", "90 mmHg"},
    DimensionInfo{"flow", "a flow", "mL/s", "65 mL/min"},
    DimensionInfo{"compliance", "a compliance", "mL/mmHg", "3 mL/mmHg"},
    DimensionInfo{"flow_resistance", "a flow resistance", "mmHg s/mL", "1.4 mmHg s/mL"},
    DimensionInfo{"mass_density", "a density", "kg/m3", "1060 kg/m3"},
    DimensionInfo{"mass", "a mass", "kg", "15 kg"},
    DimensionInfo{"inductance", "an inductance", "H", "0.8 mH"},
    DimensionInfo{"force", "a force", "N", "40 N"},
    DimensionInfo{"force_constant", "a force constant", "N/A", "12 N/A"},
    DimensionInfo{"stiffness", "a stiffness", "N/m", "35 kN/m"},
    DimensionInfo{"damping", "a damping", "N s/m", "68 N s/m"},
    DimensionInfo{"ratio", "a percentage", "%", "2 %"},
    DimensionInfo{"count", "a plain number", "1", "3"},
};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

std::span<const UnitInfo> units() { return kUnits; }

const DimensionInfo& dimension(std::string_view name) {
  const auto* found = std::ranges::find(kDimensions, name, &DimensionInfo::name);
  if (found == kDimensions.end()) throw std::logic_error("no dimension " + std::string(name));
  return *found;
}

std::optional<Physical> parse_physical(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || !std::isfinite(number)) return std::nullopt;
  const std::string_view unit = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
  if (unit.empty()) return Physical{number, "count"};
  const auto* found = std::ranges::find(kUnits, unit, &UnitInfo::text);
  if (found == kUnits.end()) return std::nullopt;
  const double si = number * found->factor;
  if (!std::isfinite(si)) return std::nullopt;  // 1e308 h
  return Physical{si, found->dimension};
}

// "expected a current such as '20 mA', found '20 us' (a time)".
static std::string complaint(std::string_view name, const std::string& found,
                             const std::optional<Physical>& value) {
  const DimensionInfo& wanted = dimension(name);
  std::string text = "expected " + std::string(wanted.article) + " such as '" +
                     std::string(wanted.example) + "', found " + found;
  if (!value) return text;
  if (value->dimension == "count") return text + " (no unit)";
  return text + " (" + std::string(dimension(value->dimension).article) + ")";
}

double quantity_of(std::string_view text, std::string_view name) {
  const std::optional<Physical> value = parse_physical(text);
  if (value && value->dimension == name) return value->si;
  throw InputError(complaint(name, "'" + std::string(text) + "'", value));
}

double read_quantity(const Yaml& node, std::string_view name) {
  std::optional<Physical> value;
  if (node.is_scalar()) value = parse_physical(node.scalar);
  if (value && value->dimension == name) return value->si;
  throw node.error(complaint(name, node.found(), value));
}

Picos read_time(const Yaml& node) {
  const double seconds = read_quantity(node, "time");
  if (seconds < 0 || seconds > 9e6) {
    throw node.error("expected a time from 0 s to 100 days, found " + node.found());
  }
  return from_seconds(seconds);
}

}  // namespace rig
