#include "rig/config/bench_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <span>

#include "rig/config/bench_parts.h"
#include "rig/config/keys.h"
#include "rig/config/plant_bench.h"
#include "rig/config/suggest.h"
#include "rig/config/units.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

// What a stage has to show, with its unit: to the digitizer, and to the device's own ADC.
struct Signal {
  std::string_view name;
  std::string_view unit;
  bool sensed = false;
};
constexpr std::array kElectrical{Signal{"current", "A", true}, Signal{"voltage", "V", true}};
constexpr std::array kMechanical{Signal{"current", "A", true}, Signal{"voltage", "V"},
                                 Signal{"acceleration", "m/s2", true},
                                 Signal{"acceleration_x", "m/s2"}, Signal{"force", "N", true}};

std::span<const Signal> signals_of(bool vibrates) {
  if (vibrates) return kMechanical;
  return kElectrical;
}

std::vector<std::string_view> names(std::span<const Signal> signals, bool sensed) {
  std::vector<std::string_view> names;
  for (const Signal& signal : signals) {
    if (!sensed || signal.sensed) names.push_back(signal.name);
  }
  if (sensed) names.emplace_back("supply");
  return names;
}

// "current, voltage or supply"
std::string choice(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t k = 0; k < words.size(); ++k) {
    if (k > 0) text += k + 1 == words.size() ? " or " : ", ";
    text += words[k];
  }
  return text;
}

PinName read_pin(const Yaml& node) {
  const std::string& s = node.scalar;
  const bool good = node.is_scalar() && s.size() == 3 && s[0] == 'P' && s[1] >= 'A' &&
                    s[1] <= 'D' && s[2] >= '0' && s[2] <= '7';
  if (!good) throw node.error("expected a pin such as PB1, found " + node.found());
  return {.port = s[1], .bit = s[2] - '0'};
}

std::vector<std::pair<std::string, PinName>> read_pins(const Yaml& node) {
  if (!node.is_map()) throw node.error("expected pins such as {led: PD5}, found " + node.found());
  std::vector<std::pair<std::string, PinName>> pins;
  for (const auto& [name, pin] : node.entries) pins.emplace_back(name.scalar, read_pin(pin));
  return pins;
}

// "!PD7": the signal is there while the pin is low.
std::vector<std::pair<std::string, PinName>> read_signals(const Yaml& node) {
  Yaml pins = node;
  for (auto& [name, pin] : pins.entries) {
    if (pin.scalar.starts_with('!')) pin.scalar.erase(0, 1);
  }
  auto signals = read_pins(pins);
  for (std::size_t k = 0; k < signals.size(); ++k) {
    signals[k].second.inverted = node.entries[k].value.scalar.starts_with('!');
  }
  return signals;
}

template <typename Words>
std::string one_of(const Yaml& node, const Words& words, const std::string& what) {
  std::string text = read_text(node, what);
  if (std::ranges::find(words, text) == words.end()) {
    throw node.error("expected " + what + ", found " + node.found() + did_you_mean(text, words));
  }
  return text;
}

const Yaml& required(const Yaml& node, std::string_view object, std::string_view key) {
  const Yaml* value = node.find(key);
  if (value != nullptr) return *value;
  throw node.error(std::string(object) + " needs the key '" + std::string(key) + "'");
}

void read_gates(const Yaml& node, bool vibrates, Wiring& wiring) {
  for (const std::string_view gate : {"gate_positive", "gate_negative"}) {
    if (!vibrates) {
      (gate == "gate_positive" ? wiring.gate_positive : wiring.gate_negative) =
          read_pin(required(node, "wiring", gate));
    } else if (const Yaml* found = node.find(gate)) {
      throw found->error("a vibrator has no gate, but 'enable' and 'dac'");
    }
  }
  if (!vibrates) return;
  required(node, "wiring", "enable");
  required(node, "wiring", "dac");
}

void read_analog_inputs(const Yaml& inputs, bool vibrates, Wiring& wiring) {
  if (!inputs.is_list()) {
    throw inputs.error("expected a list of analog inputs, found " + inputs.found());
  }
  const auto senses = names(signals_of(vibrates), true);
  for (const Yaml& item : inputs.items) {
    check_keys(item, "analog_input");
    wiring.analog_inputs.push_back(
        {.channel = static_cast<int>(read_integer(*item.find("channel"), 0, 7)),
         .senses = one_of(*item.find("senses"), senses, choice(senses)),
         .volts_per_unit = read_quantity(*item.find("volts_per_unit"), "count"),
         .volts_at_zero = quantity_or(item, "volts_at_zero", "voltage", 0)});
  }
}

