// Bench files that name real instruments.
#include <algorithm>
#include <cmath>
#include <string>

#include "rig/config/bench_parts.h"
#include "rig/config/keys.h"
#include "rig/config/units.h"

namespace rig {
namespace {

constexpr double kWidest = 40;  // V: four divisions of 10 V

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
  SerialPort port{.path = read_text(*node.find("serial"), "a serial port")};
  if (const Yaml* baud = node.find("baud")) {
    port.baud = static_cast<std::uint32_t>(read_integer(*baud, 300, 4'000'000));
  }
  if (const Yaml* stop = node.find("stop_bits")) {
    port.stop_bits = static_cast<int>(read_integer(*stop, 1, 2));
  }
  if (const Yaml* flow = node.find("flow_control")) port.flow_control = read_flag(*flow);
  return port;
}

TcpAddress read_tcp_address(const Yaml& node) { return {.text = read_text(node, "host:port")}; }

std::string_view dimension_of(const Yaml& unit) {
  const std::string text = read_text(unit, "A, V or m/s2");
  if (text == "A") return "current";
  if (text == "V") return "voltage";
  if (text == "m/s2") return "acceleration";
  throw unit.error("expected A, V or m/s2, found " + unit.found());
}

ScopeChannel read_scope_channel(const Yaml& node) {
  check_keys(node, "scope_channel");
  const std::string_view dimension = dimension_of(*node.find("unit"));
  ScopeChannel c{.name = read_text(*node.find("name"), "a name"),
                 .unit = read_text(*node.find("unit"), "a unit"),
                 .input = static_cast<int>(read_integer(*node.find("input"), 1, 4))};
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
  const double widest = kWidest * c.probe * std::fabs(c.units_per_volt);
  const double full = c.range > 0 ? c.range : widest;
  c.offset_u = unsigned_or(node, "offset_u", dimension, kUncalibratedOffset * full);
  return c;
}

ScopeSettings read_scope(const Yaml& node) {
  const Yaml& channels = *node.find("channels");
  if (!channels.is_list() || channels.items.empty()) {
    throw channels.error("expected a list of channels, found " + channels.found());
  }
  ScopeSettings scope;
  for (const Yaml& item : channels.items) {
    ScopeChannel channel = read_scope_channel(item);
    for (const ScopeChannel& other : scope.channels) {
      if (other.name == channel.name) {
        throw item.find("name")->error("channel '" + channel.name + "' given twice");
      }
      if (other.input == channel.input) {
        throw item.find("input")->error("input " + std::to_string(channel.input) +
                                        " given twice, to '" + other.name + "' too");
      }
    }
    scope.channels.push_back(std::move(channel));
  }
  return scope;
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
  return UsbAddress{.text = read_text(way, "VENDOR:PRODUCT:SERIAL")};
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
  s.scope = read_instrument(scope);
  s.digitizer = read_scope(scope);
  s.surroundings = read_surroundings(root);
  if (const Yaml* patience = root.find("patience")) {
    s.patience = read_time(*patience);
    if (s.patience < std::chrono::milliseconds(120) || s.patience > std::chrono::seconds(10)) {
      throw patience->error("expected a patience from 120 ms to 10 s, found " + patience->found());
    }
  }
  s.custody = read_custody(root);
  s.load = Ohms(positive_or(root, "load", "resistance", 500));
  s.load_u = unsigned_or(root, "load_u", "ratio", 0) / 100;
  if (root.find("electrode") != nullptr) {
    s.electrode_area = positive_or(root, "electrode", "area", 0);
  }
  return s;
}

}  // namespace rig
