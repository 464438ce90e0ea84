// Quantities that every pulse has by itself, and what each is uncertain by.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "rig/measure/evaluate.h"
#include "rig/measure/extreme.h"

namespace rig {
namespace {

constexpr double kDithered =
    0.6;  // codes: a level between two shows half a code whatever its noise

// Of one sample. Noise enough to carry a level over the converter's steps shows them as well.
double noise_of(const Pulse& p, const ChannelFacts& f) {
  return p.noise < kDithered * f.code_i ? std::hypot(p.noise, f.code_i / std::sqrt(12.0)) : p.noise;
}

double noise_dof(const Pulse& p) {
  constexpr double kKnown = std::numeric_limits<double>::infinity();
  return p.baseline_samples < 2 ? kKnown : p.baseline_samples - 1.0;
}

Budget noise(double u, const Pulse& p) {
  Budget budget;
  return budget.add(Source::kNoise, u, noise_dof(p));
}

// Without noise a steady level is off by the same part of a code in every sample, and averaging
// does not help.
double stuck_of(const Pulse& p, const ChannelFacts& f) {
  return p.noise < kDithered * f.code_i ? f.code_i / std::sqrt(12.0) : 0;
}

// Of the mean before the pulse, or what the channel's own zero is worth in its stead.
Budget baseline_u(const Pulse& p, const ChannelFacts& f) {
  if (p.baseline_samples == 0) return noise(noise_of(p, f), p).add(Source::kOffset, f.offset_i_u);
  return noise(noise_of(p, f) / std::sqrt(p.baseline_samples), p);
}

// From an edge of one phase to an edge of another, or of the same.
Budget between_u(const Phase& one, const Phase& other, const Pulse& p) {
  return noise(std::hypot(one.edge_noise, other.edge_noise), p)
      .add(Source::kSampling, std::sqrt(2.0) * p.edge_common_u);
}

// s: how far off an edge may lie because the levels that it is half way between are stuck between
// two codes, for an edge as steep there as its amplitude per transition duration.
double stuck_edge(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const double transition = 0.5 * (phase.rise + phase.fall);
  const double level = stuck_of(p, f) * std::numbers::sqrt2 / 2;
  return std::isfinite(transition) ? level * transition / std::fabs(phase.amplitude) : 0;
}

// Too low a level puts both edges of a phase outwards.
Budget width_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  return between_u(phase, phase, p)
      .add(Source::kClock, f.rate_u * phase.width)
      .add(Source::kQuantisation, 2 * stuck_edge(phase, p, f));
}

double stuck_edges(const Phase& one, const Phase& other, const Pulse& p, const ChannelFacts& f) {
  return stuck_edge(one, p, f) + stuck_edge(other, p, f);
}

Budget gap_u(const Pulse& p, const ChannelFacts& f) {
  return between_u(p.first, p.second, p)
      .add(Source::kClock, f.rate_u * p.gap)
      .add(Source::kQuantisation, stuck_edges(p.first, p.second, p, f));
}

Budget duration_u(const Pulse& p, const ChannelFacts& f) {
  const Phase& last = p.phases > 1 ? p.second : p.first;
  return between_u(p.first, last, p)
      .add(Source::kClock, f.rate_u * p.duration)
      .add(Source::kQuantisation, stuck_edges(p.first, last, p, f));
}

Budget difference_u(const Pulse& p, const ChannelFacts& f) {
  return between_u(p.first, p.first, p)
      .add(between_u(p.second, p.second, p))
      .add(Source::kClock, f.rate_u * (p.first.width - p.second.width))
      .add(Source::kQuantisation, 2 * stuck_edges(p.first, p.second, p, f));
}

// Noise averages over the state's samples; the baseline's own does not vanish.
Budget amplitude_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const double samples = std::max(1.0, static_cast<double>(phase.plateau));
  return noise(noise_of(p, f) / std::sqrt(samples), p)
      .add(baseline_u(p, f))
      .add(Source::kQuantisation, std::sqrt(2.0) * stuck_of(p, f))
      .add(Source::kGain, f.gain_i_u * phase.amplitude);
}

Budget charge_noise(double samples, const Pulse& p, const ChannelFacts& f) {
  return noise(f.step * noise_of(p, f) * std::sqrt(samples), p)
      .add(baseline_u(p, f).times(f.step * samples));
}

Budget scale_u(double charge, const ChannelFacts& f) {
  return Budget(Source::kGain, f.gain_i_u * charge).add(Source::kClock, f.rate_u * charge);
}

// An edge between two samples puts up to half a sample too much or too little into the sum.
Budget phase_charge_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  return charge_noise(phase.samples, p, f)
      .add(Source::kSampling, std::sqrt(2.0) * phase.amplitude * p.edge_common_u)
      .add(Source::kQuantisation, std::sqrt(2.0) * stuck_of(p, f) * phase.width)
      .add(scale_u(phase.charge, f));
}

