#include "rig/measure/logic.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rig/core/error.h"
#include "rig/measure/evaluate.h"
#include "rig/measure/values.h"

namespace rig {
namespace {

constexpr std::size_t kMostStretches = 4'000'000;

Picos half_step(const CaptureInfo& info) { return from_seconds(0.5 / info.rate.hertz()); }

const LogicTrace* trace_of(const Observation& seen, const std::string& channel) {
  return seen.logic == nullptr ? nullptr : seen.logic->logic(channel);
}

struct Instants {
  std::vector<Picos> at;
  double u = 0;  // s
  std::string why_not;
};

// Onsets of pulses, or edges of a logic channel that were seen to rise or fall, from `from` on.
Instants instants_of(const std::string& channel, const Observation& seen, bool falling = false) {
  Instants found;
  if (channel == "current" && !falling) {
    seen.pulses->visit([&](const Pulse& p) {
      if (p.late || p.onset() < seen.from) return;
      found.at.push_back(p.onset());
      found.u = std::max(found.u, p.edge_u);
    });
    return found;
  }
  const LogicTrace* trace = trace_of(seen, channel);
  if (trace == nullptr) return {.why_not = "the capture has no logic channel '" + channel + "'"};
  const auto& stretches = trace->stretches();
  for (std::size_t k = 1; k < stretches.size(); ++k) {
    const auto& now = stretches[k];
    const auto& before = stretches[k - 1];
    const bool edge = now.high != falling && before.high == falling && before.end == now.begin &&
                      before.segment == now.segment;
    if (edge && now.begin >= seen.from) {
      found.at.push_back(now.begin - trace->edge_before(*seen.info));
    }
  }
  found.u = trace->edge_u(*seen.info);
  return found;
}

// From each event of the first channel in the window to the next of the second; one that has none
// before the first channel's next event has no latency. A dead time counts from the first channel's
// falling edges.
Measured latency(const QuantityName& what, const Observation& seen, const Limit* limit) {
  const Instants from = instants_of(what.first, seen, what.info->name.starts_with("dead_time"));
  const Instants to = instants_of(what.second, seen);
  for (const Instants* each : {&from, &to}) {
    if (!each->why_not.empty()) return {.why_not = each->why_not};
  }
  // An edge of the second channel may seem to come a sample before the one that caused it.
  const Picos slack = 2 * half_step(*seen.info);
  Values values;
  auto next = to.at.begin();
  for (std::size_t k = 0; k < from.at.size() && from.at[k] < seen.to; ++k) {
    next = std::lower_bound(next, to.at.end(), from.at[k] - slack);
    const bool last = k + 1 == from.at.size();
    if (next == to.at.end() || (!last && *next >= from.at[k + 1] - slack)) {
      if (last && next == to.at.end() && values.count > 0) break;  // it may still come
      return {.why_not = what.second + " does not follow " + what.first + " at " +
                         in_words(to_seconds(from.at[k] - seen.info->armed_at), "s"),
              .device_silent = true};
    }
    values.add(to_seconds(*next - from.at[k]), from.at[k], limit);
  }
  if (values.count == 0) {
    return {.why_not = "no edge of " + what.first + " in the window", .device_silent = true};
  }
  // Where between two samples an edge falls may be the same every time, so a mean keeps that part.
  Budget u(Source::kSampling, std::hypot(from.u, to.u));
  u.add(Source::kClock, seen.info->rate_u * values.of(what.statistic));
  if (what.statistic == Statistic::kMean && values.count > 1) {
    const auto n = static_cast<double>(values.count);
    u.add(Source::kScatter, values.sd() / std::sqrt(n), n - 1);
  }
  return measured(what, values, u);
}

// Stretches in which both channels are high at once.
Measured overlap(const QuantityName& what, const Observation& seen, const Limit* limit) {
  const LogicTrace* a = trace_of(seen, what.first);
  const LogicTrace* b = trace_of(seen, what.second);
  if (a == nullptr || b == nullptr) {
    return {.why_not = "the capture has no logic channel '" +
                       (a == nullptr ? what.first : what.second) + "'"};
  }
  Values lengths;
  bool looked = false;
  auto other = b->stretches().begin();
  for (const LogicTrace::Stretch& s : a->stretches()) {
    looked = looked || (s.end > seen.from && s.begin < seen.to);
    if (!s.high) continue;
    while (other != b->stretches().end() && other->end <= s.begin) ++other;
    for (auto at = other; at != b->stretches().end() && at->begin < s.end; ++at) {
      const Picos begin = std::max({s.begin, at->begin, seen.from});
      const Picos end = std::min({s.end, at->end, seen.to});
      if (at->high && end > begin) lengths.add(to_seconds(end - begin), begin, nullptr);
    }
  }
  if (!looked) return {.why_not = "no sample in the window"};
  const bool counts = what.info->name.starts_with("overlaps");
  const double longest = lengths.count == 0 ? 0 : lengths.highest;
  const double value = counts ? static_cast<double>(lengths.count) : longest;
  // Two edges; without an overlap in any sample one may still hide between two of them.
  const double edges = std::hypot(a->edge_u(*seen.info), b->edge_u(*seen.info));
  const Budget u = counts ? Budget() : Budget(Source::kSampling, edges);
  Values one;
  one.add(value, lengths.at, limit);
  Measured m = measured(what, one, u);
  m.value->statistic = "window";
  if (lengths.count == 0) m.value->at.reset();
  return m;
}

}  // namespace

void LogicTrace::take(const CaptureInfo& info, const Block& block, std::size_t channel) {
  const auto codes = block.codes[channel];
  for (std::size_t i = 0; i < codes.size();) {
    const bool high = codes[i] != 0;
    std::size_t end = i + 1;
    while (end < codes.size() && (codes[end] != 0) == high) ++end;
    const Picos until = info.armed_at + info.rate.time_of(block.first_sample + end);
    const bool goes_on = !stretches_.empty() && stretches_.back().high == high &&
                         stretches_.back().segment == block.segment && !block.lost_before;
    if (goes_on) {
      stretches_.back().end = until;
      stretches_.back().samples += end - i;
    } else {
      append({.begin = info.armed_at + info.rate.time_of(block.first_sample + i),
              .end = until,
              .samples = end - i,
              .high = high,
              .segment = block.segment},
             info.channels[channel].name);
    }
    i = end;
  }
}

void LogicTrace::append(const Stretch& stretch, const std::string& channel) {
  if (stretches_.size() >= kMostStretches) {
    throw RigError("logic channel " + channel + ": more than " + std::to_string(kMostStretches) +
                   " edges");
  }
  stretches_.push_back(stretch);
}

LogicTrace LogicTrace::of_pulses(const PulseSource& pulses, Picos begin, Picos end) {
  LogicTrace trace;
  trace.pulse_edge_u_ = 0;
  Picos low_from = begin;
  const auto add = [&](Picos from, Picos to, bool high) {
    if (to > from) trace.append({.begin = from, .end = to, .high = high}, "of pulses");
  };
  pulses.visit([&](const Pulse& p) {
    const Picos on = std::max(low_from, p.late ? p.active_begin : p.onset());
    const Picos off = p.cut ? p.active_end : p.onset() + from_seconds(p.duration);
    add(low_from, on, false);
    add(on, off, true);
    low_from = std::max(on, off);
    trace.pulse_edge_u_ = std::max(*trace.pulse_edge_u_, p.edge_u);
  });
  add(low_from, end, false);
  return trace;
}

// One sample shows a level for a sample period: an edge lies half a period before it, on average.
Picos LogicTrace::edge_before(const CaptureInfo& info) const {
  return pulse_edge_u_ ? Picos(0) : half_step(info);
}

double LogicTrace::edge_u(const CaptureInfo& info) const {
  return pulse_edge_u_.value_or(1 / info.rate.hertz() / std::sqrt(12.0));
}

std::optional<double> LogicTrace::percent_high(Picos from, Picos to) const {
  double high = 0;
  double all = 0;
  for (const Stretch& s : stretches_) {
    const Picos begin = std::max(from, s.begin);
    const Picos end = std::min(to, s.end);
    if (begin >= end) continue;
    const double part = to_seconds(end - begin);
    all += part;
    if (s.high) high += part;
  }
  if (all == 0) return std::nullopt;
  return 100.0 * high / all;
}

bool is_between_channels(const QuantityInfo& info) {
  return info.name.find(".B") != std::string_view::npos;
}

Measured measure_between(const QuantityName& what, const Observation& seen, const Limit* limit) {
  if (what.info->name.starts_with("overlap")) return overlap(what, seen, limit);
  return latency(what, seen, limit);
}

}  // namespace rig