Wiring read_wiring(const Yaml& node, bool vibrates) {
  check_keys(node, "wiring");
  Wiring wiring;
  read_gates(node, vibrates, wiring);
  if (const Yaml* enable = node.find("enable")) {
    wiring.has_enable = true;
    wiring.enable = read_pin(*enable);
  }
  if (const Yaml* dac = node.find("dac")) {
    check_keys(*dac, "dac");
    wiring.has_dac = true;
    wiring.dac_select = read_pin(*dac->find("select"));
    wiring.dac_step = read_quantity(*dac->find("step"), vibrates ? "voltage" : "current");
    if (const Yaml* zero = dac->find("zero")) {
      wiring.dac_zero = static_cast<int>(read_integer(*zero, 0, 4095));
    }
  }
  wiring.fixed_current = Amps(quantity_or(node, "fixed_current", "current", 0));
  if (const Yaml* uart = node.find("uart")) {
    wiring.uart = static_cast<int>(read_integer(*uart, 0, 1));
  }
  if (const Yaml* baud = node.find("baud")) {
    wiring.baud = static_cast<std::uint32_t>(read_integer(*baud, 300, 2'000'000));
  }
  if (const Yaml* buttons = node.find("buttons")) wiring.buttons = read_pins(*buttons);
  if (const Yaml* signals = node.find("signals")) wiring.signals = read_signals(*signals);
  if (const Yaml* inputs = node.find("analog_inputs")) {
    read_analog_inputs(*inputs, vibrates, wiring);
  }
  return wiring;
}

// "A, V or logic"
std::string_view dimension_of_channel(const Yaml& node, std::string_view unit, bool vibrates) {
  if (unit == "A") return "current";
  if (unit == "V") return "voltage";
  if (vibrates && unit == "m/s2") return "acceleration";
  if (vibrates && unit == "N") return "force";
  throw node.find("unit")->error(std::string("expected ") + (vibrates ? "A, V, m/s2, N" : "A, V") +
                                 " or logic, found " + node.find("unit")->found());
}

std::string_view dimension_of_output(const Yaml& node, const DigitizerChannelSettings& c,
                                     bool vibrates) {
  const std::string_view dimension = dimension_of_channel(node, c.unit, vibrates);
  const auto signals = names(signals_of(vibrates), false);
  one_of(*node.find("signal"), signals, choice(signals));
  const auto signal = std::ranges::find(signals_of(vibrates), c.signal, &Signal::name);
  if (vibrates && signal->unit != c.unit) {
    throw node.find("unit")->error("expected " + std::string(signal->unit) + " for the signal " +
                                   c.signal + ", found " + node.find("unit")->found());
  }
  return dimension;
}

DigitizerChannelSettings read_channel(const Yaml& node, const Wiring& wiring, bool vibrates) {
  check_keys(node, "digitizer_channel");
  DigitizerChannelSettings c{.name = read_text(*node.find("name"), "a name"),
                             .unit = read_text(*node.find("unit"), "A, V or logic"),
                             .signal = read_text(*node.find("signal"), "a signal")};
  if (c.unit == "logic") {
    std::vector<std::string> names;
    for (const auto& [name, pin] : wiring.signals) names.push_back(name);
    if (std::ranges::find(names, c.signal) == names.end()) {
      throw node.find("signal")->error("nothing in wiring.signals is called '" + c.signal + "'" +
                                       did_you_mean(c.signal, names));
    }
    return c;
  }
  const std::string_view of_plant = dimension_of_plant_channel(node);
  const std::string_view dimension =
      of_plant.empty() ? dimension_of_output(node, c, vibrates) : of_plant;
  check_unit_of(c.name, *node.find("unit"));
  c.bits = static_cast<int>(read_integer(required(node, "digitizer_channel", "bits"), 8, 16));
  required(node, "digitizer_channel", "range");
  c.range = positive_or(node, "range", dimension, 0);
  c.bandwidth_hz = unsigned_or(node, "bandwidth", "frequency", 0);
  c.noise = unsigned_or(node, "noise", dimension, 0);
  c.gain_error = quantity_or(node, "gain_error", "ratio", 0) / 100;
  c.offset_error = quantity_or(node, "offset_error", dimension, 0);
  c.gain_u = unsigned_or(node, "gain_u", "ratio", kUncalibratedGain) / 100;
  c.offset_u = unsigned_or(node, "offset_u", dimension, kUncalibratedOffset * c.range);
  if (!of_plant.empty()) in_own_unit(c);
  return c;
}

