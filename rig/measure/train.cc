// Quantities of a train of pulses: counts, periods, latencies, bursts, ramps.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "rig/measure/train.h"

namespace rig {
namespace {

constexpr double kBurstBreak = 3.5;  // periods without a pulse that end a burst

struct Burst {
  Picos first{};
  Picos last{};
  std::size_t pulses = 0;
};

void add(Train& train, const Pulse& pulse, const Observation& seen, const ChannelFacts& facts) {
  if (train.count == 0) train.first = pulse.onset();
  ++train.count;
  train.last = pulse.onset();
  if (!pulse.late) {
    if (train.onsets++ == 0) {
      train.first_onset = pulse.onset();
    } else {
      train.shortest = std::min(train.shortest, to_seconds(pulse.onset() - train.last_onset));
    }
    train.last_onset = pulse.onset();
  }
  train.active_end = std::max(train.active_end, pulse.active_end);
  train.any_clipped = train.any_clipped || pulse.clipped;
  train.square += pulse.square;
  train.net_charge += pulse.net_charge;
  const ChargeU net = net_charge_parts(pulse, facts);
  train.net_random2 += net.random * net.random;
  train.net_common += net.common;
  train.edge_u = std::max(train.edge_u, pulse.edge_u);
  if (pulse.current_peak > train.current_peak) {
    train.current_peak = pulse.current_peak;
    train.peak_at = pulse.onset();
  }
  if (pulse.voltage_peak > train.voltage_peak) train.voltage_peak = pulse.voltage_peak;
  if (!seen.event) return;
  if (pulse.onset() > *seen.event) ++train.after;
  if (pulse.active_begin < *seen.event) train.active_before_event = true;
  if (pulse.active_end > *seen.event) {
    train.end_after = pulse.active_end;
    train.last_after = pulse.onset();
    const double u = std::hypot(net.random, net.common);
    train.energy_after += pulse.energy;
    train.energy_after_u += pulse.voltage_peak * u;
    train.charge_after_u += u;
    train.charge_after += std::fabs(pulse.first.charge) + std::fabs(pulse.second.charge);
  }
}

double margin(const Limit* limit, double value) {
  if (limit == nullptr) return -std::fabs(value);
  double least = std::numeric_limits<double>::infinity();
  if (limit->low) least = std::min(least, value - *limit->low);
  if (limit->high) least = std::min(least, *limit->high - value);
  return least;
}

Measured period(const Context& c) {
  if (c.train.onsets < 2) return c.silent(c.train.onsets, 2);
  std::optional<Picos> previous;
  double mean = 0;
  double m2 = 0;
  double lowest = std::numeric_limits<double>::infinity();
  double highest = 0;
  double deciding = 0;
  double least = std::numeric_limits<double>::infinity();
  std::optional<double> first;
  double last = 0;
  Picos at{};
  std::size_t n = 0;
  c.visit([&](const Pulse& pulse) {
    if (pulse.late) return;
    if (previous) {
      const double x = to_seconds(pulse.onset() - *previous);
      ++n;
      const double delta = x - mean;
      mean += delta / static_cast<double>(n);
      m2 += delta * (x - mean);
      lowest = std::min(lowest, x);
      highest = std::max(highest, x);
      if (!first) first = x;
      last = x;
      if (margin(c.limit, x) < least) {
        least = margin(c.limit, x);
        deciding = x;
        at = *previous;
      }
    }
    previous = pulse.onset();
  });
  const double sd = n > 1 ? std::sqrt(m2 / static_cast<double>(n - 1)) : 0;
  const double count = static_cast<double>(n);
  if (c.what.info->name == "period.jitter") {
    if (n < 2) return c.silent(3);
    return c.result(
        sd, std::hypot(sd / std::sqrt(2 * (count - 1)), c.train.edge_u / std::sqrt(count)), n);
  }
  double value = deciding;
  switch (c.what.statistic) {
    case Statistic::kMean: value = mean; break;
    case Statistic::kMin: value = lowest; break;
    case Statistic::kMax: value = highest; break;
    case Statistic::kFirst: value = *first; break;
    case Statistic::kLast: value = last; break;
    case Statistic::kSd: value = sd; break;
    case Statistic::kEvery: break;
  }
  double u = c.period_u(value);
  // The mean of n periods spans two edges only.
  if (c.what.statistic == Statistic::kMean) {
    u = std::hypot(std::sqrt(2.0) * c.train.edge_u / count, c.facts.rate_u * mean);
  }
  Measured m = c.result(value, u, n, at);
  m.value->statistic = std::string(statistic_name(c.what.statistic));
  if (c.what.statistic != Statistic::kEvery) m.value->name += "." + m.value->statistic;
  m.value->lowest = lowest;
  m.value->highest = highest;
  return m;
}

Measured rate(const Context& c) {
  if (c.train.onsets < 2) return c.silent(c.train.onsets, 2);
  const auto periods = static_cast<double>(c.train.onsets - 1);
  const double period = to_seconds(c.train.last_onset - c.train.first_onset) / periods;
  const double u_period =
      std::hypot(std::sqrt(2.0) * c.train.edge_u / periods, c.facts.rate_u * period);
  return c.result(1.0 / period, u_period / (period * period), c.train.onsets);
}

Measured rms(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  const double t = c.mean_period() * static_cast<double>(c.train.count);
  const double value = std::sqrt(c.train.square / t);
  return c.result(value, std::hypot(c.facts.gain_i_u, c.facts.rate_u) * value, c.train.count);
}

Measured dc(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  const double t = c.mean_period() * static_cast<double>(c.train.count);
  const double value = c.train.net_charge / t;
  const double charge_u = std::hypot(std::sqrt(c.train.net_random2), c.train.net_common);
  return c.result(value, std::hypot(c.facts.gain_i_u * value, charge_u / t), c.train.count);
}

// No pulse in the window: the output stayed inside the detection band.
Measured quiet_peak(const Context& c, double threshold) { return c.result(0, threshold / 2, 0); }

Measured current_peak(const Context& c) {
  if (c.train.count == 0) return quiet_peak(c, c.seen.quiet_current);
  const double u = std::hypot(c.facts.gain_i_u * c.train.current_peak, c.facts.code_i);
  return c.result(c.train.current_peak, u, c.train.count, c.train.peak_at);
}

Measured voltage_peak(const Context& c) {
  if (c.train.count == 0) return quiet_peak(c, c.seen.quiet_voltage);
  const double gain = c.facts.gain_v_u * c.train.voltage_peak;
  const double u = std::hypot(gain, std::hypot(c.facts.code_v, c.facts.offset_v_u));
  return c.result(c.train.voltage_peak, u, c.train.count);
}

Measured after_event(const Context& c) {
  const std::string_view name = c.what.info->name;
  if (!c.seen.event) return {.why_not = std::string(name) + " needs an event: `after: LABEL`"};
  if (!c.train.active_before_event) {
    return {.why_not = "no output before the event: nothing was there to be cut off",
            .device_silent = true};
  }
  if (name == "output.pulses_after") {
    Measured pulses = c.result(static_cast<double>(c.train.after), 0, c.train.count);
    pulses.lower_bound = c.limit != nullptr && c.limit->high && c.may_go_on();
    return pulses;
  }
  const bool came = c.train.end_after.has_value();
  const std::optional<Picos> at = came ? std::optional(c.train.last_after) : std::nullopt;
  if (name == "output.off_latency") {
    const double value = came ? to_seconds(*c.train.end_after - *c.seen.event) : 0;
    const double u = std::hypot(std::hypot(c.seen.event_u, c.seen.info->alignment_u),
                                std::hypot(c.facts.step, c.facts.rate_u * value));
    Measured latency = c.result(value, u, c.train.count, at);
    latency.lower_bound = c.may_go_on();
    return latency;
  }
  const bool energy = name == "output.energy_after";
  const double value = energy ? c.train.energy_after : c.train.charge_after;
  if (std::isnan(value)) return {.why_not = std::string(name) + " needs channel voltage"};
  const double gain_u = energy ? std::hypot(c.facts.gain_i_u, c.facts.gain_v_u) : c.facts.gain_i_u;
  const double u = energy ? c.train.energy_after_u : c.train.charge_after_u;
  Measured sum = c.result(value, std::hypot(gain_u * value, u), c.train.count, at);
  sum.lower_bound = sum.lower_bound || c.may_go_on();
  return sum;
}

bool same_burst(Picos last, Picos next, const Train& train) {
  return to_seconds(next - last) <= kBurstBreak * train.shortest;
}

std::vector<Burst> bursts_of(const Context& c) {
  std::vector<Burst> bursts;
  c.visit([&](const Pulse& pulse) {
    const bool breaks = bursts.empty() || !same_burst(bursts.back().last, pulse.onset(), c.train);
    if (breaks) bursts.push_back({.first = pulse.onset()});
    bursts.back().last = pulse.onset();
    ++bursts.back().pulses;
  });
  return bursts;
}

// Whether the window begins inside its first burst. A capture that begins between two pulses of a
// burst cannot tell.
bool began_before(const Burst& burst, const Context& c) {
  bool before = c.train.onsets < c.train.count;
  c.seen.pulses->visit([&](const Pulse& pulse) {
    if (pulse.onset() >= c.seen.from) return;
    before = before || same_burst(pulse.onset(), burst.first, c.train);
  });
  return before;
}

// Bursts that begin and end inside the window: the last one may still be going on.
Measured burst(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  const std::vector<Burst> all = bursts_of(c);
  const std::string_view name = c.what.info->name;
  const bool last_ended = to_seconds(c.seen.to - all.back().last) >
                          kBurstBreak * to_seconds(all[0].last - all[0].first) /
                              std::max<double>(1.0, static_cast<double>(all[0].pulses) - 1);
  const std::size_t whole = all.size() - (last_ended ? 0 : 1);
  const std::size_t first = began_before(all[0], c) ? 1 : 0;
  if (name == "burst.count") {
    return c.result(static_cast<double>(whole - std::min(first, whole)), 0, c.train.count);
  }
  std::vector<std::pair<double, Picos>> values;
  for (std::size_t k = 0; k < whole; ++k) {
    const Burst& b = all[k];
    const double period =
        b.pulses > 1 ? to_seconds(b.last - b.first) / static_cast<double>(b.pulses - 1) : 0;
    if (name == "burst.off_time" && k + 1 < all.size()) {
      values.emplace_back(to_seconds(all[k + 1].first - b.last) - period, b.last);
    }
    if (k < first) continue;  // only its rest was seen
    if (name == "burst.pulses") values.emplace_back(static_cast<double>(b.pulses), b.first);
    if (name == "burst.on_time") {
      values.emplace_back(to_seconds(b.last - b.first) + period, b.first);
    }
  }
  if (values.empty()) return {.why_not = "no whole burst in the window", .device_silent = true};
  const auto worst = std::ranges::min_element(
      values, {}, [&c](const auto& v) { return margin(c.limit, v.first); });
  const auto [low, high] =
      std::ranges::minmax_element(values, {}, [](const auto& v) { return v.first; });
  const double u = name == "burst.pulses" ? 0 : c.period_u(worst->first);
  Measured m = c.result(worst->first, u, values.size(), worst->second);
  m.value->lowest = low->first;
  m.value->highest = high->first;
  return m;
}

Measured ramp(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  double largest = 0;
  double step = 0;
  std::optional<double> previous;
  Picos step_at{};
  c.visit([&](const Pulse& pulse) {
    const double a = std::fabs(pulse.first.amplitude);
    largest = std::max(largest, a);
    if (previous && a - *previous > step) {
      step = a - *previous;
      step_at = pulse.onset();
    }
    previous = a;
  });
  if (c.what.info->name == "ramp.largest_step") {
    return c.result(step, std::sqrt(2.0) * c.facts.gain_i_u * step + c.facts.code_i, c.train.count,
                    step_at);
  }
  std::optional<Picos> reached;
  Picos left{};
  c.visit([&](const Pulse& pulse) {
    if (std::fabs(pulse.first.amplitude) < 0.95 * largest) return;
    if (!reached) reached = pulse.onset();
    left = pulse.onset();
  });
  const bool up = c.what.info->name == "ramp.up_time";
  const double value = up ? to_seconds(*reached - c.train.first) : to_seconds(c.train.last - left);
  // The envelope is only known at its pulses: one period, rectangular.
  const double u = std::hypot(c.period_u(value), c.mean_period() / std::sqrt(12.0));
  return c.result(value, u, c.train.count, up ? *reached : left);
}

Measured count(const Context& c) {
  return c.result(static_cast<double>(c.train.count), 0, c.train.count);
}

Measured duration(const Context& c) {
  if (c.train.count == 0) return c.silent(1);
  const double value = to_seconds(c.train.active_end - c.train.first);
  Measured m = c.result(value, c.period_u(value) + c.facts.step, c.train.count, c.train.active_end);
  m.lower_bound = c.may_go_on();
  return m;
}

}  // namespace

Measured measure_train(const QuantityName& what, const Observation& seen, const ChannelFacts& facts,
                       const Limit* limit) {
  Train train;
  seen.pulses->visit([&](const Pulse& pulse) {
    if (pulse.onset() >= seen.from && pulse.onset() < seen.to) add(train, pulse, seen, facts);
  });
  const Context c{what, seen, facts, limit, train};
  static const std::map<std::string_view, Measured (*)(const Context&)> how{
      {"pulse.count", count},
      {"period", period},
      {"period.jitter", period},
      {"rate", rate},
      {"current.peak", current_peak},
      {"voltage.peak", voltage_peak},
      {"rms", rms},
      {"dc", dc},
      {"output.off_latency", after_event},
      {"output.pulses_after", after_event},
      {"output.energy_after", after_event},
      {"output.charge_after", after_event},
      {"burst.count", burst},
      {"burst.pulses", burst},
      {"burst.on_time", burst},
      {"burst.off_time", burst},
      {"ramp.up_time", ramp},
      {"ramp.down_time", ramp},
      {"ramp.largest_step", ramp},
      {"train.duration", duration},
  };
  return how.at(what.info->name)(c);
}

}  // namespace rig
