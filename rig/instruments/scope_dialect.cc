#include "rig/instruments/scope_dialect.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "rig/core/error.h"

namespace rig {
namespace {

constexpr std::array<std::string_view, 2> kRigolPrepare{":TRIG:SWE SING", ":ACQ:TYPE NORM"};
constexpr std::array<std::string_view, 3> kRigolSelect{":WAV:SOUR CHAN%", ":WAV:MODE RAW",
                                                       ":WAV:FORM BYTE"};

// DS1000Z programming and user's guides (facts/instruments.md 2.1); never met in reality.
constexpr std::array kDialects{ScopeDialect{
    .name = "Rigol DS1000Z",
    .identity = "RIGOL TECHNOLOGIES,DS1",
    .stop = ":STOP",
    .single = ":SING",
    .force = ":TFOR",
    .status = ":TRIG:STAT?",
    .armed = "WAIT",
    .stopped = "STOP",
    .prepare = kRigolPrepare,
    .display = ":CHAN%:DISP $",
    .scale = ":CHAN%:SCAL $",
    .offset = ":CHAN%:OFFS $",
    .coupling = ":CHAN%:COUP $",
    .probe = ":CHAN%:PROB $",
    .time_scale = ":TIM:SCAL $",
    .time_offset = ":TIM:OFFS $",
    .depth = ":ACQ:MDEP $",
    .sample_rate_query = ":ACQ:SRAT?",
    .select = kRigolSelect,
    .preamble_query = ":WAV:PRE?",
    .first = ":WAV:STAR $",
    .last = ":WAV:STOP $",
    .data_query = ":WAV:DATA?",
    .page = 250'000,
    .channels = 4,
    .most_rate = 1e9,
    .time_divisions = 12,
    .codes_per_division = 25,
    .reference = 127,
    .least_scale = 1e-3,
    .widest_scale = 10,
    .depths = {12'000, 120'000, 1'200'000, 12'000'000},
    .rate_u = 25e-6 / 1.7320508,
    .force_latency = std::chrono::milliseconds(20),
}};

}  // namespace

std::span<const ScopeDialect> scope_dialects() { return kDialects; }

const ScopeDialect* dialect_of(std::string_view identity) {
  const auto found = std::ranges::find_if(
      kDialects, [&](const ScopeDialect& d) { return identity.starts_with(d.identity); });
  return found == kDialects.end() ? nullptr : &*found;
}

Preamble read_preamble(std::string_view text) {
  const auto refuse = [&] {
    throw RigError("expected a preamble of ten numbers with increments above zero, found '" +
                   std::string(text.substr(0, 200)) + "'");
  };
  std::vector<double> fields;
  std::string_view rest = text;
  while (true) {
    const std::string_view field = rest.substr(0, rest.find(','));
    double value = 0;
    const char* end = field.data() + field.size();
    const char* begin = field.data() + (field.starts_with('+') ? 1 : 0);
    const auto [stop, error] = std::from_chars(begin, end, value);
    if (error != std::errc() || stop != end || !std::isfinite(value)) refuse();
    fields.push_back(value);
    if (field.size() == rest.size()) break;
    rest.remove_prefix(field.size() + 1);
  }
  if (fields.size() != 10) refuse();
  const auto whole = [&](double value, double most) {
    if (value < 0 || value > most || value != std::floor(value)) refuse();
    return static_cast<std::uint64_t>(value);
  };
  const Preamble read{.format = static_cast<int>(whole(fields[0], 9)),
                      .type = static_cast<int>(whole(fields[1], 9)),
                      .points = whole(fields[2], 1e12),
                      .count = whole(fields[3], 1e12),
                      .x_increment = fields[4],
                      .x_origin = fields[5],
                      .x_reference = fields[6],
                      .y_increment = fields[7],
                      .y_origin = fields[8],
                      .y_reference = fields[9]};
  if (read.x_increment <= 0 || read.y_increment <= 0) refuse();
  return read;
}

}  // namespace rig