DigitizerSettings read_digitizer(const Yaml& node, const Wiring& wiring, bool vibrates) {
  check_keys(node, "digitizer");
  DigitizerSettings d;
  d.max_rate_hz = positive_or(node, "max_rate", "frequency", 0);
  d.clock_error_ppm = quantity_or(node, "clock_error", "ratio", 0) * 1e4;
  d.clock_u_ppm = unsigned_or(node, "clock_u", "ratio", 0.005) * 1e4;
  const Yaml& channels = *node.find("channels");
  if (!channels.is_list() || channels.items.empty()) {
    throw channels.error("expected a list of channels, found " + channels.found());
  }
  for (const Yaml& item : channels.items) {
    DigitizerChannelSettings channel = read_channel(item, wiring, vibrates);
    if (std::ranges::find(d.channels, channel.name, &DigitizerChannelSettings::name) !=
        d.channels.end()) {
      throw item.find("name")->error("channel '" + channel.name + "' given twice");
    }
    d.channels.push_back(std::move(channel));
  }
  return d;
}

std::string find_image(const std::string& name, const std::string& bench_path,
                       const std::vector<std::string>& folders) {
  const fs::path beside = fs::path(bench_path).parent_path() / name;
  if (fs::exists(beside)) return beside.lexically_normal().string();
  for (const std::string& folder : folders) {
    const fs::path candidate = fs::path(folder) / name;
    if (fs::exists(candidate)) return candidate.lexically_normal().string();
  }
  return beside.lexically_normal().string();  // whoever opens it says that it is not there
}

std::uint64_t read_clock(const Yaml& node) {
  const double hertz = read_quantity(node, "frequency");
  if (hertz < 1e3 || hertz > 40e6) {
    throw node.error("expected a clock from 1 kHz to 40 MHz, found " + node.found());
  }
  return static_cast<std::uint64_t>(std::llround(hertz));
}

SimulatedBenchSettings read_simulated(const Yaml& root, const std::string& path,
                                      const std::string& firmware,
                                      const std::vector<std::string>& image_folders) {
  check_keys(root, "bench");
  SimulatedBenchSettings s;
  s.title = read_text(*root.find("bench"), "a title");
  s.protocol = read_text(*root.find("protocol"), "a protocol");
  s.text_protocol = text_protocol_of(root, s.protocol);
  s.mcu = read_text(*root.find("mcu"), "a controller");
  s.clock_hz = read_clock(*root.find("clock"));
  s.firmware = firmware.empty() ? find_image(read_text(*root.find("firmware"), "a file name"), path,
                                             image_folders)
                                : firmware;
  s.baud_error = quantity_or(root, "baud_error", "ratio", 0) / 100;
  const Yaml* vibrator = root.find("vibrator");
  const bool vibrates = vibrator != nullptr;
  s.wiring = read_wiring(*root.find("wiring"), vibrates);
  if (const Yaml* uptime = root.find("uptime")) s.uptime = read_text(*uptime, "a variable");
  if (const Yaml* output = root.find("output_stage")) {
    if (vibrates) throw output->error("expected either 'output_stage' or 'vibrator'");
    check_keys(*output, "output_stage");
    s.output.compliance = Volts(positive_or(*output, "compliance", "voltage", 150));
    s.output.coupling = Farads(positive_or(*output, "coupling", "capacitance", 22e-6));
    s.output.bleed = Ohms(positive_or(*output, "bleed", "resistance", 100e3));
    s.output.switch_resistance = Ohms(unsigned_or(*output, "switch_resistance", "resistance", 10));
    s.output.insulation = Ohms(unsigned_or(*output, "insulation", "resistance", 0));
  }
  if (const Yaml* supply = root.find("supply")) {
    check_keys(*supply, "supply");
    s.supply.nominal = Volts(positive_or(*supply, "nominal", "voltage", 7.4));
    s.supply.reset_below = Volts(unsigned_or(*supply, "reset_below", "voltage", 4.0));
  }
  if (vibrates) {
    s.vibrator = read_vibrator(*vibrator);
    s.load = Ohms(0);
    if (const Yaml* load = root.find("load")) s.vibrator->load = read_kilograms(*load);
  } else {
    s.load = Ohms(positive_or(root, "load", "resistance", 500));
  }
  s.load_u = unsigned_or(root, "load_u", "ratio", 0) / 100;
  s.load_error = quantity_or(root, "load_error", "ratio", 0) / 100;
  if (s.load_error <= -1) {
    const Yaml& error = *root.find("load_error");
    throw error.error("expected load_error above -100 %, found " + error.found());
  }
  if (root.find("electrode") != nullptr)
    s.electrode_area = positive_or(root, "electrode", "area", 0);
  s.custody = read_custody(root);
  s.plant = read_plant_bench(root, path);
  s.digitizer = read_digitizer(*root.find("digitizer"), s.wiring, vibrates);
  if (!s.plant) refuse_plant_channels(*root.find("digitizer")->find("channels"));
  return s;
}

}  // namespace

