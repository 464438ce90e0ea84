#include "rig/run/load_check.h"

#include <algorithm>
#include <cmath>

#include "rig/core/verdict.h"
#include "rig/measure/evaluate.h"

namespace rig {
namespace {

constexpr double kUncertainties = 4;
constexpr double kBandwidths = 0.02;
constexpr double kAboveNoise = 8;    // standard deviations that noise does not reach
constexpr double kRoundingU = 0.29;  // of a code, standard: GUM F.2.2.1

// Over all pulses, each channel counted from its own baseline.
struct Sums {
  double energy = 0;      // J
  double square = 0;      // A^2 s
  double net_charge = 0;  // C, magnitudes added up
  double charge = 0;      // C: of the current's magnitude, at most
  double edges = 0;       // A^2: of the phases' amplitudes
  double noise = 0;       // (V A s)^2: variance of energy - load * square
  double offset_v = 0;    // V A s: what the voltage's own offset may be of energy, where no quiet
                          // sample in front tells it
};

// V A s, standard: of the energy of the pulse and the load times its square, by noise. A baseline's
// deviation is known from the samples that it rests on.
double noise_u(const Pulse& p, const ChannelFacts& facts, double load) {
  const double known = p.baseline_samples == 0 ? 1 : p.baseline_samples;
  const double power =
      p.noise * p.noise * facts.step * std::sqrt(2.0 * p.samples * (1 + p.samples / known));
  const double crossed =
      std::hypot(p.voltage_noise, load * p.noise) * std::sqrt(p.square * facts.step);
  return std::hypot(
      crossed, load * power,
      p.voltage_noise * p.noise * facts.step * std::sqrt(static_cast<double>(p.samples)));
}

void add(Sums& sums, const Pulse& p, const ChannelFacts& facts, double load) {
  sums.energy += p.energy - p.voltage_baseline * p.net_charge;
  sums.square += p.square;
  sums.net_charge += std::fabs(p.net_charge);
  sums.charge += std::sqrt(p.square * to_seconds(p.active_end - p.active_begin));  // Schwarz
  sums.edges += p.first.amplitude * p.first.amplitude + p.second.amplitude * p.second.amplitude;
  sums.noise += std::pow(noise_u(p, facts, load), 2);
  if (p.baseline_samples == 0) sums.offset_v += facts.offset_v_u * std::fabs(p.net_charge);
}

// V, at least: of a voltage that stood for longer than bandwidths and glitches differ in. 0: of
// none.
double standing_voltage(const Pulse& p, const ChannelFacts& facts) {
  constexpr double kStands = 20e-6;  // s
  const double stood = to_seconds(p.active_end - p.active_begin);
  if (stood < std::max(kStands, 3 * facts.step)) return 0;
  const double offset = p.baseline_samples == 0 ? kUncertainties * facts.offset_v_u : 0;
  return p.voltage_peak * (1 - kUncertainties * facts.gain_v_u) - std::fabs(p.voltage_baseline) -
         facts.code_v - kAboveNoise * p.voltage_noise - offset;
}

// A voltage where no current was found. Empty: none that the current could not have hidden below.
std::string voltage_alone(const ObservedCapture& capture) {
  const Contact& contact = capture.contact();
  const ChannelFacts facts = facts_of(capture.info());
  if (!(contact.load > 0) || !facts.has_current || !facts.has_voltage) return {};
  const double ohms = contact.load * (1 + kBandwidths + kUncertainties * contact.load_u);
  double volts = 0;
  capture.pulses().visit([&](const Pulse& p) {
    if (p.phases > 0 || p.cut || p.clipped) return;
    const double amps = p.current_peak * (1 + kUncertainties * facts.gain_i_u) + facts.code_i +
                        kAboveNoise * p.noise;
    const double stands = standing_voltage(p, facts);
    if (stands > ohms * amps) volts = std::max(volts, stands);
  });
  if (volts == 0) return {};
  return "a voltage of " + in_words(volts, "V") + " at least and no current, where the bench's " +
         in_words(contact.load, "ohm") + " would take " + in_words(volts / contact.load, "A") +
         ": the wire of the channel current, its factor or the load is wrong";
}

}  // namespace

std::optional<SeenLoad> seen_load(const ObservedCapture& capture) {
  const Contact& contact = capture.contact();
  const ChannelFacts facts = facts_of(capture.info());
  if (!(contact.load > 0) || !facts.has_current || !facts.has_voltage) return {};
  if (capture.totals().losses > 0) return {};
  Sums sums;
  capture.pulses().visit([&](const Pulse& pulse) {
    if (pulse.cut || pulse.clipped || pulse.voltage_clipped || pulse.phases == 0) return;
    add(sums, pulse, facts, contact.load);
  });
  if (!(sums.square > 0)) return {};
  const double larger = std::max(std::fabs(sums.energy), contact.load * sums.square);
  const double scales = std::hypot(facts.gain_i_u, facts.gain_v_u, contact.load_u) * larger;
  const double code = kRoundingU * std::hypot(facts.code_v, contact.load * facts.code_i);
  const double rounding = code * std::hypot(sums.charge, sums.net_charge);
  const double u = std::hypot(std::hypot(scales, rounding), std::sqrt(sums.noise), sums.offset_v);
  // The product of two channels loses the time between their samples at each edge of a phase.
  const double skewed = 2 * contact.load * capture.info().skew * sums.edges;
  return SeenLoad{.ohms = sums.energy / sums.square,
                  .off_by = (kUncertainties * u + kBandwidths * larger + skewed) / sums.square};
}

std::string load_contradiction(const ObservedCapture& capture) {
  if (std::string why = voltage_alone(capture); !why.empty()) return why;
  const auto seen = seen_load(capture);
  if (!seen) return {};
  const double load = capture.contact().load;
  if (std::fabs(seen->ohms - load) <= seen->off_by) return {};
  return "voltage and current are those of a load of " + in_words(seen->ohms, "ohm") +
         ", the bench says " + in_words(load, "ohm") +
         ": the load, a probe's factor or a scale is wrong";
}

}  // namespace rig
