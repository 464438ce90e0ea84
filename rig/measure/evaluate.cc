// Quantities that belong to one pulse, and their statistics over a window.
#include "rig/measure/evaluate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace rig {
namespace {

constexpr std::size_t kFewest = 5;

// Standard uncertainty of one 50 % crossing. Where in a sample period an edge falls may be the same
// for every pulse, so that part stays.
double edge_u(const Pulse& p, const ChannelFacts& f) {
  return f.common_only ? p.edge_common_u : p.edge_u;
}

double width_u(double width, const Pulse& p, const ChannelFacts& f) {
  return std::hypot(std::sqrt(2.0) * edge_u(p, f), f.rate_u * width);
}

// Of one sample of the current.
double noise_of(const Pulse& p, const ChannelFacts& f) {
  return f.common_only ? 0 : std::hypot(p.noise, f.code_i / std::sqrt(12.0));
}

// Without enough noise to carry it over the converter's steps a steady level is off by the same
// part of a code in every sample, and averaging does not help. A level between two codes shows a
// deviation of half a code whatever its noise, hence more than half.
double stuck_of(const Pulse& p, const ChannelFacts& f) {
  return p.noise < 0.6 * f.code_i ? f.code_i / std::sqrt(12.0) : 0;
}

// Noise of the mean before the pulse, or what the channel's own zero is worth in its stead.
double baseline_u(const Pulse& p, const ChannelFacts& f) {
  if (p.baseline_samples == 0) return std::hypot(f.offset_i_u, noise_of(p, f));
  return noise_of(p, f) / std::sqrt(p.baseline_samples);
}

// Noise averages over the state's samples; the baseline's own does not vanish.
double amplitude_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const double samples = std::max(1.0, 0.8 * phase.width / f.step);
  const double random = std::hypot(noise_of(p, f) / std::sqrt(samples), baseline_u(p, f));
  const double stuck = std::sqrt(2.0) * stuck_of(p, f);
  return std::hypot(f.gain_i_u * phase.amplitude, std::hypot(random, stuck));
}

double charge_noise(double samples, const Pulse& p, const ChannelFacts& f) {
  return f.step * std::hypot(noise_of(p, f) * std::sqrt(samples), baseline_u(p, f) * samples);
}

// An edge between two samples puts up to half a sample too much or too little into the sum.
double phase_common(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const double edges = std::sqrt(2.0) * phase.amplitude * edge_u(p, f);
  return std::hypot(edges, std::sqrt(2.0) * stuck_of(p, f) * phase.width);
}

double phase_charge_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const double random = charge_noise(phase.samples, p, f);
  return std::hypot(f.gain_i_u * phase.charge, std::hypot(random, phase_common(phase, p, f)));
}

double total(const ChargeU& u) { return std::hypot(u.random, u.common); }

double net_charge_u(const Pulse& p, const ChannelFacts& f) {
  return std::hypot(f.gain_i_u * p.net_charge, total(net_charge_parts(p, f)));
}

double energy_u(const Pulse& p, const ChannelFacts& f) {
  const double charges = std::fabs(p.first.charge) + std::fabs(p.second.charge);
  const double gain = std::hypot(f.gain_i_u, f.gain_v_u) * p.energy;
  const double current = p.voltage_peak * total(net_charge_parts(p, f));
  // The voltage's offset meets the net charge only; its steps meet each phase.
  const double steps = f.code_v * charges / std::sqrt(12.0);
  return std::hypot(gain, std::hypot(current, std::hypot(f.offset_v_u * p.net_charge, steps)));
}

double imbalance(const Pulse& p) {
  return p.first.charge == 0 ? std::numeric_limits<double>::quiet_NaN()
                             : 100.0 * p.net_charge / std::fabs(p.first.charge);
}

