// Load box and supply of a bench file of instruments.
#include <string>

#include "rig/config/bench_parts.h"
#include "rig/config/disturbances.h"
#include "rig/config/keys.h"
#include "rig/config/units.h"
#include "rig/core/verdict.h"

namespace rig {
namespace {

std::string text_or(const Yaml& map, std::string_view key, const std::string& fallback) {
  const Yaml* node = map.find(key);
  return node == nullptr ? fallback : read_text(*node, "a line");
}

Picos time_or(const Yaml& map, std::string_view key, Picos fallback) {
  const Yaml* node = map.find(key);
  return node == nullptr ? fallback : read_time(*node);
}

std::string read_line_end(const Yaml& map) {
  const std::string word = text_or(map, "line_end", "lf");
  if (word == "lf") return "\n";
  if (word == "cr") return "\r";
  if (word == "crlf") return "\r\n";
  throw map.find("line_end")
      ->error("expected lf, cr or crlf, found " + map.find("line_end")->found());
}

SwitchBoxSettings read_switch_box(const Yaml& node) {
  check_keys(node, "load_box");
  SwitchBoxSettings box{.where = read_line(node),
                        .line_end = read_line_end(node),
                        .answer = text_or(node, "answer", ""),
                        .settle = time_or(node, "settle", std::chrono::milliseconds(20)),
                        .loads = {},
                        .buttons = {}};
  const Yaml& loads = *node.find("loads");
  if (!loads.is_list() || loads.items.empty()) {
    throw loads.error("expected loads such as [{load: 500 ohm, send: R500}], found " +
                      loads.found());
  }
  for (const Yaml& item : loads.items) {
    check_keys(item, "switched_load");
    const Yaml& load = *item.find("load");
    const auto chosen = std::get<Load>(read_disturbance("load", load));
    const bool switched = std::holds_alternative<SeriesLoad>(chosen) ||
                          std::holds_alternative<OpenLoad>(chosen) ||
                          std::holds_alternative<ShortLoad>(chosen);
    if (!switched) {
      throw load.error("expected a resistance, open or short, found " + load.found());
    }
    box.loads.emplace_back(chosen, read_text(*item.find("send"), "a line"));
  }
  if (node.find("buttons") == nullptr) return box;
  const Yaml& buttons = *node.find("buttons");
  if (!buttons.is_map()) {
    throw buttons.error("expected buttons such as {stop: {press: K1 1, release: K1 0}}, found " +
                        buttons.found());
  }
  for (const auto& [name, lines] : buttons.entries) {
    check_keys(lines, "relay_button");
    box.buttons.push_back({.name = read_text(name, "a button"),
                           .press = read_text(*lines.find("press"), "a line"),
                           .release = read_text(*lines.find("release"), "a line")});
  }
  return box;
}

BenchSupplySettings read_bench_supply(const Yaml& node) {
  check_keys(node, "bench_supply");
  BenchSupplySettings s{.where = read_instrument(node)};
  s.nominal = Volts(positive_or(node, "nominal", "voltage", 0));
  s.lowest = Volts(unsigned_or(node, "lowest", "voltage", 0));
  s.highest = Volts(positive_or(node, "highest", "voltage", s.nominal.si()));
  if (s.nominal < s.lowest || s.nominal > s.highest) {
    throw node.find("nominal")->error(
        "expected the nominal voltage from the lowest to the "
        "highest, found " +
        node.find("nominal")->found());
  }
  s.set = text_or(node, "set", s.set);
  if (s.set.find("{value}") == std::string::npos) {
    throw node.find("set")->error("expected a command with {value} in it, found " +
                                  node.find("set")->found());
  }
  s.measure = text_or(node, "measure", s.measure);
  s.on = text_or(node, "on", s.on);
  s.off = text_or(node, "off", s.off);
  s.tolerance = positive_or(node, "tolerance", "ratio", 2) / 100;
  s.settle = time_or(node, "settle", std::chrono::milliseconds(50));
  s.discharge = time_or(node, "discharge", std::chrono::seconds(1));
  return s;
}

}  // namespace

SurroundingsSettings read_surroundings(const Yaml& bench) {
  SurroundingsSettings s;
  if (const Yaml* box = bench.find("load_box")) {
    if (box->is_scalar() && box->scalar == "operator") {
      s.load_box = OperatorSettings{};
    } else if (box->is_map()) {
      s.load_box = read_switch_box(*box);
    } else {
      throw box->error("expected operator or a map of a relay board, found " + box->found());
    }
  }
  if (const Yaml* supply = bench.find("supply")) s.supply = read_bench_supply(*supply);
  return s;
}

}  // namespace rig