Budget net_charge_u(const Pulse& p, const ChannelFacts& f) {
  return net_charge_parts(p, f).add(scale_u(p.net_charge, f));
}

Budget energy_u(const Pulse& p, const ChannelFacts& f) {
  const double charges = std::fabs(p.first.charge) + std::fabs(p.second.charge);
  Budget current = net_charge_parts(p, f).times(p.voltage_peak);
  // The voltage's offset meets the net charge only; its steps, when no noise carries it over them,
  // meet each phase.
  const bool stuck = p.voltage_noise < kDithered * f.code_v;
  const double volts = f.step * std::hypot(p.first.amplitude, p.second.amplitude) *
                       std::sqrt(0.5 * p.samples) * p.voltage_noise;
  return current.add(Source::kNoise, volts)
      .add(Source::kGain, std::hypot(f.gain_i_u, f.gain_v_u) * p.energy)
      .add(Source::kClock, f.rate_u * p.energy)
      .add(Source::kOffset, f.offset_v_u * p.net_charge)
      .add(Source::kQuantisation, stuck ? f.code_v * charges / std::sqrt(12.0) : 0);
}

constexpr double kModeScatter = 2.6;  // 200 to 4000 samples, 2,000 draws each

// The mode of n samples converges with their cube root only.
Budget mode_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const double n = std::clamp(static_cast<double>(phase.plateau), 16.0, 1024.0);
  return noise(kModeScatter * p.noise / std::cbrt(n), p)
      .add(baseline_u(p, f))
      .add(Source::kQuantisation, stuck_of(p, f))
      .add(Source::kGain, f.gain_i_u * phase.mode);
}

// The state, less a tenth at either end, is as good as all of the phase's top.
Budget peak_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const Extreme extreme = extreme_of(1.25 * phase.plateau);
  const Budget rest = noise(extreme.scatter * noise_of(p, f), p)
                          .add(baseline_u(p, f))
                          .add(Source::kQuantisation, std::sqrt(2.0) * stuck_of(p, f))
                          .add(Source::kGain, f.gain_i_u * phase.peak);
  return with_bias(rest, extreme.bias * noise_of(p, f));
}

// Crossings at 10 % and 90 %, where an exponential edge is as steep as 2 and 0.2 of its amplitude
// per transition duration. The digitizer's
// own transition adds in quadrature (0.35 / bandwidth, one pole).
constexpr double kKink = 0.04;  // samples: an edge begins between two of them, close to its 10 %

Budget transition_u(double duration, const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const double slope = 0.22 * std::fabs(phase.amplitude) / std::max(duration, 0.5 * f.step);
  const double own = std::min(f.transition, duration);
  const double slower = duration - std::sqrt(duration * duration - own * own);
  return noise(noise_of(p, f) / slope, p)
      .add(Source::kSampling, std::hypot(std::sqrt(2.0) * p.edge_common_u, kKink * f.step))
      .add(Source::kBandwidth, slower / std::sqrt(3.0));
}

constexpr double kBefore = 16;  // samples of a pulse in front of it, at most

// In percent of the amplitude, of the largest of n samples, which lies `more` standard deviations
// of the noise farther out than that.
Budget aberration_u(double n, const Phase& phase, const Pulse& p, const ChannelFacts& f,
                    double more = 0) {
  const Extreme extreme = extreme_of(n);
  const double percent = 100 / std::fabs(phase.amplitude);
  const Budget rest = noise(percent * extreme.scatter * noise_of(p, f), p)
                          .add(baseline_u(p, f).times(percent))
                          .add(Source::kQuantisation, percent * std::sqrt(2.0) * stuck_of(p, f));
  return with_bias(rest, percent * (extreme.bias + more) * noise_of(p, f));
}

// Of the samples in three transition durations those in which an exponential edge, a tenth of the
// amplitude away at first, has come within `near` standard deviations of the noise.
double samples_after(double transition, double near, const Phase& phase, const Pulse& p,
                     const ChannelFacts& f) {
  const double rows = (std::isfinite(transition) ? transition : 0) / f.step;
  const double tenth = 0.1 * std::fabs(phase.amplitude) / (near * noise_of(p, f));
  const double n = 3 * rows - rows / std::log(9.0) * std::log(std::max(1.0, tenth));
  return std::max(3.0, n);
}

Budget after_u(double transition, const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  constexpr double kThere = 0.3;
  return aberration_u(samples_after(transition, kThere, phase, p, f), phase, p, f);
}

