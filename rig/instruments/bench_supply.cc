#include "rig/instruments/bench_supply.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>
#include <utility>

#include "rig/bench/alive.h"
#include "rig/core/error.h"
#include "rig/core/verdict.h"

namespace rig {
namespace {

constexpr std::chrono::milliseconds kQuery(2000);
constexpr std::chrono::milliseconds kExchange(350);  // with a device that does not answer

std::string with_value(std::string command, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  const std::string_view place = "{value}";
  const std::size_t at = command.find(place);
  return at == std::string::npos ? command : command.replace(at, place.size(), text.data());
}

}  // namespace

BenchSupply::BenchSupply(std::unique_ptr<ScpiLink> link, const BenchSupplySettings& settings,
                         Clock& clock)
    : link_(std::move(link)),
      settings_(settings),
      clock_(clock),
      identity_(ask_text(*link_, "*IDN?", within(kQuery))),
      present_(settings.nominal) {}

Done BenchSupply::command(Volts volts) {
  if (volts < settings_.lowest || volts > settings_.highest) {
    throw Blocked("the supply may be set from " + rig::in_words(settings_.lowest.si(), "V") +
                  " to " + rig::in_words(settings_.highest.si(), "V") + ", the scenario needs " +
                  rig::in_words(volts.si(), "V"));
  }
  const Done done = say(with_value(settings_.set, volts.si()));
  clock_.wait_until(done.ended);
  present_ = volts;
  return done;
}

Done BenchSupply::say(const std::string& command) {
  const Undisturbed switching;
  const Picos begun = clock_.now();
  link_->write(command, within(kQuery));
  return {.begun = begun, .ended = clock_.now() + settings_.settle};
}

Done BenchSupply::set(Volts volts) {
  const Done done = command(volts);
  require(volts);
  return done;
}

// What it measures of what was set, and that it has nothing to complain of.
void BenchSupply::require(Volts volts) {
  const std::string error = ask_text(*link_, "SYST:ERR?", within(kQuery));
  if (!error.starts_with("0,") && !error.starts_with("+0,")) {
    throw RigError(link_->where() + "the supply reports " + error);
  }
  const std::string text = ask_text(*link_, settings_.measure, within(kQuery));
  double found = 0;
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const auto [end, failed] = std::from_chars(begin, text.data() + text.size(), found);
  if (failed != std::errc() || end == begin) {
    throw RigError(link_->where() + settings_.measure + ": expected a voltage, found '" + text +
                   "'");
  }
  if (std::fabs(found - volts.si()) <= settings_.tolerance * settings_.nominal.si()) return;
  throw RigError(link_->where() + "the supply was set to " + rig::in_words(volts.si(), "V") +
                 " and measures " + rig::in_words(found, "V"));
}

Done BenchSupply::dip(Volts to, Picos duration) {
  if (duration < 2 * settings_.settle) {
    throw Blocked("the supply settles in " + rig::in_words(to_seconds(settings_.settle), "s") +
                  ", too slow for a dip of " + rig::in_words(to_seconds(duration), "s"));
  }
  const Volts before = present_;
  std::optional<Undisturbed> short_dip;
  if (duration <= kExchange) short_dip.emplace();
  const Done down = command(to);
  clock_.wait_until(down.begun + duration - kExchange);
  const Undisturbed end;
  clock_.wait_until(down.begun + duration);
  command(before);
  require(before);
  return down;
}

void BenchSupply::cycle() {
  link_->write(settings_.off, within(kQuery));
  clock_.wait_until(clock_.now() + settings_.discharge);
  command(settings_.nominal);
  link_->write(settings_.on, within(kQuery));
  clock_.wait_until(clock_.now() + settings_.settle);
  require(settings_.nominal);
}

}  // namespace rig
