// What the readers of bench files share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "rig/bench/settings.h"
#include "rig/config/yaml.h"

namespace rig {

// Of a channel whose file is silent about its calibration: what oscilloscopes of 8 bits promise,
// 3 % of the reading and a tenth of a division. Nobody's zero is exact.
constexpr double kUncalibratedGain = 3;       // percent
constexpr double kUncalibratedOffset = 0.02;  // of the range

// An optional quantity, SI; `fallback` when the key is not there.
double quantity_or(const Yaml& map, std::string_view key, std::string_view dimension,
                   double fallback);
// The same for what cannot be below zero, or not zero either.
double unsigned_or(const Yaml& map, std::string_view key, std::string_view dimension,
                   double fallback);
double positive_or(const Yaml& map, std::string_view key, std::string_view dimension,
                   double fallback);

// What is computed of channels named current and voltage rests on their units. Throws InputError.
void check_unit_of(const std::string& name, const Yaml& unit);

// `identity` of the bench and `calibrated_until` of its digitizer.
Custody read_custody(const Yaml& bench);

// A bench file names a protocol of this rig, or a file of lines of text, beside it. Throws
// InputError.
std::optional<TextProtocol> text_protocol_of(const Yaml& bench, const std::string& protocol);
TextProtocol load_text_protocol(const std::string& path);

// Where something is reached: `serial` with its settings or `tcp`, one of them.
std::variant<SerialPort, TcpAddress> read_line(const Yaml& map);
// `usb` or `tcp`, one of them.
std::variant<UsbAddress, TcpAddress> read_instrument(const Yaml& map);

// `load_box` and `supply` of a bench file of instruments.
SurroundingsSettings read_surroundings(const Yaml& bench);

// The stage of a bench that vibrates.
VibratorSettings read_vibrator(const Yaml& node);
double read_kilograms(const Yaml& node);  // what stands on a platform: none, or what can

// A bench file of the kind "instruments".
InstrumentBenchSettings read_instrument_bench(const Yaml& root);

}  // namespace rig
