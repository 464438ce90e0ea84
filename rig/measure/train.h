// What one pass over the pulses of a window tells, and what the quantities of a train share.
// Internal to measure/.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>

#include "rig/measure/evaluate.h"
#include "rig/measure/integrity.h"
#include "rig/measure/values.h"

namespace rig {

// Everything that one pass over the window can tell. Periods are kept only as their distribution.
struct Train {
  std::size_t count = 0;
  Picos first{};
  Picos last{};
  std::size_t onsets = 0;  // seen to begin, unlike a pulse that the samples begin in
  Picos first_onset{};
  Picos last_onset{};
  double shortest = std::numeric_limits<double>::infinity();  // s, from onset to onset
  Picos active_end{};
  bool any_clipped = false;
  bool voltage_clipped = false;
  double square = 0;
  double net_charge = 0;
  Budget net_charge_u;        // but for scale
  std::size_t baselines = 0;  // pulses with quiet samples in front
  double baseline = 0;        // A: sum over these
  double current_peak = 0;
  double voltage_peak = 0;
  Picos peak_at{};
  double noise = 0;          // A, largest of any pulse
  double voltage_noise = 0;  // V
  double samples = 0;        // in all pulses
  Budget edge;               // of the onset that is known least
  Places places;

  bool active_before_event = false;
  std::size_t after = 0;  // onset after the event
  std::optional<Picos> end_after;
  Picos last_after{};  // onset of the pulse that ends last
  double energy_after = 0;
  Budget energy_after_u;
  double charge_after = 0;
  Budget charge_after_u;
};

// s: what may lie between two pulses where only one was seen. Stimulators give 1 Hz and more.
constexpr double kSlowest = 1.0;

// A quantity asked for, and all that it may rest on.
struct Context {
  const QuantityName& what;
  const Observation& seen;
  const ChannelFacts& facts;
  const Limit* limit;
  const Train& train;

  void visit(const std::function<void(const Pulse&)>& each) const {
    seen.pulses->visit([this, &each](const Pulse& pulse) {
      if (pulse.onset() >= seen.from && pulse.onset() < seen.to) each(pulse);
    });
  }
  Measured result(double value, const Budget& u, std::size_t count,
                  std::optional<Picos> at = std::nullopt) const {
    Measurement m{.name = std::string(what.info->name),
                  .value = value,
                  .unit = std::string(what.info->unit),
                  .statistic = "window",
                  .count = count,
                  .lowest = value,
                  .highest = value,
                  .at = at};
    give(m, u);
    const bool either_way = may_err_either_way() && clipped();
    const bool bound = (what.info->magnitude && clipped()) || either_way;
    return {.value = std::move(m),
            .lower_bound = bound,
            .upper_bound = either_way,
            .doubt = bound ? clipped_samples(*seen.info, *seen.totals) : ""};
  }
  // Of `values`, each uncertain by `one` but for the sample clock.
  Measured statistic_of(const Values& values, const Budget& one) const {
    const double value = values.of(what.statistic);
    Budget u = budget_of(what.statistic, values, one, train.places.left());
    Measured m =
        result(value, u.add(Source::kClock, facts.rate_u * value), values.count, values.at);
    const std::string statistic(statistic_name(what.statistic));
    m.value->statistic = statistic;
    if (what.statistic != Statistic::kEvery) m.value->name += "." + statistic;
    m.value->lowest = values.lowest;
    m.value->highest = values.highest;
    return m;
  }
  Measured counted(double value, std::size_t count, std::optional<Picos> at = std::nullopt) const {
    return result(value, {}, count, at);
  }
  bool clipped() const {
    if (what.info->name == "voltage.peak") return train.voltage_clipped;
    return train.any_clipped || (what.info->dimension == "energy" && train.voltage_clipped);
  }
  // Where clipping takes from both signs, or from what is compared.
  bool may_err_either_way() const {
    const std::string_view name = what.info->name;
    return name == "dc" || name == "envelope.smallest" || name == "envelope.depth";
  }
  Measured silent(std::size_t needed) const { return silent(train.count, needed); }
  Measured silent(std::size_t count, std::size_t needed) const {
    return {.why_not = std::to_string(count) + " pulses in the window, needs at least " +
                       std::to_string(needed),
            .device_silent = count == train.count};
  }
  Picos seen_until() const {
    const bool continuous = seen.info->segment_length == Picos(0);
    return continuous ? std::min(seen.to, seen.totals->end) : seen.to;
  }
  // Whether output may still come when nobody looks any more: less quiet has been seen than lies
  // between two pulses. A triggered capture looks until its end, whatever its last segment.
  bool may_go_on() const {
    const Picos last = seen.event ? std::max(*seen.event, train.active_end) : train.active_end;
    const double shortest = std::isfinite(train.shortest) ? train.shortest : kSlowest;
    const double between = train.count > 0 ? 1.5 * shortest : 0;
    return to_seconds(seen_until() - last) < std::max(5 * facts.step, between);
  }
  Budget period_u(double period) const {
    return train.edge.times(std::sqrt(2.0)).add(Source::kClock, facts.rate_u * period);
  }
  double span() const { return to_seconds(train.last - train.first); }
  double mean_period() const { return span() / static_cast<double>(train.count - 1); }
};

// What comes evenly spread up to a whole sample or period too early or too late stays within this
// share of it in 95 % of cases: twice the standard uncertainty to state.
constexpr double kNineteenOf20 = 0.95;

constexpr double kBurstBreak = 3.5;  // periods without a pulse that end a burst

// rhythm.cc
Measured period(const Context& c);
Measured jitter(const Context& c);
Measured drift(const Context& c);
Measured irregular(const Context& c);
Measured separation(const Context& c);
Measured duty(const Context& c);
Measured rate(const Context& c);

// envelope.cc
Measured envelope(const Context& c);
Measured ramp(const Context& c);
Measured ramp_slope(const Context& c);

// dose.cc
Measured rms(const Context& c);
Measured sliding_rms(const Context& c);
Measured average(const Context& c);
Measured density(const Context& c);
Measured dc(const Context& c);

}  // namespace rig
