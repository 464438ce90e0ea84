#include "rig/instruments/scope_preamble.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

#include "rig/core/error.h"
#include "rig/instruments/scpi_block.h"

namespace rig {
namespace {

constexpr std::size_t kShown = 60;  // of what was found
constexpr double kMostPoints = 1e10;
constexpr std::size_t kDescriptor = 346;  // bytes
constexpr std::size_t kStampAt = 296;     // second, minute, hour, day, month, year
constexpr std::size_t kStampSize = 16;

[[noreturn]] void refuse(std::string_view field, std::string_view expected,
                         std::string_view found) {
  throw RigError(std::string(field) + ": expected " + std::string(expected) + ", found '" +
                 std::string(found.substr(0, kShown)) + "'");
}

std::string_view text_of(const std::vector<std::uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// One field as it came, and the ranges that fields of its kind can have.
struct Field {
  std::string_view name;
  double value = 0;
  std::string_view found;

  double above_zero(double least, double most) const {
    if (!(value >= least && value <= most)) refuse(name, "a number above zero", found);
    return value;
  }
  double interval() const { return above_zero(1e-13, 1e4); }
  double volts_step() const { return above_zero(1e-9, 1e4); }
  double within(double most) const {
    if (!(std::fabs(value) <= most)) refuse(name, "a plausible number", found);
    return value;
  }
  std::uint64_t count(double least, double most) const {
    if (!(value >= least && value <= most) || value != std::floor(value)) {
      refuse(name, "a whole number from " + std::to_string(static_cast<std::uint64_t>(least)),
             found);
    }
    return static_cast<std::uint64_t>(value);
  }
  std::uint64_t points() const { return count(1, kMostPoints); }
  // 0: bytes, 1: words.
  int width() const {
    if (value != 0 && value != 1) refuse(name, "0 (bytes) or 1 (words)", found);
    return value == 0 ? 1 : 2;
  }
};

Field field_of(std::string_view name, std::string_view text) {
  return {.name = name, .value = read_scope_number(name, text), .found = text};
}

using TenFields = std::array<Field, 10>;

TenFields read_ten(ScopeAnswers answers) {
  constexpr std::array<std::string_view, 10> kNames{
      "format",  "type",       "points",     "count",   "xincrement",
      "xorigin", "xreference", "yincrement", "yorigin", "yreference"};
  const std::string_view text = text_of(answers[0]);
  if (std::ranges::count(text, ',') != 9) refuse("the preamble", "ten numbers", text);
  TenFields fields;
  std::string_view rest = text;
  for (std::size_t k = 0; k < fields.size(); ++k) {
    const std::string_view field = rest.substr(0, rest.find(','));
    fields[k] = field_of(kNames[k], field);
    rest.remove_prefix(std::min(rest.size(), field.size() + 1));
  }
  return fields;
}

// What all preambles of ten numbers have in common; the volts are for the caller.
RecordFacts common_facts(const TenFields& f) {
  f[3].count(0, kMostPoints);
  RecordFacts facts{.points = f[2].points(),
                    .width = f[0].width(),
                    .interval = f[4].interval(),
                    .volts_per_code = f[7].volts_step()};
  facts.first = f[5].within(1e6) - f[6].within(kMostPoints) * facts.interval;
  return facts;
}

// FNV-1a; 0 when there is nothing but zeros.
std::uint64_t stamp_of(std::span<const std::uint8_t> bytes) {
  if (std::ranges::count(bytes, 0) == static_cast<std::ptrdiff_t>(bytes.size())) return 0;
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001B3;
  return hash;
}

// A number of the type at the offset, in the byte order of the instrument: the least byte first.
template <typename T>
T number_at(std::span<const std::uint8_t> bytes, std::size_t offset) {
  static_assert(std::endian::native == std::endian::little);
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

template <typename T>
Field descriptor_field(std::string_view name, std::span<const std::uint8_t> bytes,
                       std::size_t offset, std::string& shown) {
  const auto value = static_cast<double>(number_at<T>(bytes, offset));
  shown = std::to_string(value);
  if (!std::isfinite(value)) refuse(name, "a number", shown);
  return {.name = name, .value = value, .found = shown};
}

}  // namespace

double read_scope_number(std::string_view name, std::string_view text) {
  constexpr std::array<std::pair<char, double>, 8> kPrefixes{{{'k', 1e3},
                                                              {'K', 1e3},
                                                              {'M', 1e6},
                                                              {'G', 1e9},
                                                              {'m', 1e-3},
                                                              {'u', 1e-6},
                                                              {'n', 1e-9},
                                                              {'p', 1e-12}}};
  constexpr std::array<std::string_view, 7> kUnits{"", "Sa/s", "pts", "V", "s", "S", "Sa"};
  double value = 0;
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const auto [stop, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value) || text.starts_with("+-")) {
    refuse(name, "a number", text);
  }
  std::string_view unit = text.substr(static_cast<std::size_t>(stop - text.data()));
  if (std::ranges::count(kUnits, unit) > 0) return value;
  for (const auto& [letter, factor] : kPrefixes) {
    if (unit[0] == letter && std::ranges::count(kUnits, unit.substr(1)) > 0) return value * factor;
  }
  refuse(name, "a number", text);
}

RecordFacts read_rigol(ScopeAnswers answers) {
  const TenFields f = read_ten(answers);
  f[1].count(0, 2);
  RecordFacts facts = common_facts(f);
  facts.volts_at_code_0 = (-f[8].within(1e6) - f[9].within(1e6)) * facts.volts_per_code;
  return facts;
}

RecordFacts read_rigol_paged(ScopeAnswers answers) {
  RecordFacts facts = read_rigol(answers);
  facts.page = std::exchange(facts.points, 0);
  return facts;
}

RecordFacts read_keysight(ScopeAnswers answers) {
  const TenFields f = read_ten(answers);
  if (f[1].value != 0) refuse("type", "0 (normal)", f[1].found);
  RecordFacts facts = common_facts(f);
  facts.volts_at_code_0 = f[8].within(1e6) - f[9].within(1e6) * facts.volts_per_code;
  return facts;
}

RecordFacts read_tektronix(ScopeAnswers answers) {
  constexpr std::array<std::string_view, 8> kNames{"NR_PT",  "BYT_NR", "XINCR", "XZERO",
                                                   "PT_OFF", "YMULT",  "YOFF",  "YZERO"};
  std::array<Field, 8> f;
  for (std::size_t k = 0; k < f.size(); ++k) f[k] = field_of(kNames[k], text_of(answers[k]));
  RecordFacts facts{.points = f[0].points(),
                    .width = static_cast<int>(f[1].count(1, 2)),
                    .interval = f[2].interval(),
                    .volts_per_code = f[5].volts_step()};
  facts.first = f[3].within(1e6) - f[4].within(kMostPoints) * facts.interval;
  facts.volts_at_code_0 = f[7].within(1e6) - f[6].within(1e6) * facts.volts_per_code;
  return facts;
}

RecordFacts read_siglent_settings(ScopeAnswers answers) {
  constexpr std::array<std::string_view, 6> kNames{"VDIV", "OFST", "TDIV", "TRDL", "SARA", "SANU"};
  constexpr double kCodesPerDivision = 25;
  constexpr double kDivisions = 14;
  std::array<Field, 6> f;
  for (std::size_t k = 0; k < f.size(); ++k) f[k] = field_of(kNames[k], text_of(answers[k]));
  return {.points = f[5].points(),
          .interval = 1 / f[4].above_zero(1e-4, 1e13),
          .first = f[3].within(1e6) - f[2].interval() * kDivisions / 2,
          .volts_per_code = f[0].volts_step() / kCodesPerDivision,
          .volts_at_code_0 = -f[1].within(1e6)};
}

// Offsets of gain, offset, interval, delay and probe: facts/instruments.md 2.2. Those of the data's
// width, order, length and count and of the codes per division: as public readers of such
// descriptors have them.
RecordFacts read_wavedesc(ScopeAnswers answers) {
  ScpiBlock block;
  const std::span<const std::uint8_t> answer(answers[0]);
  if (read_block_start(answer, block) != BlockStart::kBlock || block.length < kDescriptor ||
      answer.size() < block.header + kDescriptor) {
    refuse("the descriptor", "a block of 346 bytes", std::to_string(answer.size()) + " bytes");
  }
  const auto bytes = answer.subspan(block.header, kDescriptor);
  const std::string_view name(reinterpret_cast<const char*>(bytes.data()), 8);
  if (name != "WAVEDESC") refuse("the descriptor's name", "WAVEDESC", name);
  std::string shown;
  RecordFacts facts;
  facts.width = descriptor_field<std::int16_t>("data width", bytes, 32, shown).width();
  const Field order = descriptor_field<std::int16_t>("byte order", bytes, 34, shown);
  if (order.value != 0) refuse("byte order", "0 (least byte first)", shown);
  facts.points = descriptor_field<std::int32_t>("points", bytes, 116, shown).points();
  const Field length = descriptor_field<std::int32_t>("data length", bytes, 60, shown);
  const std::uint64_t expected = facts.points * static_cast<std::uint64_t>(facts.width);
  if (length.value != static_cast<double>(expected)) {
    refuse("data length", std::to_string(expected) + " bytes", shown);
  }
  facts.interval = descriptor_field<float>("interval", bytes, 176, shown).interval();
  facts.first = descriptor_field<double>("delay", bytes, 180, shown).within(1e6);
  const double gain = descriptor_field<float>("vertical gain", bytes, 156, shown).volts_step();
  const double offset = descriptor_field<float>("vertical offset", bytes, 160, shown).within(1e6);
  const double probe = descriptor_field<float>("probe", bytes, 328, shown).above_zero(1e-6, 1e6);
  const Field codes = descriptor_field<float>("codes per division", bytes, 164, shown);
  const double all = facts.width == 1 ? 256 : 65536;
  // The screen is 8 divisions high, and no maker wastes more than four bits of what it sends.
  if (!(codes.value * 8 <= all && codes.value * 8 >= all / 16)) {
    refuse("codes per division", "some of " + std::to_string(static_cast<int>(all)), shown);
  }
  facts.volts_per_code = gain * probe / codes.value;
  facts.volts_at_code_0 = -offset * probe;
  facts.stamp = stamp_of(bytes.subspan(kStampAt, kStampSize));
  return facts;
}

}  // namespace rig
