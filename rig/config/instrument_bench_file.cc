// Bench files that name real instruments.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "rig/config/bench_parts.h"
#include "rig/config/keys.h"
#include "rig/config/units.h"

namespace rig {
namespace {

constexpr double kWorstLoadU = 0.2;  // relative, standard: beyond, a wrong factor would not show

// One of two keys, and not both.
const Yaml& either(const Yaml& map, std::string_view one, std::string_view other) {
  const Yaml* first = map.find(one);
  const Yaml* second = map.find(other);
  if ((first == nullptr) == (second == nullptr)) {
    throw map.error("expected either '" + std::string(one) + "' or '" + std::string(other) + "'");
  }
  return first != nullptr ? *first : *second;
}

SerialPort read_serial_port(const Yaml& node) {
  const Yaml& path = *node.find("serial");
  SerialPort port{.path = read_text(path, "a serial port"), .place = path.where()};
  if (const Yaml* baud = node.find("baud")) {
    port.baud = static_cast<std::uint32_t>(read_integer(*baud, 300, 4'000'000));
  }
  if (const Yaml* stop = node.find("stop_bits")) {
    port.stop_bits = static_cast<int>(read_integer(*stop, 1, 2));
  }
  if (const Yaml* flow = node.find("flow_control")) port.flow_control = read_flag(*flow);
  return port;
}

TcpAddress read_tcp_address(const Yaml& node) {
  return {.text = read_text(node, "host:port"), .place = node.where()};
}
UsbAddress read_usb_address(const Yaml& node) {
  return {.text = read_text(node, "VENDOR:PRODUCT:SERIAL"), .place = node.where()};
}

// What the inputs of each kind of digitizer are like.
struct Kind {
  std::string_view word;
  std::optional<UsbSampler::Kind> sampler;  // none: it speaks SCPI
  int first = 1;
  int last = 4;
  double widest = 40;  // V: of a scope four divisions of 10 V
  bool logic = false;
  bool has_firmware = false;
  bool needs_clock = false;
};
constexpr std::array kKinds{
    Kind{.word = "scope"},
    Kind{.word = "hantek_6022",
         .sampler = UsbSampler::Kind::kHantek6022,
         .last = 2,
         .widest = 5,
         .has_firmware = true,
         .needs_clock = true},
    Kind{.word = "usb_204",
         .sampler = UsbSampler::Kind::kUsb204,
         .first = 0,
         .last = 7,
         .widest = 10},
    Kind{.word = "usb_1608fs_plus",
         .sampler = UsbSampler::Kind::kUsb1608fsPlus,
         .first = 0,
         .last = 7,
         .widest = 10},
    Kind{.word = "fx2lafw",
         .sampler = UsbSampler::Kind::kFx2lafw,
         .first = 0,
         .last = 15,
         .logic = true,
         .has_firmware = true},
};

const Kind& read_kind(const Yaml& scope) {
  const Yaml* word = scope.find("kind");
  if (word == nullptr) return kKinds.front();
  const auto found = std::ranges::find(kKinds, std::string_view(word->scalar), &Kind::word);
  if (!word->is_scalar() || found == kKinds.end()) {
    throw word->error("expected scope, hantek_6022, usb_204, usb_1608fs_plus or fx2lafw, found " +
                      word->found());
  }
  return *found;
}

std::string_view dimension_of(const Yaml& unit) {
  const std::string text = read_text(unit, "A, V or m/s2");
  if (text == "A") return "current";
  if (text == "V") return "voltage";
  if (text == "m/s2") return "acceleration";
  throw unit.error("expected A, V or m/s2, found " + unit.found());
}

SyncChannel::Shows read_shows(const Yaml& node) {
  using Shows = SyncChannel::Shows;
  constexpr std::array<std::pair<std::string_view, Shows>, 4> kWords{
      {{"commands", Shows::kCommands},
       {"loads", Shows::kLoads},
       {"supply", Shows::kSupply},
       {"buttons", Shows::kButtons}}};
  const auto* found = std::ranges::find(kWords, std::string_view(node.scalar),
                                        &std::pair<std::string_view, Shows>::first);
  if (found != kWords.end()) return found->second;
  throw node.error("expected commands, loads, supply or buttons, found " + node.found());
}

// `dimension` of its level; empty: a logic channel, whose edges need none.
std::optional<SyncChannel> read_sync(const Yaml& channel, const std::string& name,
                                     std::string_view dimension) {
  const Yaml* node = channel.find("sync");
  if (node == nullptr) return {};
  check_keys(*node, "sync_channel");
  SyncChannel sync{.channel = name, .shows = read_shows(*node->find("shows"))};
  if (const Yaml* edge = node->find("edge")) {
    if (edge->scalar != "rising" && edge->scalar != "falling") {
      throw edge->error("expected rising or falling, found " + edge->found());
    }
    sync.rising = edge->scalar == "rising";
  }
  const Yaml* level = node->find("level");
  if ((level == nullptr) != dimension.empty()) {
    throw(level == nullptr ? node : level)
        ->error(dimension.empty() ? "a logic channel has no 'level'"
                                  : "sync_channel needs the key 'level'");
  }
  if (level != nullptr) sync.level = read_quantity(*level, dimension);
  if (const Yaml* stays = node->find("stays")) sync.stays = read_time(*stays);
  if (const Yaml* lead = node->find("lead")) sync.lead = read_time(*lead);
  return sync;
}

ScopeChannel read_logic_channel(const Yaml& node, const Kind& kind) {
  const Yaml& unit = *node.find("unit");
  if (unit.scalar != "logic") {
    throw unit.error("expected logic, for a logic analyzer has nothing else, found " +
                     unit.found());
  }
  for (const std::string_view key :
       {"probe", "per_volt", "range", "bandwidth", "gain_u", "offset_u"}) {
    if (const Yaml* given = node.find(key)) {
      throw given->error("a logic channel has no '" + std::string(key) + "'");
    }
  }
  const std::string name = read_text(*node.find("name"), "a name");
  return {.name = name,
          .unit = "logic",
          .input = static_cast<int>(read_integer(*node.find("input"), kind.first, kind.last)),
          .gain_u = 0,
          .sync = read_sync(node, name, "")};
}

ScopeChannel read_scope_channel(const Yaml& node, const Kind& kind) {
  check_keys(node, "scope_channel");
  if (kind.logic) return read_logic_channel(node, kind);
  const std::string_view dimension = dimension_of(*node.find("unit"));
  ScopeChannel c{
      .name = read_text(*node.find("name"), "a name"),
      .unit = read_text(*node.find("unit"), "a unit"),
      .input = static_cast<int>(read_integer(*node.find("input"), kind.first, kind.last))};
  check_unit_of(c.name, *node.find("unit"));
  if (c.unit != "V" && node.find("per_volt") == nullptr) {
    throw node.error("scope_channel needs the key 'per_volt' for " +
                     std::string(c.unit == "A" ? "a current: 10 mA of 100 ohm"
                                               : "an acceleration: 98.1 m/s2 of 100 mV/g"));
  }
  if (c.name.starts_with("acceleration") != (c.unit == "m/s2")) {
    throw node.find("unit")->error("expected m/s2 for channels named acceleration and no other");
  }
  c.probe = positive_or(node, "probe", "count", 1);
  c.units_per_volt = quantity_or(node, "per_volt", dimension, 1);
  if (c.units_per_volt == 0) {
    throw node.find("per_volt")
        ->error("expected per_volt other than zero, found " + node.find("per_volt")->found());
  }
  if (node.find("range") != nullptr) c.range = positive_or(node, "range", dimension, 0);
  c.bandwidth_hz = unsigned_or(node, "bandwidth", "frequency", 0);
  c.gain_u = unsigned_or(node, "gain_u", "ratio", kUncalibratedGain) / 100;
  const double widest = kind.widest * c.probe * std::fabs(c.units_per_volt);
  const double full = c.range > 0 ? c.range : widest;
  c.offset_u = unsigned_or(node, "offset_u", dimension, kUncalibratedOffset * full);
  c.sync = read_sync(node, c.name, dimension);
  return c;
}

ScopeSettings read_scope(const Yaml& node, const Kind& kind) {
  const Yaml& channels = *node.find("channels");
  if (!channels.is_list() || channels.items.empty()) {
    throw channels.error("expected a list of channels, found " + channels.found());
  }
  ScopeSettings scope;
  if (const Yaml* pace = node.find("pace")) scope.pace = read_time(*pace);
  for (const Yaml& item : channels.items) {
    ScopeChannel channel = read_scope_channel(item, kind);
    for (const ScopeChannel& other : scope.channels) {
      if (other.name == channel.name) {
        throw item.find("name")->error("channel '" + channel.name + "' given twice");
      }
      if (other.input == channel.input) {
        throw item.find("input")->error("input " + std::to_string(channel.input) +
                                        " given twice, to '" + other.name + "' too");
      }
    }
    for (const ScopeChannel& other : scope.channels) {
      if (channel.sync && other.sync && channel.sync->shows == other.sync->shows) {
        throw item.find("sync")->error("'" + other.name + "' shows the same events");
      }
    }
    scope.channels.push_back(std::move(channel));
  }
  return scope;
}

IntegrityClock read_clock(const Yaml& node, const Kind& kind, const ScopeSettings& scope) {
  check_keys(node, "integrity_clock");
  const Yaml& input = *node.find("input");
  IntegrityClock clock{.input = static_cast<int>(read_integer(input, kind.first, kind.last)),
                       .hertz = positive_or(node, "frequency", "frequency", 0)};
  for (const ScopeChannel& channel : scope.channels) {
    if (channel.input == clock.input) {
      throw input.error("input " + std::to_string(clock.input) + " given twice, to '" +
                        channel.name + "' too");
    }
  }
  clock.u = unsigned_or(node, "u", "ratio", 100 * clock.u) / 100;
  if (const Yaml* own = node.find("calibration_output")) clock.own = read_flag(*own);
  return clock;
}

UsbSampler read_sampler(const Yaml& scope, const Kind& kind, const ScopeSettings& channels) {
  const Yaml* usb = scope.find("usb");
  if (usb == nullptr) throw scope.error("digitizer needs the key 'usb' for its kind");
  UsbSampler sampler{.kind = *kind.sampler, .usb = read_usb_address(*usb)};
  if (const Yaml* firmware = scope.find("firmware")) {
    sampler.firmware_place = firmware->where();
    sampler.firmware =
        (std::filesystem::path(scope.file).parent_path() / read_text(*firmware, "a file name"))
            .lexically_normal()
            .string();
    if (!std::filesystem::is_regular_file(sampler.firmware)) {
      throw firmware->error("no such file: " + sampler.firmware);
    }
  }
  if (const Yaml* clock = scope.find("clock")) {
    sampler.clock = read_clock(*clock, kind, channels);
  }
  return sampler;
}

// Keys that mean something for other kinds only.
void check_kind(const Yaml& scope, const Kind& kind) {
  const auto refuse = [&](std::string_view key, bool wanted) {
    const Yaml* given = scope.find(key);
    if (given == nullptr || wanted) return;
    throw given->error("a digitizer of the kind " + std::string(kind.word) + " has no '" +
                       std::string(key) + "'");
  };
  refuse("tcp", !kind.sampler);
  refuse("pace", !kind.sampler);
  refuse("firmware", kind.has_firmware);
  refuse("clock", kind.needs_clock);
}

// A channel that shows events which nobody on this table can make is on the wrong wire, or named
// so.
void check_syncs(const Yaml& digitizer, const InstrumentBenchSettings& s) {
  using Shows = SyncChannel::Shows;
  const auto& box = s.surroundings.load_box;
  const auto* relays = std::get_if<SwitchBoxSettings>(&box);
  const bool presses =
      relays != nullptr ? !relays->buttons.empty() : std::holds_alternative<OperatorSettings>(box);
  const auto why_not = [&](Shows what) -> std::string_view {
    const bool switches = !std::holds_alternative<std::monostate>(box);
    if (what == Shows::kLoads && !switches) return "no 'load_box' changes the load";
    if (what == Shows::kButtons && !presses) return "no 'load_box' presses a button";
    if (what == Shows::kSupply && !s.surroundings.supply) return "it has no 'supply'";
    return {};
  };
  for (const Yaml& item : digitizer.find("channels")->items) {
    const Yaml* sync = item.find("sync");
    if (sync == nullptr) continue;
    const Yaml& shows = *sync->find("shows");
    const std::string_view why = why_not(read_shows(shows));
    if (why.empty()) continue;
    throw shows.error("nothing on this table could be shown: " + std::string(why) + ", found " +
                      shows.found());
  }
}

}  // namespace

std::variant<SerialPort, TcpAddress> read_line(const Yaml& map) {
  const Yaml& link = either(map, "serial", "tcp");
  if (map.find("tcp") != nullptr) return read_tcp_address(link);
  return read_serial_port(map);
}

std::variant<UsbAddress, TcpAddress> read_instrument(const Yaml& map) {
  const Yaml& way = either(map, "usb", "tcp");
  if (map.find("tcp") != nullptr) return read_tcp_address(way);
  return read_usb_address(way);
}

InstrumentBenchSettings read_instrument_bench(const Yaml& root) {
  check_keys(root, "instrument_bench");
  InstrumentBenchSettings s{.title = read_text(*root.find("bench"), "a title"),
                            .protocol = read_text(*root.find("protocol"), "a protocol")};
  s.text_protocol = text_protocol_of(root, s.protocol);
  const Yaml& device = *root.find("device");
  check_keys(device, "device");
  s.device = read_line(device);
  const Yaml& scope = *root.find("digitizer");
  check_keys(scope, "scope");
  const Kind& kind = read_kind(scope);
  check_kind(scope, kind);
  s.digitizer = read_scope(scope, kind);
  if (kind.sampler) {
    s.scope = read_sampler(scope, kind, s.digitizer);
  } else {
    std::visit([&](auto&& where) { s.scope = where; }, read_instrument(scope));
  }
  s.surroundings = read_surroundings(root);
  check_syncs(scope, s);
  if (const Yaml* patience = root.find("patience")) {
    s.patience = read_time(*patience);
    if (s.patience < std::chrono::milliseconds(120) || s.patience > std::chrono::seconds(10)) {
      throw patience->error("expected a patience from 120 ms to 10 s, found " + patience->found());
    }
  }
  s.custody = read_custody(root);
  s.load = Ohms(positive_or(root, "load", "resistance", 500));
  s.load_u = unsigned_or(root, "load_u", "ratio", 0) / 100;
  if (s.load_u > kWorstLoadU) {
    const Yaml& given = *root.find("load_u");
    throw given.error(
        "expected load_u up to 20 %, for voltage and current are held against the "
        "load, found " +
        given.found());
  }
  if (root.find("electrode") != nullptr) {
    s.electrode_area = positive_or(root, "electrode", "area", 0);
  }
  return s;
}

}  // namespace rig