// On its way to the state the edge still lacks as much as the noise, when noise lifts it there.
Budget undershoot_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  constexpr double kLifted = 1;  // standard deviations of the noise
  constexpr double kLacks = 0.8;
  return aberration_u(samples_after(phase.rise, kLifted, phase, p, f), phase, p, f, kLacks);
}

Budget before_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const double rows = 3 * (std::isfinite(phase.rise) ? phase.rise : 0) / f.step;
  const bool first = &phase == &p.first;
  return aberration_u(std::max(4.0, first ? std::min(rows, kBefore) : rows), phase, p, f);
}

Budget droop_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const double n = std::max(1.0, static_cast<double>(phase.plateau));
  const double percent = 100 / std::fabs(phase.amplitude);
  return noise(percent * noise_of(p, f) * std::sqrt(12 / n), p)
      .add(Source::kQuantisation, percent * stuck_of(p, f));
}

// An exponential enters the band around its state with 2 % of its amplitude per time constant, of
// which it takes ln 25 to come there from 50 %.
Budget settling_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const double part = noise_of(p, f) / (0.02 * std::fabs(phase.amplitude) * std::log(25));
  return noise(0.9 * std::min(1.0, part) * phase.settling, p).add(onset_parts(p));
}

double imbalance(const Pulse& p) {
  return p.first.charge == 0 ? std::numeric_limits<double>::quiet_NaN()
                             : 100.0 * p.net_charge / std::fabs(p.first.charge);
}

// Unlike the amplitudes, the baseline as a current holds the channel's offset.
Budget baseline_parts(const Pulse& p, const ChannelFacts& f) {
  const bool known = p.baseline_samples > 0;  // else the offset is in it already
  return baseline_u(p, f)
      .add(Source::kOffset, known ? f.offset_i_u : 0)
      .add(Source::kGain, f.gain_i_u * p.baseline)
      .add(Source::kQuantisation, stuck_of(p, f));
}

// The net charge but for the baseline that it counts from.
Budget charge_alone(const Pulse& p, const ChannelFacts& f) {
  const double width = p.first.width + p.second.width;
  const double stuck =
      stuck_of(p, f) * std::hypot(std::hypot(p.first.width, p.second.width), width);
  const double levels = std::hypot(p.first.amplitude, p.second.amplitude);
  return noise(f.step * noise_of(p, f) * std::sqrt(p.samples), p)
      .add(Source::kSampling, std::sqrt(2.0) * p.edge_common_u * levels)
      .add(Source::kQuantisation, stuck);
}

Budget exact(const Pulse& /*p*/, const ChannelFacts& /*f*/) { return {}; }

