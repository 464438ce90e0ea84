#include "rig/config/disturbances.h"

#include <array>
#include <limits>
#include <optional>

#include "rig/config/bench_parts.h"
#include "rig/config/keys.h"
#include "rig/config/suggest.h"
#include "rig/config/units.h"
#include "rig/core/verdict.h"

namespace rig {
namespace {

struct Injectable {
  std::string_view name;
  std::string_view dimension;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  std::string_view range = {};  // in words
};
constexpr std::array kInjectable{
    Injectable{"cpu_hang", "count"},
    Injectable{"main_hang", "count"},
    Injectable{"source_gain", "count"},
    Injectable{"sense_offset", "current"},
    Injectable{"baud_error", "ratio"},
    Injectable{"uptime", "time"},
    Injectable{"rattle", "length", 0, 0.01, "a gap from 0 mm to 10 mm"},
    Injectable{"accelerometer_gain", "count"},
    Injectable{"accelerometer_open", "count"},
    Injectable{"accelerometer_range", "acceleration", 0.1, 2000,
               "a range from 0.1 m/s2 to 2000 m/s2"},
    Injectable{"accelerometer_bias", "acceleration"},
};

template <typename... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <typename... F>
Overloaded(F...) -> Overloaded<F...>;

Ohms read_ohms(const Yaml& node) {
  const double ohms = read_quantity(node, "resistance");
  if (ohms <= 0 || ohms > 1e9) {
    throw node.error("expected a resistance above 0 ohm and up to 1000 Mohm, found " +
                     node.found());
  }
  return Ohms(ohms);
}

Load read_load(const Yaml& node) {
  if (node.is_scalar()) {
    if (node.scalar == "open") return OpenLoad{};
    if (node.scalar == "short") return ShortLoad{};
    if (node.scalar == "half_lifted") return HalfLifted{};
    if (node.scalar == "lifted") return FootLifted{};
    if (node.scalar == "clamped") return ClampedPlatform{};
    if (node.scalar == "two_mass_leg") return TwoMassLeg{};
    const std::optional<Physical> physical = parse_physical(node.scalar);
    if (physical && physical->dimension == "mass") return DummyMass{read_kilograms(node)};
    return SeriesLoad{.series = read_ohms(node)};
  }
  if (!node.is_map()) {
    throw node.error("expected a load such as '500 ohm' or open, found " + node.found());
  }
  if (const Yaml* chatter = node.find("chatter")) {
    if (node.entries.size() != 1) throw node.error("expected {chatter: ...} alone");
    check_keys(*chatter, "chatter");
    return ChatterLoad{
        .open = read_time(*chatter->find("open")),
        .closed = read_time(*chatter->find("closed")),
        .times = static_cast<std::uint32_t>(read_integer(*chatter->find("times"), 1, 10'000))};
  }
  const Yaml* series = node.find("series");
  const Yaml* parallel = node.find("parallel");
  const Yaml* capacitance = node.find("capacitance");
  if (series == nullptr || parallel == nullptr || capacitance == nullptr ||
      node.entries.size() != 3) {
    throw node.error("expected {series: 300 ohm, parallel: 2 kohm, capacitance: 50 nF}");
  }
  const double farads = read_quantity(*capacitance, "capacitance");
  if (farads <= 0) throw capacitance->error("expected a capacitance above 0 F");
  return SeriesLoad{.series = read_ohms(*series),
                    .parallel = read_ohms(*parallel),
                    .capacitance = Farads(farads)};
}

Volts read_volts(const Yaml& node) {
  const double volts = read_quantity(node, "voltage");
  if (volts < 0 || volts > 1000) {
    throw node.error("expected a voltage from 0 V to 1 kV, found " + node.found());
  }
  return Volts(volts);
}

SupplyChange read_supply(const Yaml& node) {
  if (!node.is_map()) return SupplyLevel{read_volts(node)};
  const Yaml* dip = node.find("dip");
  const Yaml* duration = node.find("for");
  if (dip == nullptr || duration == nullptr || node.entries.size() != 2) {
    throw node.error("expected a voltage or {dip: 5 V, for: 20 ms}");
  }
  return SupplyDip{.to = read_volts(*dip), .duration = read_time(*duration)};
}

InjectedFault read_injected(const Yaml& node) {
  if (!node.is_map() || node.entries.size() != 1) {
    throw node.error("expected one defect such as {source_gain: 1.5}, found " + node.found());
  }
  const auto& [key, value] = node.entries.front();
  const auto* known = std::ranges::find(kInjectable, key.scalar, &Injectable::name);
  if (known == kInjectable.end()) {
    std::vector<std::string_view> names;
    names.reserve(kInjectable.size());
    for (const Injectable& each : kInjectable) names.push_back(each.name);
    throw key.error("unknown defect '" + key.scalar + "'" + did_you_mean(key.scalar, names));
  }
  const double si = read_quantity(value, known->dimension);
  if (si < known->low || si > known->high) {
    throw value.error("expected " + std::string(known->range) + ", found " + value.found());
  }
  return {.name = key.scalar, .value = si};
}

std::string words_for_load(const Load& load) {
  return std::visit(Overloaded{
                        [](const SeriesLoad& s) {
                          std::string text = "load " + in_words(s.series.si(), "ohm");
                          if (s.parallel.si() > 0) {
                            text += " + " + in_words(s.parallel.si(), "ohm") + " || " +
                                    in_words(s.capacitance.si(), "F");
                          }
                          return text;
                        },
                        [](const OpenLoad&) { return std::string("load open"); },
                        [](const ShortLoad&) { return std::string("load short"); },
                        [](const ChatterLoad& c) {
                          return "load chatter, " + std::to_string(c.times) + " times " +
                                 in_words(to_seconds(c.open), "s") + " open";
                        },
                        [](const HalfLifted&) { return std::string("load half lifted"); },
                        [](const DummyMass& m) { return "load " + in_words(m.kilograms, "kg"); },
                        [](const TwoMassLeg&) { return std::string("load two-mass leg"); },
                        [](const FootLifted&) { return std::string("foot lifted"); },
                        [](const ClampedPlatform&) { return std::string("platform clamped"); },
                    },
                    load);
}

std::string words_for_supply(const SupplyChange& change) {
  if (const auto* dip = std::get_if<SupplyDip>(&change)) {
    return "supply " + in_words(dip->to.si(), "V") + " for " +
           in_words(to_seconds(dip->duration), "s");
  }
  return "supply " + in_words(std::get<SupplyLevel>(change).volts.si(), "V");
}

}  // namespace

Disturbance read_disturbance(const std::string& kind, const Yaml& node) {
  if (kind == "load") return read_load(node);
  if (kind == "supply") return read_supply(node);
  if (kind == "inject") return read_injected(node);
  return ButtonChange{.button = read_text(node, "a button"), .pressed = kind == "press"};
}

std::string capability_for(const Disturbance& what) {
  return std::visit(
      Overloaded{
          [](const Load& load) -> std::string {
            static constexpr std::array<const char*, 9> kNames{
                "load",      "load.open",         "load.short",  "load.chatter", "load.half_lifted",
                "load.mass", "load.two_mass_leg", "load.lifted", "load.clamped"};
            return kNames.at(load.index());
          },
          [](const SupplyChange& c) -> std::string {
            return std::holds_alternative<SupplyDip>(c) ? "supply.dip" : "supply";
          },
          [](const ButtonChange& b) -> std::string { return "button." + b.button; },
          [](const InjectedFault& f) -> std::string { return "inject." + f.name; },
      },
      what);
}

std::string in_words(const Disturbance& what) {
  return std::visit(
      Overloaded{
          [](const Load& load) { return words_for_load(load); },
          [](const SupplyChange& c) { return words_for_supply(c); },
          [](const ButtonChange& b) { return b.button + (b.pressed ? " pressed" : " released"); },
          [](const InjectedFault& f) {
            const auto* known = std::ranges::find(kInjectable, f.name, &Injectable::name);
            const bool plain = known == kInjectable.end() || known->dimension == "count";
            return "inject " + f.name + " " +
                   in_words(f.value, plain ? "1" : dimension(known->dimension).si);
          },
      },
      what);
}

}  // namespace rig
