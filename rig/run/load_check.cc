#include "rig/run/load_check.h"

#include <algorithm>
#include <cmath>

#include "rig/core/verdict.h"
#include "rig/measure/evaluate.h"

namespace rig {
namespace {

constexpr double kUncertainties = 4;
constexpr double kBandwidths = 0.02;
constexpr double kStrong = 5;        // times what a pulse might be off by: half the load shows
constexpr double kRoundingU = 0.29;  // of a code, standard: GUM F.2.2.1

struct SeenLoad {
  double ohms = 0;
  double strongest = 0;  // A, the peak of the strongest pulse
};

std::optional<SeenLoad> look_at(const ObservedCapture& capture) {
  const Contact& contact = capture.contact();
  const ChannelFacts facts = facts_of(capture.info());
  if (!(contact.load > 0) || !facts.has_current || !facts.has_voltage) return {};
  if (capture.totals().losses > 0) return {};
  const double least_current = kStrong * std::max(facts.offset_i_u, facts.code_i);
  const double least_voltage = kStrong * std::max(facts.offset_v_u, facts.code_v);
  double energy = 0;
  double square = 0;
  SeenLoad seen;
  capture.pulses().visit([&](const Pulse& pulse) {
    if (pulse.cut || pulse.clipped || pulse.voltage_clipped) return;
    if (pulse.current_peak < least_current) return;
    if (pulse.current_peak * contact.load < least_voltage) return;
    energy += pulse.energy;
    square += pulse.square;
    seen.strongest = std::max(seen.strongest, pulse.current_peak);
  });
  if (!(square > 0)) return {};
  seen.ohms = energy / square;
  return seen;
}

}  // namespace

std::optional<double> seen_load(const ObservedCapture& capture) {
  const auto seen = look_at(capture);
  return seen ? std::optional(seen->ohms) : std::nullopt;
}

std::string load_contradiction(const ObservedCapture& capture) {
  const auto seen = look_at(capture);
  if (!seen) return {};
  const Contact& contact = capture.contact();
  const ChannelFacts facts = facts_of(capture.info());
  const double scales = std::hypot(facts.gain_i_u, facts.gain_v_u, contact.load_u);
  const double offset_i = std::hypot(facts.offset_i_u, kRoundingU * facts.code_i);
  const double offset_v = std::hypot(facts.offset_v_u, kRoundingU * facts.code_v);
  const double offsets = std::hypot(offset_i, offset_v / contact.load) / seen->strongest;
  const double allowed = kBandwidths + kUncertainties * std::hypot(scales, offsets);
  if (std::fabs(seen->ohms / contact.load - 1) <= allowed) return {};
  return "voltage and current are those of a load of " + in_words(seen->ohms, "ohm") +
         ", the bench says " + in_words(contact.load, "ohm") +
         ": the load, a probe's factor or a scale is wrong";
}

}  // namespace rig