constexpr std::array kPulseQuantities{
    PulseQuantity{"pulse.phases", [](const Pulse& p) { return static_cast<double>(p.phases); },
                  [](const Pulse&, const ChannelFacts&) { return 0.0; }},
    PulseQuantity{
        "phase1.width", [](const Pulse& p) { return p.first.width; },
        [](const Pulse& p, const ChannelFacts& f) { return width_u(p.first.width, p, f); }},
    PulseQuantity{
        "phase2.width", [](const Pulse& p) { return p.second.width; },
        [](const Pulse& p, const ChannelFacts& f) { return width_u(p.second.width, p, f); }},
    PulseQuantity{"width.difference", [](const Pulse& p) { return p.first.width - p.second.width; },
                  [](const Pulse& p, const ChannelFacts& f) {
                    return std::hypot(2.0 * edge_u(p, f),
                                      f.rate_u * (p.first.width - p.second.width));
                  }},
    PulseQuantity{"gap", [](const Pulse& p) { return p.gap; },
                  [](const Pulse& p, const ChannelFacts& f) { return width_u(p.gap, p, f); }},
    PulseQuantity{"phase1.amplitude", [](const Pulse& p) { return p.first.amplitude; },
                  [](const Pulse& p, const ChannelFacts& f) { return amplitude_u(p.first, p, f); }},
    PulseQuantity{
        "phase2.amplitude", [](const Pulse& p) { return -p.second.amplitude; },
        [](const Pulse& p, const ChannelFacts& f) { return amplitude_u(p.second, p, f); }},
    PulseQuantity{"baseline", [](const Pulse& p) { return p.baseline; },
                  [](const Pulse& p, const ChannelFacts& f) {
                    return std::hypot(baseline_u(p, f), f.code_i / std::sqrt(12.0));
                  }},
    PulseQuantity{
        "phase1.charge", [](const Pulse& p) { return p.first.charge; },
        [](const Pulse& p, const ChannelFacts& f) { return phase_charge_u(p.first, p, f); }},
    PulseQuantity{
        "phase2.charge", [](const Pulse& p) { return -p.second.charge; },
        [](const Pulse& p, const ChannelFacts& f) { return phase_charge_u(p.second, p, f); }},
    PulseQuantity{"net_charge", [](const Pulse& p) { return p.net_charge; }, net_charge_u},
    PulseQuantity{"charge_imbalance", imbalance,
                  [](const Pulse& p, const ChannelFacts& f) {
                    const double charge = std::fabs(p.first.charge);
                    return charge == 0 ? 0.0 : 100.0 * total(net_charge_parts(p, f)) / charge;
                  }},
    PulseQuantity{"energy", [](const Pulse& p) { return p.energy; }, energy_u},
};

struct Accumulated {
  std::size_t count = 0;
  double mean = 0;
  double m2 = 0;  // Welford
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -std::numeric_limits<double>::infinity();
  bool any_clipped = false;
  bool cut_beyond = false;
  std::size_t cut = 0;
  std::size_t not_measurable = 0;

  // The value that decides, and its pulse.
  double value = 0;
  double u = 0;
  double systematic_u = 0;  // largest of any pulse: what averaging does not reduce
  Picos at{};
  double least_margin = std::numeric_limits<double>::infinity();

  void add(double x) {
    ++count;
    const double delta = x - mean;
    mean += delta / static_cast<double>(count);
    m2 += delta * (x - mean);
    lowest = std::min(lowest, x);
    highest = std::max(highest, x);
  }
  double sd() const { return count > 1 ? std::sqrt(m2 / static_cast<double>(count - 1)) : 0; }
};

double margin_to(const Limit* limit, double value) {
  if (limit == nullptr || (!limit->low && !limit->high)) return -std::fabs(value);
  double margin = std::numeric_limits<double>::infinity();
  if (limit->low) margin = std::min(margin, value - *limit->low);
  if (limit->high) margin = std::min(margin, *limit->high - value);
  return margin;
}

bool decides(Statistic statistic, const Accumulated& so_far, double x, const Limit* limit) {
  switch (statistic) {
    case Statistic::kFirst: return so_far.count == 0;
    case Statistic::kLast: return true;
    case Statistic::kMin: return x < so_far.lowest;
    case Statistic::kMax: return x > so_far.highest;
    case Statistic::kEvery:
    case Statistic::kMean:
    case Statistic::kSd: break;
  }
  return margin_to(limit, x) < so_far.least_margin;
}

Accumulated accumulate(const PulseQuantity& row, const QuantityName& what, const Observation& seen,
                       const ChannelFacts& facts, const Limit* limit) {
  Accumulated sum;
  ChannelFacts common = facts;
  common.common_only = true;
  seen.pulses->visit([&](const Pulse& pulse) {
    if (pulse.onset() < seen.from || pulse.onset() >= seen.to) return;
    const double x = row.value(pulse);
    if (pulse.cut) {
      // A pulse that the capture cut says only "at least": enough to fail an upper limit.
      const bool beyond =
          what.info->magnitude && limit != nullptr && limit->high && x > *limit->high;
      if (!beyond) {
        ++sum.cut;
        return;
      }
      sum.cut_beyond = true;
    }
    if (!std::isfinite(x)) {
      ++sum.not_measurable;
      return;
    }
    sum.any_clipped = sum.any_clipped || pulse.clipped;
    if (decides(what.statistic, sum, x, limit)) {
      sum.value = x;
      sum.u = row.u(pulse, facts);
      sum.at = pulse.onset();
      sum.least_margin = std::min(sum.least_margin, margin_to(limit, x));
    }
    sum.systematic_u = std::max(sum.systematic_u, row.u(pulse, common));
    sum.add(x);
  });
  return sum;
}

