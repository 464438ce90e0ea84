// Quantities that every pulse has by itself, and what each is uncertain by.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "rig/measure/evaluate.h"

namespace rig {
namespace {

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

// The largest of n noisy samples lies about so many standard deviations too far out.
double largest_of(double n) { return std::sqrt(2 * std::log(std::max(2.0, n))); }

double mode_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const double bin = f.code_i / std::sqrt(12.0);
  const double random = f.common_only ? 0 : 0.6 * p.noise;
  return std::hypot(f.gain_i_u * phase.mode, std::hypot(bin, std::hypot(random, baseline_u(p, f))));
}

double peak_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const double random = noise_of(p, f) * largest_of(phase.plateau);
  return std::hypot(f.gain_i_u * phase.peak, std::hypot(f.code_i, random));
}

// Crossings at 10 % and 90 %, where an exponential edge is as steep as 2 and 0.2 of its amplitude
// per transition duration; an edge between two samples is known to a sample period.
double transition_u(double duration, const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const double slope = 0.22 * std::fabs(phase.amplitude) / std::max(duration, 0.5 * f.step);
  const double random = noise_of(p, f) / slope;
  return std::hypot(f.step / std::sqrt(6.0), random);
}

// In percent of the amplitude, looked for among the samples of three transition durations.
double aberration_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const double samples = 4 + 3 * (std::isfinite(phase.rise) ? phase.rise : 0) / f.step;
  const double random = std::hypot(noise_of(p, f), f.code_i) * largest_of(samples);
  return 100 * random / std::fabs(phase.amplitude);
}

double droop_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  const double n = std::max(1.0, static_cast<double>(phase.plateau));
  const double random = noise_of(p, f) * std::sqrt(12 / n);
  return 100 * std::hypot(random, stuck_of(p, f)) / std::fabs(phase.amplitude);
}

double settling_u(const Phase& phase, const Pulse& p, const ChannelFacts& f) {
  // Near the band an exponential comes so slowly that noise moves its entry by a good part.
  const double noise = noise_of(p, f) / (0.02 * std::fabs(phase.amplitude));
  return std::hypot(f.step, std::min(1.0, noise) * phase.settling);
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
        [](const Pulse& p, const ChannelFacts& f) { return aberration_u(p.first, p, f); }},
    PulseQuantity{
        "phase1.undershoot", [](const Pulse& p) { return 100 * p.first.undershoot; },
        [](const Pulse& p, const ChannelFacts& f) { return aberration_u(p.first, p, f); }},
    PulseQuantity{
        "phase1.preshoot", [](const Pulse& p) { return 100 * p.first.preshoot; },
        [](const Pulse& p, const ChannelFacts& f) { return aberration_u(p.first, p, f); }},
    PulseQuantity{
        "phase1.aftershoot", [](const Pulse& p) { return 100 * p.first.aftershoot; },
        [](const Pulse& p, const ChannelFacts& f) { return aberration_u(p.first, p, f); }},
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
    PulseQuantity{
        "phase2.overshoot", [](const Pulse& p) { return 100 * p.second.overshoot; },
        [](const Pulse& p, const ChannelFacts& f) { return aberration_u(p.second, p, f); }},
    PulseQuantity{
        "phase2.undershoot", [](const Pulse& p) { return 100 * p.second.undershoot; },
        [](const Pulse& p, const ChannelFacts& f) { return aberration_u(p.second, p, f); }},
    PulseQuantity{
        "phase2.preshoot", [](const Pulse& p) { return 100 * p.second.preshoot; },
        [](const Pulse& p, const ChannelFacts& f) { return aberration_u(p.second, p, f); }},
    PulseQuantity{
        "phase2.aftershoot", [](const Pulse& p) { return 100 * p.second.aftershoot; },
        [](const Pulse& p, const ChannelFacts& f) { return aberration_u(p.second, p, f); }},
    PulseQuantity{"phase2.droop", [](const Pulse& p) { return 100 * p.second.droop; },
                  [](const Pulse& p, const ChannelFacts& f) { return droop_u(p.second, p, f); }},
    PulseQuantity{"phase2.settling", [](const Pulse& p) { return p.second.settling; },
                  [](const Pulse& p, const ChannelFacts& f) { return settling_u(p.second, p, f); }},
    PulseQuantity{"pulse.duration", [](const Pulse& p) { return p.duration; },
                  [](const Pulse& p, const ChannelFacts& f) { return width_u(p.duration, p, f); }},
};

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

}  // namespace rig
