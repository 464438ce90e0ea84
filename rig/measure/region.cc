#include "rig/measure/region.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "rig/measure/phase_meter.h"
#include "rig/measure/ringing.h"
#include "rig/measure/scan.h"

namespace rig {
namespace {

template <typename Code>
double sum_above(std::span<const Code> codes, std::size_t from, std::size_t to, double baseline) {
  if (to <= from) return 0;
  return static_cast<double>(tally_levels(codes.subspan(from, to - from)).sum) -
         baseline * static_cast<double>(to - from);
}

// Peaks, energy and charge over the whole region.
template <typename Code>
void integrate(const Region<Code>& r, Pulse& pulse) {
  const Channel& ic = *r.current;
  const Tally<Code> t = tally(r.current_codes);
  const auto n = static_cast<double>(t.count);
  const auto sum = static_cast<double>(t.sum);
  pulse.clipped =
      static_cast<double>(t.low) <= ic.clip_low || static_cast<double>(t.high) >= ic.clip_high;
  pulse.current_peak =
      std::fabs(ic.scale) * std::max(std::fabs(static_cast<double>(t.high) - r.baseline),
                                     std::fabs(static_cast<double>(t.low) - r.baseline));
  double square =
      static_cast<double>(t.square) - 2 * r.baseline * sum + n * r.baseline * r.baseline;
  // The noise's own power is taken off: it would count as output over long regions.
  square -= n * r.noise * r.noise;
  pulse.square = std::max(0.0, square) * ic.scale * ic.scale * r.step;
  pulse.net_charge = (sum - n * r.baseline) * ic.scale * r.step;
  if (r.voltage == nullptr) return;
  const Channel& vc = *r.voltage;
  const auto volts = static_cast<double>(tally_levels(r.voltage_codes).sum);
  const double products = sum_of_products(r.current_codes, r.voltage_codes);
  pulse.energy = (vc.scale * (products - r.baseline * volts) + vc.offset * (sum - n * r.baseline)) *
                 ic.scale * r.step;
}

// The charge of `run`, not beyond [begin, end): its edges, but not the quiet after them, whose
// noise would outweigh a weak pulse.
template <typename Code>
void integrate_phase(const Region<Code>& r, const Run& run, std::size_t begin, std::size_t end,
                     Phase& phase) {
  const std::size_t margin = std::max(r.lead, (run.last - run.first) / 4);
  const std::size_t from = std::max(begin, run.first - std::min(margin, run.first));
  const std::size_t to = std::min(end, run.last + 1 + margin);
  phase.charge = sum_above(r.current_codes, from, to, r.baseline) * r.current->scale * r.step;
  phase.samples = static_cast<std::uint32_t>(to - std::min(from, to));
}

// Standard uncertainty, in rows, of where a straight line between two samples places a crossing.
// An edge that is not resolved lies anywhere between them. A resolved exponential one of time
// constant tau is off by f (1 - f) / (2 tau), f being where between them it crosses: always to the
// same side, so that a duration shows only how that scatters, by 0.0373 / tau; where it crosses
// 50 %, it is as steep as if it extended over 2 tau.
double between_samples_u(double rows_of_edge) {
  constexpr double kResolved = 4;
  return rows_of_edge < kResolved ? 0.5 / std::sqrt(3.0) : 2 * 0.0373 / rows_of_edge;
}

template <typename Code>
void measure_phases(const Region<Code>& r, Pulse& pulse) {
  const std::span codes = r.current_codes;
  std::vector<Run> runs = runs_of_one_sign(codes, r.baseline, r.threshold);
  leave_out_ringing(runs, [&](const Run& run) { return peak_of(run, codes, r.baseline); });
  pulse.phases = static_cast<int>(runs.size());
  // Where a phase's neighbourhood ends: halfway to the next one.
  const auto border = [&runs, &codes](std::size_t k) {
    if (k == 0) return std::size_t{0};
    return k >= runs.size() ? codes.size() : (runs[k - 1].last + runs[k].first + 1) / 2;
  };
  // Noise through the slope: a point between two samples has 2/3 of their variance on average.
  constexpr double kBetween = 0.816;
  double worst_edge = 0;
  double fewest_rows = std::numeric_limits<double>::infinity();  // that any edge extends over
  double gap_begin = 0;
  double first_row = 0;
  double last_row = 0;
  for (std::size_t k = 0; k < runs.size(); ++k) {
    if (k >= 2 && k + 1 < runs.size()) continue;
    const PhaseMeter<Code> meter(r, runs[k], border(k), border(k + 1));
    if (k == 0) first_row = meter.up().row;
    last_row = meter.down().row;
    if (k >= 2) break;
    Phase& phase = k == 0 ? pulse.first : pulse.second;
    phase = meter.phase();
    if (r.edges != nullptr) {
      (*r.edges)[2 * k] = meter.leading_window();
      (*r.edges)[2 * k + 1] = meter.trailing_window();
    }
    integrate_phase(r, runs[k], border(k), border(k + 1), phase);
    if (k == 0) gap_begin = meter.down().row;
    if (k == 1) pulse.gap = (meter.up().row - gap_begin) * r.step;
    double square = 0;
    for (const double slope : {meter.up().slope, meter.down().slope}) {
      if (slope <= 0) continue;
      const double noise = std::min(kBetween * std::max(r.noise, 0.29) / slope, 1.0);
      square += 0.5 * noise * noise;
      worst_edge = std::max(worst_edge, noise);
      fewest_rows = std::min(fewest_rows, std::fabs(phase.amplitude / r.current->scale) / slope);
    }
    phase.edge_noise = r.step * std::sqrt(square);
  }
  pulse.duration = (last_row - first_row) * r.step;
  pulse.edge_common_u = r.step * between_samples_u(fewest_rows);
  pulse.edge_u = std::hypot(r.step * worst_edge, pulse.edge_common_u);
}

}  // namespace

template <typename Code>
Pulse measure_region(const Region<Code>& r) {
  constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
  Pulse pulse{.energy = kNothing, .voltage_peak = kNothing};
  pulse.samples =
      static_cast<std::uint32_t>(std::max(r.current_codes.size(), r.voltage_codes.size()));
  if (r.voltage != nullptr) {
    const Tally<Code> t = tally_levels(r.voltage_codes);
    const auto low = static_cast<double>(t.low);
    const auto high = static_cast<double>(t.high);
    pulse.voltage_peak =
        std::max(std::fabs(r.voltage->value_of(low)), std::fabs(r.voltage->value_of(high)));
    if (r.voltage_baseline) pulse.voltage_baseline = r.voltage->value_of(*r.voltage_baseline);
    pulse.voltage_noise = std::fabs(r.voltage->scale) * r.voltage_noise;
    pulse.voltage_clipped = low <= r.voltage->clip_low || high >= r.voltage->clip_high;
  }
  if (r.current == nullptr) return pulse;
  pulse.baseline = r.current->value_of(r.baseline);
  pulse.noise = std::fabs(r.current->scale) * r.noise;
  integrate(r, pulse);
  measure_phases(r, pulse);
  return pulse;
}

template Pulse measure_region(const Region<std::int16_t>& region);
template Pulse measure_region(const Region<float>& region);

}  // namespace rig
