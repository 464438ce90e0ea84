#include "rig/instruments/scope_talk.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <utility>

#include "rig/bench/alive.h"
#include "rig/core/error.h"
#include "rig/core/join.h"

namespace rig {
namespace {

constexpr std::chrono::milliseconds kFirstAnswer(
    12'000);  // a DSO-X 2000 takes 10 s on a new connection
constexpr std::chrono::milliseconds kSetting(2000);
constexpr double kSame = 1e-4;  // relative: readbacks have six digits

std::string filled(std::string_view command, int channel, const std::string& value) {
  std::string text;
  for (const char c : command) {
    if (c == '%') {
      text += std::to_string(channel);
    } else if (c == '$') {
      text += value;
    } else {
      text += c;
    }
  }
  return text;
}

// What asks for a setting.
std::string query_of(std::string_view command) {
  std::string query(command.substr(0, command.find(' ')));
  query += '?';
  return query;
}

// A word in any case of letters, or its first three letters and more.
bool is_word(std::string_view answer, std::string_view word) {
  if (answer.size() > word.size() || answer.size() < std::min<std::size_t>(3, word.size())) {
    return false;
  }
  return std::ranges::equal(answer, word.substr(0, answer.size()), [](char a, char b) {
    return std::toupper(static_cast<unsigned char>(a)) ==
           std::toupper(static_cast<unsigned char>(b));
  });
}

// The error bits of IEEE 488.2's event status register, in words; the others are no errors.
std::string errors_of_status(double status) {
  constexpr std::array<std::pair<unsigned, const char*>, 4> kBits{{{0x20, "a command error"},
                                                                   {0x10, "an execution error"},
                                                                   {0x08, "a device error"},
                                                                   {0x04, "a query error"}}};
  std::string all;
  for (const auto& [bit, name] : kBits) {
    if ((static_cast<unsigned>(std::clamp(status, 0.0, 255.0)) & bit) != 0) {
      add_item(all, ", ", name);
    }
  }
  return all;
}

}  // namespace

std::string scope_number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.10g", value);
  return text.data();
}

bool scope_same(double a, double b) {
  return std::fabs(a - b) <= kSame * std::max(std::fabs(a), std::fabs(b));
}

const ScopeDialect& identify_scope(ScpiLink& link) {
  const std::string identity = ask_text(link, "*IDN?", within(kFirstAnswer));
  if (const ScopeDialect* dialect = dialect_of(identity)) return *dialect;
  throw RigError(link.where() + "expected an oscilloscope that this rig knows (" +
                 scope_families() + "), found '" + identity + "'");
}

Picos pace_of(const ScopeDialect& dialect, const ScpiLink& link, std::optional<Picos> wanted) {
  return wanted.value_or(link.over_lan() ? Picos(dialect.lan_pace) : Picos(0));
}

ScopeTalk::ScopeTalk(std::unique_ptr<ScpiLink> link, Clock& clock, std::optional<Picos> pace)
    : link_(std::move(link)),
      clock_(clock),
      dialect_(identify_scope(*link_)),
      pace_(pace_of(dialect_, *link_, pace)),
      sent_(clock.now()) {
  happened_.resize(dialect_.states.size());
}

void ScopeTalk::fail(const std::string& what) const { throw RigError(link_->where() + what); }

void ScopeTalk::pace() {
  if (pace_ > Picos(0)) clock_.wait_until(sent_ + pace_);
}

void ScopeTalk::wait_until(Picos when) {
  while (clock_.now() < when) {
    still_wanted();
    clock_.wait_until(std::min(when, clock_.now() + kBetweenSigns));
  }
}

void ScopeTalk::write(std::string_view command, int channel, const std::string& value) {
  pace();
  sent_ = clock_.now();
  link_->write(filled(command, channel, value), within(kSetting));
}

ScpiLink::Bytes ScopeTalk::ask(const std::string& query, std::chrono::milliseconds time) {
  pace();
  sent_ = clock_.now();
  return link_->ask(query, within(time));
}

ScpiLink::Bytes ScopeTalk::ask(std::string_view query, int channel,
                               std::chrono::milliseconds time) {
  return ask(filled(query, channel, ""), time);
}

std::string ScopeTalk::ask_text(std::string_view query) {
  const ScpiLink::Bytes answer = ask(std::string(query), kSetting);
  return {answer.begin(), answer.end()};
}

double ScopeTalk::ask_number(std::string_view query, int channel) {
  const std::string full = filled(query, channel, "");
  const std::string answer = ask_text(full);
  try {
    return read_scope_number(full, answer);
  } catch (const RigError& error) {
    fail(error.what());
  }
}

void ScopeTalk::forget_errors() { write("*CLS"); }

std::string ScopeTalk::complaints() {
  constexpr int kMost = 20;  // what is left goes with the next *CLS
  const std::string_view query = dialect_.next_error;
  std::string all;
  if (dialect_.event_status) {
    const std::string errors = errors_of_status(ask_number("*ESR?"));
    if (query.empty()) all = errors;
  }
  for (int k = 0; !query.empty() && k < kMost; ++k) {
    const std::string answer = ask_text(query);
    try {
      if (read_scope_number(query, answer.substr(0, answer.find(','))) == 0) break;
    } catch (const RigError&) {
      fail(std::string(query) + ": expected an error's number and text, found '" + answer + "'");
    }
    add_item(all, ", ", answer);
  }
  return all.empty() ? "" : "; it reports " + all;
}

void ScopeTalk::require_no_complaint(const std::string& what) {
  const std::string found = complaints();
  if (!found.empty()) fail(what + found);
}

void ScopeTalk::command(std::string_view command) {
  write(command);
  require_no_complaint(std::string(command));
}

void ScopeTalk::set_number(std::string_view command, int channel, double value) {
  write(command, channel, scope_number(value));
  const double found = ask_number(query_of(command), channel);
  if (scope_same(found, value)) return;
  fail(filled(command, channel, scope_number(value)) + ": the scope made " + scope_number(found) +
       " of it" + complaints());
}

void ScopeTalk::set_word(std::string_view command, int channel, std::string_view word) {
  write(command, channel, std::string(word));
  const std::string found = ask_text(filled(query_of(command), channel, ""));
  // A flag comes back as a digit or as a word.
  const bool flag = (found == "1" && word == "ON") || (found == "0" && word == "OFF") ||
                    (found == "ON" && word == "1") || (found == "OFF" && word == "0");
  if (flag || (found.size() == word.size() && is_word(found, word))) return;
  fail(filled(command, channel, std::string(word)) + ": the scope made " + found + " of it" +
       complaints());
}

bool ScopeTalk::fits(std::size_t row, const std::string& answer) {
  const StateRow& wanted = dialect_.states[row];
  if (!wanted.word.empty()) return is_word(answer, wanted.word);
  double number = -1;
  try {
    number = read_scope_number(wanted.query, answer);
  } catch (const RigError& error) {
    fail(error.what());
  }
  if (number < 0 || number > 65535) {
    fail(std::string(wanted.query) + ": expected a register of 16 bits, found '" + answer + "'");
  }
  const bool now = (static_cast<unsigned>(number) & wanted.mask) == wanted.value;
  if (!wanted.event) return now;
  happened_[row] = happened_[row] || now;
  return happened_[row];
}

ScopeState ScopeTalk::state() {
  std::string_view asked;
  std::string answer;
  found_.clear();
  for (std::size_t k = 0; k < dialect_.states.size(); ++k) {
    const StateRow& row = dialect_.states[k];
    if (row.query.empty()) return row.state;
    if (row.query != asked) {
      asked = row.query;
      answer = ask_text(asked);
      found_ += found_.empty() ? "" : " ";
      found_ += answer;
      // One reading clears all events of a register.
      for (std::size_t other = k; other < dialect_.states.size(); ++other) {
        if (dialect_.states[other].event && dialect_.states[other].query == asked) {
          fits(other, answer);
        }
      }
    }
    if (fits(k, answer)) return row.state;
  }
  fail(std::string(asked) + ": '" + answer + "' is no state that this rig knows");
}

std::string ScopeTalk::word_of(ScopeState state) const {
  const auto row = std::ranges::find(dialect_.states, state, &StateRow::state);
  if (row == dialect_.states.end()) return "";
  if (!row->word.empty()) return std::string(row->word);
  return std::string(row->query) + " & " + std::to_string(row->mask) + " = " +
         std::to_string(row->value);
}

void ScopeTalk::await(ScopeState wanted, Picos time, const char* what) {
  const Picos deadline = clock_.now() + time;
  while (state() != wanted) {
    if (clock_.now() >= deadline) {
      fail(std::string("it did not ") + what + ": expected the state " + word_of(wanted) +
           ", found " + found_);
    }
    wait_until(clock_.now() + link_->poll_interval());
  }
}

void ScopeTalk::forget_events() {
  for (const StateRow& row : dialect_.states) {
    if (row.event) ask_text(row.query);
  }
  happened_.assign(dialect_.states.size(), false);
}

bool ScopeTalk::has_new_record() {
  for (std::size_t k = 0; k < dialect_.states.size(); ++k) {
    const StateRow& row = dialect_.states[k];
    if (!row.event || row.query != dialect_.new_record || row.state != ScopeState::kTaking) {
      continue;
    }
    return happened_[k] || fits(k, ask_text(row.query));
  }
  return false;
}

}  // namespace rig