constexpr std::array kPulseQuantities{
    PulseQuantity{"pulse.phases", [](const Pulse& p) { return static_cast<double>(p.phases); },
                  exact},
    PulseQuantity{"phase1.width", [](const Pulse& p) { return p.first.width; },
                  [](const Pulse& p, const ChannelFacts& f) { return width_u(p.first, p, f); }},
    PulseQuantity{"phase2.width", [](const Pulse& p) { return p.second.width; },
                  [](const Pulse& p, const ChannelFacts& f) { return width_u(p.second, p, f); }},
    PulseQuantity{"width.difference", [](const Pulse& p) { return p.first.width - p.second.width; },
                  difference_u},
    PulseQuantity{"gap", [](const Pulse& p) { return p.gap; }, gap_u},
    PulseQuantity{"phase1.amplitude", [](const Pulse& p) { return p.first.amplitude; },
                  [](const Pulse& p, const ChannelFacts& f) { return amplitude_u(p.first, p, f); }},
    PulseQuantity{
        "phase2.amplitude", [](const Pulse& p) { return -p.second.amplitude; },
        [](const Pulse& p, const ChannelFacts& f) { return amplitude_u(p.second, p, f); }},
    PulseQuantity{"baseline", [](const Pulse& p) { return p.baseline; }, baseline_parts},
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
                    return charge == 0 ? Budget() : net_charge_parts(p, f).times(100.0 / charge);
                  }},
    PulseQuantity{"energy", [](const Pulse& p) { return p.energy; }, energy_u},
    PulseQuantity{"phase1.mode", [](const Pulse& p) { return p.first.mode; },
                  [](const Pulse& p, const ChannelFacts& f) { return mode_u(p.first, p, f); }},
    PulseQuantity{"phase1.peak", [](const Pulse& p) { return p.first.peak; },
                  [](const Pulse& p, const ChannelFacts& f) { return peak_u(p.first, p, f); }},
    PulseQuantity{"phase1.first_transition", [](const Pulse& p) { return p.first.rise; },
                  [](const Pulse& p, const ChannelFacts& f) {
                    return transition_u(p.first.rise, p.first, p, f);
                  }},
    PulseQuantity{"phase1.second_transition", [](const Pulse& p) { return p.first.fall; },
                  [](const Pulse& p, const ChannelFacts& f) {
                    return transition_u(p.first.fall, p.first, p, f);
                  }},
    PulseQuantity{
        "phase1.overshoot", [](const Pulse& p) { return 100 * p.first.overshoot; },
        [](const Pulse& p, const ChannelFacts& f) { return after_u(p.first.rise, p.first, p, f); }},
    PulseQuantity{
        "phase1.undershoot", [](const Pulse& p) { return 100 * p.first.undershoot; },
        [](const Pulse& p, const ChannelFacts& f) { return undershoot_u(p.first, p, f); }},
    PulseQuantity{"phase1.preshoot", [](const Pulse& p) { return 100 * p.first.preshoot; },
                  [](const Pulse& p, const ChannelFacts& f) { return before_u(p.first, p, f); }},
    PulseQuantity{
        "phase1.aftershoot", [](const Pulse& p) { return 100 * p.first.aftershoot; },
        [](const Pulse& p, const ChannelFacts& f) { return after_u(p.first.fall, p.first, p, f); }},
    PulseQuantity{"phase1.droop", [](const Pulse& p) { return 100 * p.first.droop; },
                  [](const Pulse& p, const ChannelFacts& f) { return droop_u(p.first, p, f); }},
    PulseQuantity{"phase1.settling", [](const Pulse& p) { return p.first.settling; },
                  [](const Pulse& p, const ChannelFacts& f) { return settling_u(p.first, p, f); }},
    PulseQuantity{"phase2.mode", [](const Pulse& p) { return -p.second.mode; },
                  [](const Pulse& p, const ChannelFacts& f) { return mode_u(p.second, p, f); }},
    PulseQuantity{"phase2.peak", [](const Pulse& p) { return -p.second.peak; },
                  [](const Pulse& p, const ChannelFacts& f) { return peak_u(p.second, p, f); }},
    PulseQuantity{"phase2.first_transition", [](const Pulse& p) { return p.second.rise; },
                  [](const Pulse& p, const ChannelFacts& f) {
                    return transition_u(p.second.rise, p.second, p, f);
                  }},
    PulseQuantity{"phase2.second_transition", [](const Pulse& p) { return p.second.fall; },
                  [](const Pulse& p, const ChannelFacts& f) {
                    return transition_u(p.second.fall, p.second, p, f);
                  }},
    PulseQuantity{"phase2.overshoot", [](const Pulse& p) { return 100 * p.second.overshoot; },
                  [](const Pulse& p, const ChannelFacts& f) {
                    return after_u(p.second.rise, p.second, p, f);
                  }},
    PulseQuantity{
        "phase2.undershoot", [](const Pulse& p) { return 100 * p.second.undershoot; },
        [](const Pulse& p, const ChannelFacts& f) { return undershoot_u(p.second, p, f); }},
    PulseQuantity{"phase2.preshoot", [](const Pulse& p) { return 100 * p.second.preshoot; },
                  [](const Pulse& p, const ChannelFacts& f) { return before_u(p.second, p, f); }},
    PulseQuantity{"phase2.aftershoot", [](const Pulse& p) { return 100 * p.second.aftershoot; },
                  [](const Pulse& p, const ChannelFacts& f) {
                    return after_u(p.second.fall, p.second, p, f);
                  }},
    PulseQuantity{"phase2.droop", [](const Pulse& p) { return 100 * p.second.droop; },
                  [](const Pulse& p, const ChannelFacts& f) { return droop_u(p.second, p, f); }},
    PulseQuantity{"phase2.settling", [](const Pulse& p) { return p.second.settling; },
                  [](const Pulse& p, const ChannelFacts& f) { return settling_u(p.second, p, f); }},
    PulseQuantity{"pulse.duration", [](const Pulse& p) { return p.duration; }, duration_u},
};

}  // namespace

std::span<const PulseQuantity> pulse_quantities() { return kPulseQuantities; }

Budget onset_parts(const Pulse& p) {
  return noise(p.first.edge_noise, p).add(Source::kSampling, p.edge_common_u);
}

Budget net_charge_parts(const Pulse& p, const ChannelFacts& f) {
  return charge_alone(p, f).add(baseline_u(p, f).times(f.step * p.samples));
}

// The channel's offset is in every sample. The baseline's noise is in what the period has beside
// the pulse: the pulse's charge counts from the baseline, and cancels it.
Budget mean_current_parts(const Pulse& p, const ChannelFacts& f, double period) {
  const double pulse = f.step * p.samples / period;
  const Budget baseline = baseline_parts(p, f);
  return charge_alone(p, f)
      .times(1 / period)
      .add(baseline.without(Source::kNoise))
      .add(noise((1 - pulse) * baseline[Source::kNoise], p));
}

}  // namespace rig