Measured measure_pulses(const PulseQuantity& row, const QuantityName& what, const Observation& seen,
                        const ChannelFacts& facts, const Limit* limit) {
  const Accumulated sum = accumulate(row, what, seen, facts, limit);
  if (sum.not_measurable > 0) {
    return {.why_not = std::to_string(sum.not_measurable) + " pulses do not have it (" +
                       std::string(what.info->name) + " needs channel voltage and a first phase)"};
  }
  if (sum.count == 0) {
    return {.why_not = sum.cut > 0 ? "the only pulses are cut by the ends of the capture"
                                   : "no pulse in the window",
            .device_silent = sum.cut == 0};
  }
  Measurement m{.name = std::string(what.info->name),
                .value = sum.value,
                .u = sum.u,
                .unit = std::string(what.info->unit),
                .statistic = std::string(statistic_name(what.statistic)),
                .count = sum.count,
                .lowest = sum.lowest,
                .highest = sum.highest,
                .at = sum.at};
  const auto n = static_cast<double>(sum.count);
  if (what.statistic == Statistic::kMean) {
    m.value = sum.mean;
    // Type A for the noise, on top of what is common to all pulses; too few do not show their
    // noise.
    const double common = sum.count < kFewest ? sum.u : sum.systematic_u;
    m.u = std::hypot(common, sum.sd() / std::sqrt(n));
  }
  if (what.statistic == Statistic::kSd) {
    if (sum.count < 2) return {.why_not = "one pulse has no scatter"};
    m.value = sum.sd();
    m.u = sum.sd() / std::sqrt(2.0 * (n - 1));  // GUM E.4.3
  }
  if (what.statistic != Statistic::kEvery) m.name += "." + m.statistic;
  return {.value = m, .lower_bound = sum.any_clipped || sum.cut_beyond};
}

ChannelFacts facts_of(const CaptureInfo& info) {
  ChannelFacts facts{.step = 1.0 / info.rate.hertz(), .rate_u = info.rate_u};
  for (const Channel& channel : info.channels) {
    if (channel.name == "current") {
      facts.has_current = true;
      facts.gain_i_u = channel.gain_u;
      facts.offset_i_u = channel.offset_u;
      facts.code_i = std::fabs(channel.scale);
    }
    if (channel.name == "voltage") {
      facts.has_voltage = true;
      facts.gain_v_u = channel.gain_u;
      facts.offset_v_u = channel.offset_u;
      facts.code_v = std::fabs(channel.scale);
    }
  }
  return facts;
}

// What is no quantity of the current; the rest is.
constexpr std::array<std::string_view, 12> kWithoutCurrent{
    "pulse.count",         "period",        "period.jitter", "rate",          "voltage.peak",
    "output.off_latency",  "burst.count",   "burst.pulses",  "burst.on_time", "burst.off_time",
    "output.pulses_after", "train.duration"};
constexpr std::array<std::string_view, 3> kOfVoltage{"voltage.peak", "energy",
                                                     "output.energy_after"};

// A channel that was not captured shows nothing, which is not the same as zero.
std::string_view missing_channel(std::string_view quantity, const ChannelFacts& facts) {
  const bool of_current = std::ranges::find(kWithoutCurrent, quantity) == kWithoutCurrent.end();
  if (of_current && !facts.has_current) return "current";
  const bool of_voltage = std::ranges::find(kOfVoltage, quantity) != kOfVoltage.end();
  if (of_voltage && !facts.has_voltage) return "voltage";
  return "";
}

}  // namespace

std::span<const PulseQuantity> pulse_quantities() { return kPulseQuantities; }

ChargeU net_charge_parts(const Pulse& p, const ChannelFacts& f) {
  const double edges =
      std::sqrt(2.0) * edge_u(p, f) * std::hypot(p.first.amplitude, p.second.amplitude);
  const double width = p.first.width + p.second.width;
  const double stuck =
      stuck_of(p, f) * std::hypot(std::hypot(p.first.width, p.second.width), width);
  return {.random = charge_noise(p.samples, p, f), .common = std::hypot(edges, stuck)};
}

Measured measure(const QuantityName& what, const Observation& seen, const Limit* limit) {
  if (seen.totals->samples == 0) return {.why_not = "the capture has no samples"};
  if (seen.totals->losses > 0) {
    return {.why_not = "samples are missing at " + std::to_string(seen.totals->losses) +
                       " places of the capture"};
  }
  const ChannelFacts facts = facts_of(*seen.info);
  if (const std::string_view channel = missing_channel(what.info->name, facts); !channel.empty()) {
    return {.why_not = std::string(what.info->name) + " needs channel " + std::string(channel)};
  }
  const auto* row = std::ranges::find(kPulseQuantities, what.info->name, &PulseQuantity::name);
  if (row != kPulseQuantities.end()) return measure_pulses(*row, what, seen, facts, limit);
  return measure_train(what, seen, facts, limit);
}

}  // namespace rig