Custody read_custody(const Yaml& bench) {
  Custody custody;
  if (const Yaml* identity = bench.find("identity")) {
    custody.identity = read_text(*identity, "a text");
  }
  const Yaml* until = bench.find("digitizer")->find("calibrated_until");
  if (until == nullptr) return custody;
  const std::string text = read_text(*until, "a day such as 2027-03-01");
  const auto number = [&text](std::size_t at, std::size_t digits) {
    int value = -1;
    const char* end = text.data() + at + digits;
    const auto [stop, failed] = std::from_chars(text.data() + at, end, value);
    return failed == std::errc{} && stop == end ? value : -1;
  };
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-' && number(0, 4) >= 0 &&
                      number(5, 2) >= 0 && number(8, 2) >= 0;
  const std::chrono::year_month_day date{
      std::chrono::year(shaped ? number(0, 4) : 0),
      std::chrono::month(shaped ? static_cast<unsigned>(number(5, 2)) : 0),
      std::chrono::day(shaped ? static_cast<unsigned>(number(8, 2)) : 0)};
  if (!date.ok()) throw until->error("expected a day such as 2027-03-01, found " + until->found());
  custody.calibrated_until = date;
  return custody;
}

double quantity_or(const Yaml& map, std::string_view key, std::string_view dimension,
                   double fallback) {
  const Yaml* node = map.find(key);
  return node == nullptr ? fallback : read_quantity(*node, dimension);
}

double unsigned_or(const Yaml& map, std::string_view key, std::string_view dimension,
                   double fallback) {
  const double value = quantity_or(map, key, dimension, fallback);
  if (value >= 0) return value;
  const Yaml& node = *map.find(key);
  throw node.error("expected " + std::string(key) + " of zero or more, found " + node.found());
}

double positive_or(const Yaml& map, std::string_view key, std::string_view dimension,
                   double fallback) {
  const double value = quantity_or(map, key, dimension, fallback);
  if (value > 0) return value;
  const Yaml& node = *map.find(key);
  throw node.error("expected " + std::string(key) + " above zero, found " + node.found());
}

void check_unit_of(const std::string& name, const Yaml& unit) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kUnits{
      {{"current", "A"}, {"voltage", "V"}}};
  for (const auto& [known, its] : kUnits) {
    if (name != known || unit.scalar == its) continue;
    throw unit.error("expected " + std::string(its) + ", the unit of a channel named " + name +
                     ", found " + unit.found());
  }
}

BenchSettings load_bench(const std::string& path, const std::string& firmware,
                         const std::vector<std::string>& image_folders) {
  const Yaml root = read_yaml(path);
  const Yaml* kind = root.is_map() ? root.find("kind") : nullptr;
  if (kind != nullptr && kind->is_scalar() && kind->scalar == "instruments") {
    if (!firmware.empty()) {
      throw InputError("--firmware: the device of " + path +
                       " is a real one and runs what was loaded into it; say it for a simulated "
                       "bench only");
    }
    return read_instrument_bench(root);
  }
  check_keys(root, "bench");
  if (!kind->is_scalar() || kind->scalar != "simulated") {
    throw kind->error("expected the kind of bench: simulated or instruments; found " +
                      kind->found());
  }
  return read_simulated(root, path, firmware, image_folders);
}

}  // namespace rig
