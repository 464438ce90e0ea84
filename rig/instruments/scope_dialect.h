// The SCPI dialects of oscilloscopes as data, one row each, and which formula reads their
// preambles. In a command '%' stands for the number of a channel, '$' for a value; '@' for the
// first point of a page, '&' for its last and '#' for how many it has.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rig/instruments/scope_preamble.h"

namespace rig {

enum class ScopeState : std::uint8_t { kStopped, kFilling, kArmed, kTaking };

// What an answer tells. The first row that fits counts; a row without a query fits always.
struct StateRow {
  std::string_view query;
  std::string_view word;  // the answer, which may be cut short (SAV); else answer & mask == value
  unsigned mask = 0;
  unsigned value = 0;
  ScopeState state = ScopeState::kFilling;
  bool event = false;  // told once, by a register that reading clears
};

enum class CodeFormat : std::uint8_t { kU8, kI8, kU16le, kI16le };

struct ScopeDialect {
  std::string_view name;
  std::string_view identity;  // how the answer to *IDN? begins, '|' between alternatives
  std::string_view model;     // how its second field begins; '?' stands for any letter
  std::string_view unsure;    // its words that no published source confirms

  // Errors since *CLS, told by a queue, one by one until it says 0.
  bool event_status = false;    // *ESR?, for the queue to tell, or instead of one
  std::string_view next_error;  // empty: there is no queue

  // Acquisition.
  std::span<const std::string_view> plain;  // before all else: answers without headers
  std::string_view stop;
  std::string_view single;
  std::string_view force;
  std::span<const StateRow> states;
  bool tells_trigger = true;    // an armed scope that has its trigger no longer looks armed
  std::string_view new_record;  // query of the event row that tells a new record; empty: none does

  // Settings, each also asked with '?' in place of the value.
  std::span<const std::string_view> prepare;  // sent as they are
  std::string_view display, scale, offset, coupling, probe;
  bool probe_is_gain = false;  // 0.1 for 10:1
  std::string_view on, off;    // a channel
  std::string_view dc;         // coupling
  std::string_view time_scale, time_offset;
  double time_offset_divisions = 0;   // that puts the trigger at the left edge
  bool time_offset_is_share = false;  // of the record, in percent, from the left edge on
  std::string_view depth;             // empty: the scope takes what it likes
  char kilo = 0;                      // depths are written 10k; 0: 10000
  std::string_view depth_query, sample_rate_query;
  bool exact = false;  // rate and depth are what was calculated; else as the scope says

  // Download.
  std::span<const std::string_view> select;            // sent for every channel
  std::span<const std::string_view> preamble_queries;  // of that channel
  RecordFacts (*read_facts)(ScopeAnswers) = nullptr;
  bool tells_stamp = false;                  // of when the record was taken
  bool first_is_delay = false;               // of a size that puts the trigger at the left edge
  std::span<const std::string_view> window;  // of a page; empty: the record comes whole
  std::uint64_t first_index = 1;             // counts points from
  std::string_view data_query;
  std::uint64_t page = 0;       // most points in one answer; 0: as preamble or page_query tell
  std::string_view page_query;  // none of them: all in one

  double settle_per_point = 0;  // s from the end of a record until it can be read, by its depth

  // The codes.
  CodeFormat codes = CodeFormat::kU8;
  std::int32_t clip_low = 0, clip_high = 255;
  std::optional<std::int32_t> hole;  // code of a point that was not sampled
  double codes_per_division = 0;     // 0: a trial record tells
  double reference = 0;              // code of zero volts at no offset

  // The instrument.
  int channels = 4;
  double most_rate = 0;       // samples per second with one channel on; shared by those that are
  double time_divisions = 0;  // depth = rate * time scale * this
  double least_scale = 0, widest_scale = 0;         // V per division at probe factor 1
  std::span<const std::uint64_t> depths;            // with one channel on
  std::array<std::uint64_t, 4> shared{1, 2, 4, 4};  // among 1 to 4 channels: depth and rate divide
  double rate_u = 0;                                // relative, standard, by its data sheet
  std::chrono::milliseconds force_latency{20};      // a forced trigger comes at most so late
  std::chrono::milliseconds lan_pace{0};            // least time between two messages over LAN

  int width() const { return codes == CodeFormat::kU8 || codes == CodeFormat::kI8 ? 1 : 2; }
};

std::span<const ScopeDialect> scope_dialects();

// By the answer to *IDN?; nullptr: none of them.
const ScopeDialect* dialect_of(std::string_view identity);

// "Siglent E11; unconfirmed: ...": its name, and its words that no published source confirms.
std::string dialect_in_words(const ScopeDialect& dialect);

// "Rigol DS1000Z; Rigol MSO5000, ...": all that are known.
std::string scope_families();

}  // namespace rig
