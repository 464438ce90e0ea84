// The SCPI dialects of oscilloscopes as data, and the formulas behind their preambles. '%' in a
// command stands for the number of a channel, '$' for a value.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rig {

struct ScopeDialect {
  std::string_view name;
  std::string_view identity;  // how the answer to *IDN? begins

  // Acquisition.
  std::string_view stop;
  std::string_view single;
  std::string_view force;
  std::string_view status;  // answers one of:
  std::string_view armed;
  std::string_view stopped;

  // Settings, each also asked with '?' in place of the value.
  std::span<const std::string_view> prepare;  // sent as they are, before all else
  std::string_view display, scale, offset, coupling, probe;
  std::string_view time_scale, time_offset, depth;
  std::string_view sample_rate_query;

  // Download.
  std::span<const std::string_view> select;  // sent for every channel
  std::string_view preamble_query;
  std::string_view first, last;  // of a page, counted from 1, inclusive
  std::string_view data_query;
  std::uint64_t page = 0;  // most points in one answer

  // The instrument.
  int channels = 0;
  double most_rate = 0;       // samples per second with one channel on; shared by those that are
  double time_divisions = 0;  // depth = rate * time scale * this
  double codes_per_division = 0;
  int reference = 0;                         // code of zero volts at no offset
  double least_scale = 0, widest_scale = 0;  // V per division at probe factor 1
  std::array<std::uint64_t, 4> depths{};  // with one channel on; halved by two, quartered by more
  double rate_u = 0;                      // relative, standard, by its data sheet
  std::chrono::milliseconds force_latency{0};  // a forced trigger comes at most so late
};

std::span<const ScopeDialect> scope_dialects();

// nullptr: none of them.
const ScopeDialect* dialect_of(std::string_view identity);

// The ten fields of a Rigol preamble.
struct Preamble {
  int format = 0;
  int type = 0;
  std::uint64_t points = 0;
  std::uint64_t count = 0;
  double x_increment = 0, x_origin = 0, x_reference = 0;  // s
  double y_increment = 0, y_origin = 0, y_reference = 0;  // V per code; codes

  // V = (code - yorigin - yreference) * yincrement (DS1000Z programming guide,
  // :WAVeform:PREamble?).
  double volts(double code) const { return (code - y_origin - y_reference) * y_increment; }
  // t = (index - xreference) * xincrement + xorigin, s from the trigger.
  double seconds(double index) const { return (index - x_reference) * x_increment + x_origin; }
};

// Throws RigError "expected ten numbers ..., found '...'" for anything that cannot be divided by or
// counted with: a field too few, not finite, an increment that is not positive.
Preamble read_preamble(std::string_view text);

}  // namespace rig
