// Quantities that belong to one pulse, and their statistics over a window.
#include "rig/measure/evaluate.h"

#include "rig/measure/integrity.h"
#include "rig/measure/logic.h"
#include "rig/measure/motion_quantities.h"
#include "rig/measure/sine_quantities.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace rig {
namespace {

struct Accumulated {
  std::size_t count = 0;
  double mean = 0;
  double m2 = 0;  // Welford
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -std::numeric_limits<double>::infinity();
  Doubted at_least;
  Doubted at_most;
  bool cut_beyond = false;
  std::size_t cut = 0;
  std::size_t not_measurable = 0;

  // The value that decides, and its pulse.
  double value = 0;
  Budget u;
  Places places;
  Budget largest_common;  // of any pulse: what averaging does not reduce
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
  Accumulated sum{.places = Places(*seen.info)};
  const Foundation foundation(row.name);
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
    if (const auto doubt = foundation.doubt(pulse, facts.step)) {
      (is_at_most(row.name, *doubt) ? sum.at_most : sum.at_least).add(*doubt, pulse);
    }
    const Budget u = row.u(pulse, facts);
    if (decides(what.statistic, sum, x, limit)) {
      sum.value = x;
      sum.u = u;
      sum.at = pulse.onset();
      sum.least_margin = std::min(sum.least_margin, margin_to(limit, x));
    }
    if (const Budget common = u.without(Source::kNoise); common.u() >= sum.largest_common.u()) {
      sum.largest_common = common;
    }
    sum.places.add(pulse.onset());
    sum.add(x);
  });
  return sum;
}

Measured measure_pulses(const PulseQuantity& row, const QuantityName& what, const Observation& seen,
                        const ChannelFacts& facts, const Limit* limit) {
  const Accumulated sum = accumulate(row, what, seen, facts, limit);
  if (sum.not_measurable > 0) {
    return {.why_not = std::to_string(sum.not_measurable) +
                       " pulses do not have it: " + std::string(what.info->needs)};
  }
  if (sum.count == 0) {
    return {.why_not = sum.cut > 0 ? "the only pulses are cut by the ends of the capture"
                                   : "no pulse in the window",
            .device_silent = sum.cut == 0};
  }
  Measurement m{.name = std::string(what.info->name),
                .value = sum.value,
                .unit = std::string(what.info->unit),
                .statistic = std::string(statistic_name(what.statistic)),
                .count = sum.count,
                .lowest = sum.lowest,
                .highest = sum.highest,
                .at = sum.at};
  const auto n = static_cast<double>(sum.count);
  Budget u = sum.u;
  if (what.statistic == Statistic::kMean) {
    m.value = sum.mean;
    // Type A for the noise, on top of what is common to all pulses; too few do not show it.
    u = sum.count < kFewestForScatter ? sum.u : sum.largest_common.in_places(sum.places.alike());
    u.add(Source::kScatter, sum.sd() / std::sqrt(n), n - 1);
  }
  if (what.statistic == Statistic::kSd) {
    if (sum.count < 2) return {.why_not = "one pulse has no scatter"};
    m.value = sum.sd();
    u = Budget().add(Source::kScatter, sum.sd() / std::sqrt(2.0 * (n - 1)), n - 1);  // GUM E.4.3
  }
  give(m, u);
  if (what.statistic != Statistic::kEvery) m.name += "." + m.statistic;
  const Doubted& doubted = sum.at_least.any() ? sum.at_least : sum.at_most;
  return {.value = m,
          .lower_bound = sum.at_least.any() || sum.cut_beyond,
          .upper_bound = sum.at_most.any(),
          .doubt = doubted.any() ? doubted.in_words(*seen.info) : ""};
}

// What is no quantity of the current; the rest is.
constexpr std::array<std::string_view, 19> kWithoutCurrent{"pulse.count",
                                                           "pulse.missing",
                                                           "pulse.extra",
                                                           "period",
                                                           "period.jitter",
                                                           "period.jitter_peak",
                                                           "period.jitter_p999",
                                                           "period.cycle_to_cycle",
                                                           "period.drift",
                                                           "tie.peak",
                                                           "rate",
                                                           "voltage.peak",
                                                           "output.off_latency",
                                                           "burst.count",
                                                           "burst.pulses",
                                                           "burst.on_time",
                                                           "burst.off_time",
                                                           "output.pulses_after",
                                                           "train.duration"};
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

