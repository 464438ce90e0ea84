// Talking to an oscilloscope in its dialect: settings that are read back, and the state it is in.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rig/bench/bench.h"
#include "rig/instruments/scope_dialect.h"
#include "rig/instruments/scpi_link.h"

namespace rig {

// "1.5": as short as ten digits can say it.
std::string scope_number(double value);

// Equal within what a readback of six digits can tell.
bool scope_same(double a, double b);

// The dialect of whoever is there. Throws RigError when it is none that this rig knows.
const ScopeDialect& identify_scope(ScpiLink& link);

// The least time between two messages: what is wanted, else as the dialect says of such a link.
Picos pace_of(const ScopeDialect& dialect, const ScpiLink& link, std::optional<Picos> wanted);

class ScopeTalk {
 public:
  // Identifies the scope. The clock must outlive it. Throws RigError when it is of no known
  // dialect, as everything here does when an answer is not one. `pace` is the least time between
  // two messages; none: as the dialect says of this kind of link.
  ScopeTalk(std::unique_ptr<ScpiLink> link, Clock& clock, std::optional<Picos> pace);

  const ScopeDialect& dialect() const { return dialect_; }
  Clock& clock() const { return clock_; }
  [[noreturn]] void fail(const std::string& what) const;

  void write(std::string_view command, int channel = 0, const std::string& value = "");
  // Waits until the scope bears another message: before an instant that matters.
  void pace();

  // As the clock does, as long as what is waited for is still wanted.
  void wait_until(Picos when);

  // Forgets the errors that the scope noted.
  void forget_errors();
  // "; it reports -222,"Data out of range"", all of them; empty: none since they were forgotten.
  std::string complaints();
  // Throws RigError "WHAT; it reports ..." if there are any.
  void require_no_complaint(const std::string& what);
  // Sends what cannot be read back; an error if the scope complains of it.
  void command(std::string_view command);
  ScpiLink::Bytes ask(std::string_view query, int channel, std::chrono::milliseconds time);
  double ask_number(std::string_view query, int channel = 0);

  // Sets and reads back; an error unless the scope took it as it is.
  void set_number(std::string_view command, int channel, double value);
  void set_word(std::string_view command, int channel, std::string_view word);

  ScopeState state();
  // Waits until the scope says so. Throws RigError "it did not WHAT: expected ..., found ...".
  void await(ScopeState wanted, Picos time, const char* what);
  // Clears what tells events, before something is started.
  void forget_events();
  // Whether a new record was told since; false when this dialect tells none.
  bool has_new_record();

 private:
  ScpiLink::Bytes ask(const std::string& query, std::chrono::milliseconds time);
  std::string ask_text(std::string_view query);
  bool fits(std::size_t row, const std::string& answer);
  std::string word_of(ScopeState state) const;

  std::unique_ptr<ScpiLink> link_;
  Clock& clock_;
  ScopeDialect dialect_;
  Picos pace_;
  std::vector<bool> happened_;  // each event of dialect_.states
  std::string found_;           // the last answers to what asks for the state
  Picos sent_;                  // the last message
};

}  // namespace rig
