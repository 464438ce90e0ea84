// Quantities of a train of pulses: counts, periods, latencies, bursts, ramps.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "rig/measure/extreme.h"
#include "rig/measure/train.h"

namespace rig {
namespace {

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
  train.voltage_clipped = train.voltage_clipped || pulse.voltage_clipped;
  train.square += pulse.square;
  train.net_charge += pulse.net_charge;
  const Budget net = net_charge_parts(pulse, facts);
  train.net_charge_u.add_pulse(net);
  if (pulse.baseline_samples > 0) {
    ++train.baselines;
    train.baseline += pulse.baseline;
  }
  train.edge.add(onset_parts(pulse));
  train.places.add(pulse.onset());
  train.noise = std::max(train.noise, pulse.noise);
  train.voltage_noise = std::max(train.voltage_noise, pulse.voltage_noise);
  train.samples += pulse.samples;
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
    train.energy_after += pulse.energy;
    train.energy_after_u.add_pulse(net.times(pulse.voltage_peak));
    train.charge_after_u.add_pulse(net);
    train.charge_after += std::fabs(pulse.first.charge) + std::fabs(pulse.second.charge);
  }
}

// Silence after an event that is shorter than a period of the pulses before it: the next pulse may
// not have been due yet.
void doubt_short_silence(Measured& silence, const Context& c) {
  if (!c.seen.event || c.limit == nullptr || !c.limit->high) return;
  std::optional<Picos> last;
  double shortest = kSlowest;
  c.seen.pulses->visit([&](const Pulse& pulse) {
    if (pulse.onset() >= *c.seen.event) return;
    if (last) shortest = std::min(shortest, to_seconds(pulse.onset() - *last));
    last = pulse.onset();
  });
  const double looked = to_seconds(c.seen_until() - std::max(c.seen.from, *c.seen.event));
  if (!last || looked >= shortest) return;
  silence.lower_bound = true;
  silence.doubt = "silence of " + in_words(looked, "s") + " is less than a period of " +
                  in_words(shortest, "s");
}

// No pulse in the window: the output stayed inside the detection band.
Measured quiet_peak(const Context& c, double threshold) {
  Measured peak = c.result(0, Budget(Source::kQuantisation, threshold / 2), 0);
  doubt_short_silence(peak, c);
  return peak;
}

// Of the phases that come as high as the highest: that many samples compete for the largest.
double samples_at_the_top(const Context& c) {
  constexpr double kAsHigh = 4;   // standard deviations of the noise
  constexpr double kState = 0.8;  // of a phase is what its amplitude is the mean of
  double highest = 0;
  const auto visit_phases = [&c](const auto& each) {
    c.visit([&each](const Pulse& p) {
      if (p.phases > 0) each(p.first);
      if (p.phases > 1) each(p.second);
    });
  };
  visit_phases([&](const Phase& p) { highest = std::max(highest, std::fabs(p.amplitude)); });
  double samples = 0;
  visit_phases([&](const Phase& p) {
    const bool high = std::fabs(p.amplitude) >= highest - kAsHigh * c.train.noise;
    if (high) samples += p.plateau / kState;
  });
  return samples > 0 ? samples : c.train.samples;
}

Measured current_peak(const Context& c) {
  if (c.train.count == 0) return quiet_peak(c, c.seen.quiet_current);
  const Extreme extreme = extreme_of(samples_at_the_top(c));
  const double code = c.facts.code_i / std::sqrt(12.0);
  const double noise = std::hypot(c.train.noise, code);
  const Budget rest = Budget(Source::kGain, c.facts.gain_i_u * c.train.current_peak)
                          .add(Source::kNoise, extreme.scatter * noise)
                          .add(Source::kQuantisation, code);
  return c.result(c.train.current_peak, with_bias(rest, extreme.bias * noise), c.train.count,
                  c.train.peak_at);
}

Measured voltage_peak(const Context& c) {
  if (c.train.count == 0) return quiet_peak(c, c.seen.quiet_voltage);
  const Extreme extreme = extreme_of(samples_at_the_top(c));
  const double code = c.facts.code_v / std::sqrt(12.0);
  const double noise = std::hypot(c.train.voltage_noise, code);
  const Budget rest = Budget(Source::kGain, c.facts.gain_v_u * c.train.voltage_peak)
                          .add(Source::kNoise, extreme.scatter * noise)
                          .add(Source::kQuantisation, code)
                          .add(Source::kOffset, c.facts.offset_v_u);
  return c.result(c.train.voltage_peak, with_bias(rest, extreme.bias * noise), c.train.count);
}

