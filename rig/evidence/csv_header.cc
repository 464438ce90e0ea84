#include "rig/evidence/csv_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "rig/evidence/waveform_parts.h"

namespace rig {
namespace {

constexpr std::uint64_t kLongestHead = 1000;  // lines

struct Unit {
  std::string name;
  double scale = 1;
};

using Words = std::vector<std::string>;

bool is_one_of(const std::string& word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// "mV", "(Volt)", "[us]", "[m/s2]", "g".
std::optional<Unit> unit_in(std::string_view text) {
  const bool bracketed = text.size() > 2 && ((text.front() == '(' && text.back() == ')') ||
                                             (text.front() == '[' && text.back() == ']'));
  if (bracketed) text = trimmed(text.substr(1, text.size() - 2));
  const auto base = [](std::string_view word) -> std::optional<Unit> {
    const std::string small = lower(word);
    if (word == "V" || is_one_of(small, {"volt", "volts"})) return Unit{"V"};
    if (word == "A" || is_one_of(small, {"amp", "amps", "ampere", "amperes"})) return Unit{"A"};
    if (word == "s" || is_one_of(small, {"sec", "second", "seconds"})) return Unit{"s"};
    if (is_one_of(small, {"m/s2", "m/s^2", "m/s\xC2\xB2"})) return Unit{"m/s2"};
    if (word == "g" || word == "gn") return Unit{"m/s2", 9.80665};
    return std::nullopt;
  };
  if (auto plain = base(text)) return plain;
  constexpr std::array<std::pair<std::string_view, double>, 8> kPrefixes{{{"k", 1e3},
                                                                          {"m", 1e-3},
                                                                          {"u", 1e-6},
                                                                          {"\xC2\xB5", 1e-6},
                                                                          {"\xCE\xBC", 1e-6},
                                                                          {"\xB5", 1e-6},
                                                                          {"n", 1e-9},
                                                                          {"p", 1e-12}}};
  for (const auto& [prefix, scale] : kPrefixes) {
    if (!text.starts_with(prefix)) continue;
    if (const auto rest = base(text.substr(prefix.size()))) {
      return Unit{rest->name, scale * rest->scale};
    }
  }
  return std::nullopt;
}

// "Channel A (mV)", "voltage_V", "Volt": a name, a unit or both.
std::pair<std::string, Unit> name_and_unit(const std::string& text) {
  if (const auto unit = unit_in(text)) return {"", *unit};
  const std::size_t at = text.find_last_of("([_");
  if (at == std::string::npos || at == 0) return {text, {}};
  const bool suffix = text[at] == '_';
  const auto unit = unit_in(std::string_view(text).substr(suffix ? at + 1 : at));
  if (!unit) return {text, {}};
  return {std::string(trimmed(std::string_view(text).substr(0, at))), *unit};
}

bool is_count(const std::string& word) {
  return is_one_of(word, {"sequence", "sample", "samples", "index", "n", "#"});
}

bool is_time(const std::string& word) {
  return word.starts_with("time") || word.starts_with("second") || word.starts_with("zeit") ||
         is_one_of(word, {"t", "x", "x-axis"});
}

// The lines above the first row of numbers.
struct Head {
  Words names;  // of the last line, or of the one above it when the last line is units
  Words units;
  Words last;
  Words before_last;
};

Words words_of(const std::vector<Cell>& cells) {
  Words words;
  for (const Cell& cell : cells) words.emplace_back(cell.text);
  while (!words.empty() && words.back().empty()) words.pop_back();
  return words;
}

bool has_units_only(const Words& words) {
  return words.size() >= 2 && std::ranges::all_of(words, [](const std::string& word) {
           return word.empty() || unit_in(word) || is_count(lower(word)) || number_in(word, false);
         });
}

const std::string& word_at(const Words& words, std::size_t i) {
  static const std::string none;
  return i < words.size() ? words[i] : none;
}

constexpr const char* kStep = "a sample interval of 0.1 ps to 1e6 s";

std::optional<SampleRate> rate_of_step(std::string_view text) {
  const auto step = number_in(text, false);
  return step ? simplest_rate(1 / *step, 1e-6) : std::nullopt;
}

// Takes the columns "Start" and "Increment", which say it once, above the rows.
void take_increment(Head& head, const LineReader& lines, CsvLayout& layout) {
  if (lower(word_at(head.units, 0)) != "sequence") return;
  for (std::size_t i = 1; i < head.names.size(); ++i) {
    const std::string name = lower(head.names[i]);
    const std::string& value = word_at(head.units, i);
    if (name == "start") layout.start = number_in(value, false);
    if (name == "increment") {
      layout.rate = rate_of_step(value);
      if (!layout.rate)
        throw lines.error(1, std::string("above this row ") + kStep, found_in(value));
    }
    if (name == "start" || name == "increment") head.names[i].clear();
  }
  while (!head.names.empty() && head.names.back().empty()) head.names.pop_back();
}

void take_first_column(const Head& head, std::size_t cells, bool rate_given, CsvLayout& layout) {
  const std::string name = lower(word_at(head.names, 0));
  const std::string unit = lower(word_at(head.units, 0));
  const auto [bare, in_name] = name_and_unit(word_at(head.names, 0));
  layout.counts = is_count(name) || is_count(unit);
  const auto own = unit_in(word_at(head.units, 0));
  const bool in_seconds = (own && own->name == "s") || in_name.name == "s";
  const bool nameless = head.names.empty() && head.units.empty();
  const bool told = layout.counts || in_seconds || is_time(name);
  if (!told && (cells < 2 || (rate_given && !nameless))) return;
  layout.time_cell = 0;
  if (own && own->name == "s") layout.time_scale = own->scale;
  if (in_name.name == "s") layout.time_scale = in_name.scale;
}

void take_columns(const Head& head, const std::vector<Cell>& row, CsvLayout& layout) {
  const std::size_t count = std::max(words_of(row).size(), head.names.size());
  for (std::size_t i = layout.time_cell ? 1 : 0; i < count; ++i) {
    auto [name, unit] = name_and_unit(word_at(head.names, i));
    if (const auto own = unit_in(word_at(head.units, i))) unit = *own;
    layout.columns.push_back(
        {.cell = i, .name = name, .unit = unit.name == "s" ? "" : unit.name, .scale = unit.scale});
  }
}

// "; Samplerate: 1 MHz", as sigrok writes it.
void take_comment(std::string_view line, CsvLayout& layout) {
  constexpr std::string_view kRate = "Samplerate:";
  const std::size_t at = line.find(kRate);
  if (at == std::string_view::npos) return;
  layout.rate = rate_from_text(trimmed(line.substr(at + kRate.size())));
}

bool is_old_tektronix(const std::vector<Cell>& cells) {
  return cells.size() >= 5 && cells[0].text == "Record Length" && number_in(cells[3].text, false) &&
         number_in(cells[4].text, false);
}

bool is_comment(std::string_view line) {
  return line.starts_with('#') || line.starts_with('%') || line.starts_with(';');
}

}  // namespace

char separator_of(std::string_view line) {
  while (line.ends_with(';') || line.ends_with(' ')) line.remove_suffix(1);
  if (line.find(';') != std::string_view::npos) return ';';
  return line.find('\t') != std::string_view::npos ? '\t' : ',';
}

void take_remark(const std::vector<Cell>& cells, const LineReader& lines, CsvLayout& layout) {
  if (cells.size() < 2) return;
  const std::string about = lower(cells[0].text);
  std::string_view value = cells[1].text;
  value = trimmed(value.substr(0, value.find(';')));
  if (const std::size_t colon = value.find(':'); colon != std::string_view::npos) {
    value = trimmed(value.substr(colon + 1));
  }
  if (about == "sample interval") {
    layout.rate = rate_of_step(value);
    if (!layout.rate) throw lines.error(cells[1].column, kStep, found_in(value));
  }
  if (!layout.told_beside) return;
  CsvColumn& column = layout.columns.front();
  if (about == "source") column.name = value;
  if (about == "vertical units") {
    if (const auto unit = unit_in(value)) {
      column.unit = unit->name;
      column.scale = unit->scale;
    }
  }
}

CsvLayout read_csv_head(LineReader& lines, bool rate_given) {
  CsvLayout layout;
  Head head;
  std::vector<Cell> cells;
  while (lines.next()) {
    const std::string_view line = lines.text();
    if (is_comment(line)) take_comment(line, layout);
    if (trimmed(line).empty() || is_comment(line)) continue;
    layout.separator = separator_of(line);
    layout.decimal_comma = layout.separator != ',';
    split_cells(line, layout.separator, cells);
    if (is_old_tektronix(cells)) {
      layout.told_beside = true;
      layout.time_cell = 3;
      layout.columns = {{.cell = 4, .name = "", .unit = "", .scale = 1}};
      return layout;
    }
    if (number_in(cells[0].text, layout.decimal_comma)) {
      head.names = head.last;
      if (!head.before_last.empty() && has_units_only(head.last)) {
        head.names = head.before_last;
        head.units = head.last;
      }
      take_increment(head, lines, layout);
      take_first_column(head, words_of(cells).size(), rate_given, layout);
      take_columns(head, cells, layout);
      return layout;
    }
    if (words_of(cells).empty()) continue;
    head.before_last = std::exchange(head.last, words_of(cells));
    split_cells(line, ',', cells);
    take_remark(cells, lines, layout);
    if (lines.number() >= kLongestHead) break;
  }
  if (lines.number() == 0) throw error_at_byte(lines.file(), 0, "samples", kEndOfFile);
  throw lines.error(
      1, "a row of numbers",
      lines.number() >= kLongestHead ? "none in 1000 lines" : "none up to the end of the file");
}

}  // namespace rig
