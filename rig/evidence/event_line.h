// One line of events.jsonl, as the log that writes it and the reader have to agree on it.
// For the sources of evidence/ alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rig/evidence/json_archive.h"

namespace rig {

constexpr const char* kEventFile = "events.jsonl";
constexpr std::int64_t kRunChain = -1;  // the "case" of run_begin and run_end

// The line as JSON; nothing when it is the torn remains of a line whose writer was killed.
// Throws Misfit for what never was an event.
std::optional<json::Json> parse_event(std::string_view line);

// Calls `take(line, number)` for every complete line, counted from 1.
template <typename Take>
void for_each_line(std::string_view text, const Take& take) {
  std::size_t number = 0;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    take(text.substr(0, end), ++number);
    text.remove_prefix(end + 1);
  }
}

}  // namespace rig