Measured after_event(const Context& c) {
  const std::string_view name = c.what.info->name;
  if (!c.seen.event) return {.why_not = std::string(name) + " needs an event: `after: LABEL`"};
  if (!c.train.active_before_event) {
    return {.why_not = "no output before the event: nothing was there to be cut off",
            .device_silent = true};
  }
  if (name == "output.pulses_after") {
    Measured pulses = c.counted(static_cast<double>(c.train.after), c.train.count);
    pulses.lower_bound = c.limit != nullptr && c.limit->high && c.may_go_on();
    return pulses;
  }
  const bool came = c.train.end_after.has_value();
  const std::optional<Picos> at = came ? std::optional(c.train.last_after) : std::nullopt;
  if (name == "output.off_latency") {
    const double value = came ? to_seconds(*c.train.end_after - *c.seen.event) : 0;
    const Budget u = Budget(Source::kEvent, c.seen.event_u)
                         .add(Source::kAlignment, c.seen.info->alignment_u)
                         .add(Source::kSampling, c.facts.step)
                         .add(Source::kClock, c.facts.rate_u * value);
    Measured latency = c.result(value, u, c.train.count, at);
    latency.lower_bound = c.may_go_on();
    return latency;
  }
  const bool energy = name == "output.energy_after";
  const double value = energy ? c.train.energy_after : c.train.charge_after;
  if (std::isnan(value)) return {.why_not = std::string(name) + " needs channel voltage"};
  const double gain_u = energy ? std::hypot(c.facts.gain_i_u, c.facts.gain_v_u) : c.facts.gain_i_u;
  Budget u = energy ? c.train.energy_after_u : c.train.charge_after_u;
  u.add(Source::kGain, gain_u * value).add(Source::kClock, c.facts.rate_u * value);
  Measured sum = c.result(value, u, c.train.count, at);
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
    return c.counted(static_cast<double>(whole - std::min(first, whole)), c.train.count);
  }
  Values values;
  const auto add_value = [&](double x, Picos at) { values.add(x, at, c.limit); };
  for (std::size_t k = 0; k < whole; ++k) {
    const Burst& b = all[k];
    const double period =
        b.pulses > 1 ? to_seconds(b.last - b.first) / static_cast<double>(b.pulses - 1) : 0;
    if (name == "burst.off_time" && k + 1 < all.size()) {
      add_value(to_seconds(all[k + 1].first - b.last) - period, b.last);
    }
    if (k < first) continue;  // only its rest was seen
    if (name == "burst.pulses") add_value(static_cast<double>(b.pulses), b.first);
    if (name == "burst.on_time") add_value(to_seconds(b.last - b.first) + period, b.first);
  }
  if (values.count == 0) return {.why_not = "no whole burst in the window", .device_silent = true};
  if (name == "burst.pulses") {
    Measured pulses = c.statistic_of(values, {});
    if (c.what.statistic != Statistic::kSd) give(*pulses.value, {});
    return pulses;
  }
  return c.statistic_of(values, c.train.edge.times(std::sqrt(2.0)));
}

Measured count(const Context& c) {
  Measured pulses = c.counted(static_cast<double>(c.train.count), c.train.count);
  if (c.train.count == 0) doubt_short_silence(pulses, c);
  return pulses;
}

Measured duration(const Context& c) {
  if (c.train.count == 0) return c.silent(1);
  const double value = to_seconds(c.train.active_end - c.train.first);
  // Activity ends up to a sample after the last that shows it.
  const Budget u = c.period_u(value).add(Source::kSampling, 0.5 * kNineteenOf20 * c.facts.step);
  Measured m = c.result(value, u, c.train.count, c.train.active_end);
  m.lower_bound = c.may_go_on();
  return m;
}

}  // namespace

Measured measure_train(const QuantityName& what, const Observation& seen, const ChannelFacts& facts,
                       const Limit* limit) {
  Train train{.places = Places(*seen.info)};
  seen.pulses->visit([&](const Pulse& pulse) {
    if (pulse.onset() >= seen.from && pulse.onset() < seen.to) add(train, pulse, seen, facts);
  });
  train.edge =
      train.edge.times(1 / std::sqrt(std::max<double>(1, static_cast<double>(train.count))));
  train.net_charge_u = train.net_charge_u.in_places(train.places.left());
  const Context c{what, seen, facts, limit, train};
  static const std::map<std::string_view, Measured (*)(const Context&)> how{
      {"pulse.count", count},
      {"period", period},
      {"period.jitter", jitter},
      {"period.jitter_peak", jitter},
      {"period.jitter_p999", jitter},
      {"period.cycle_to_cycle", jitter},
      {"period.drift", drift},
      {"tie.peak", drift},
      {"pulse.missing", irregular},
      {"pulse.extra", irregular},
      {"separation", separation},
      {"duty", duty},
      {"rate", rate},
      {"current.peak", current_peak},
      {"voltage.peak", voltage_peak},
      {"rms", rms},
      {"rms.sliding_1s", sliding_rms},
      {"rms.sliding_5s", sliding_rms},
      {"current.average", average},
      {"current.density", density},
      {"power.density", density},
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
      {"ramp.slope", ramp_slope},
      {"ramp.falls", ramp_slope},
      {"train.duration", duration},
      {"envelope.largest", envelope},
      {"envelope.smallest", envelope},
      {"envelope.depth", envelope},
      {"envelope.period", envelope},
  };
  return how.at(what.info->name)(c);
}

}  // namespace rig