// A sine of more than half the sample rate shows as a slower one, with nothing in the samples to
// tell. Stimulators vibrate at 20 Hz to 60 Hz; their first harmonics count
// too.
constexpr double kFastest = 100;     // Hz
constexpr double kLeastSamples = 4;  // a cycle

std::string too_slow_for_motion(const SampleRate& rate) {
  if (rate.hertz() >= kLeastSamples * kFastest) return "";
  return "undersampled, at " + in_words(rate.hertz(), "Hz") + ": a motion of up to " +
         in_words(kFastest, "Hz") + " needs " + in_words(kLeastSamples * kFastest, "Hz") +
         ", or may show as another one";
}

}  // namespace

ChannelFacts facts_of(const CaptureInfo& info) {
  ChannelFacts facts{.step = 1.0 / info.rate.hertz(), .rate_u = info.rate_u};
  for (const Channel& channel : info.channels) {
    if (channel.name == "current") {
      facts.has_current = true;
      facts.gain_i_u = channel.gain_u;
      facts.offset_i_u = channel.offset_u;
      facts.code_i = channel.step();
      facts.transition = channel.bandwidth_hz > 0 ? 0.35 / channel.bandwidth_hz : 0;
    }
    if (channel.name == "voltage") {
      facts.has_voltage = true;
      facts.gain_v_u = channel.gain_u;
      facts.offset_v_u = channel.offset_u;
      facts.code_v = channel.step();
    }
  }
  return facts;
}

void Places::add(Picos onset) {
  double whole = 0;
  const double place = std::modf(to_seconds(onset - armed_) * rate_, &whole);
  const std::complex<double> turn = std::polar(1.0, 2 * std::numbers::pi * place);
  std::complex<double> power = turn;
  for (std::complex<double>& sum : sums_) {
    sum += power;
    power *= turn;
  }
  ++n_;
}

double Places::alike() const {
  if (n_ == 0) return 1;
  double sum = 0;
  double weights = 0;
  for (std::size_t k = 0; k < kHarmonics; ++k) {
    const double weight = 1 / std::pow(static_cast<double>(k) + 1, 2);
    weights += weight;
    sum += weight * std::norm(sums_[k] / n_);
  }
  constexpr double kByChance = 4;  // times 1 / n, which is what places drawn evenly show
  const double square = sum / weights;
  return square * n_ < kByChance ? 0 : std::sqrt(square);
}

double Places::left() const {
  return n_ == 0 ? 1 : std::min(1.0, std::hypot(alike(), 1 / std::sqrt(n_)));
}

void give(Measurement& m, const Budget& budget) {
  m.u = budget.u();
  m.dof = budget.dof();
  m.k = coverage_factor(m.dof);
  m.budget = budget.parts();
}

double margin_to(const Limit* limit, double value) {
  if (limit == nullptr || (!limit->low && !limit->high)) return -std::fabs(value);
  double margin = std::numeric_limits<double>::infinity();
  if (limit->low) margin = std::min(margin, value - *limit->low);
  if (limit->high) margin = std::min(margin, *limit->high - value);
  return margin;
}

Measured measure(const QuantityName& what, const Observation& seen, const Limit* limit) {
  if (seen.totals->samples == 0) return {.why_not = "the capture has no samples"};
  if (is_of_a_sine(what.info->name) || is_of_a_motion(what.info->name)) {
    if (std::string why = too_slow_for_motion(seen.info->rate); !why.empty())
      return {.why_not = why};
  }
  if (is_of_a_sine(what.info->name)) {
    if (seen.totals->losses > 0) return {.why_not = missing_samples(*seen.totals)};
    return measure_sine(what, seen, limit);
  }
  if (is_of_a_motion(what.info->name)) {
    if (seen.totals->losses > 0) return {.why_not = missing_samples(*seen.totals)};
    return measure_motion(what, seen, limit);
  }
  if (is_between_channels(*what.info)) {
    if (seen.totals->losses > 0) return {.why_not = missing_samples(*seen.totals)};
    return measure_between(what, seen, limit);
  }
  const ChannelFacts facts = facts_of(*seen.info);
  if (const std::string_view channel = missing_channel(what.info->name, facts); !channel.empty()) {
    return {.why_not = std::string(what.info->name) + " needs channel " + std::string(channel)};
  }
  const auto row = std::ranges::find(pulse_quantities(), what.info->name, &PulseQuantity::name);
  if (row != pulse_quantities().end()) return measure_pulses(*row, what, seen, facts, limit);
  if (seen.totals->losses > 0) return {.why_not = missing_samples(*seen.totals)};
  return measure_train(what, seen, facts, limit);
}

}  // namespace rig
