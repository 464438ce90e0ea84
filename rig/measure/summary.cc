#include "rig/measure/summary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "rig/measure/evaluate.h"
#include "rig/measure/integrity.h"
#include "rig/measure/logic.h"
#include "rig/measure/motion_quantities.h"
#include "rig/measure/sine_quantities.h"

namespace rig {
namespace {

const QuantityInfo* info_of(std::string_view name) { return find_quantity(name)->info; }

// Only what lies whole between the ends of the samples.
class WholePulses final : public PulseSource {
 public:
  explicit WholePulses(const PulseSource& all) : all_(all) {}
  void visit(const std::function<void(const Pulse&)>& each) const override {
    all_.visit([&each](const Pulse& pulse) {
      if (!pulse.cut) each(pulse);
    });
  }

 private:
  const PulseSource& all_;
};

struct Column {
  std::size_t n = 0;
  double mean = 0;
  double m2 = 0;
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -std::numeric_limits<double>::infinity();
  Budget common;  // the largest
  double largest_u = 0;
  Foundation foundation;
  Doubted doubted;

  void add(double x, const Budget& u) {
    ++n;
    const double delta = x - mean;
    mean += delta / static_cast<double>(n);
    m2 += delta * (x - mean);
    lowest = std::min(lowest, x);
    highest = std::max(highest, x);
    if (const Budget rest = u.without(Source::kNoise); rest.u() >= common.u()) common = rest;
    largest_u = std::max(largest_u, u.u());
  }
};

QuantitySummary summary_of(const QuantityInfo* info, const Column& c, double alike,
                           const CaptureInfo& capture) {
  const auto n = static_cast<double>(c.n);
  const double sd = c.n > 1 ? std::sqrt(c.m2 / (n - 1)) : 0;
  // Few pulses do not show their scatter.
  const double u = c.n < kFewestForScatter
                       ? c.largest_u
                       : std::hypot(c.common.in_places(alike).u(), sd / std::sqrt(n));
  return {.info = info,
          .name = std::string(info->name),
          .n = c.n,
          .mean = c.mean,
          .sd = sd,
          .lowest = c.lowest,
          .highest = c.highest,
          .u = u,
          .doubt = c.doubted.any() ? c.doubted.in_words(capture) : ""};
}

// Of what differs from pulse to pulse the mean, not the value that would decide a verdict.
void add(QuantityName what, const std::string& name, const Observation& seen, Summary& summary) {
  const bool varies = what.info->per_pulse;
  what.statistic = varies ? Statistic::kMean : Statistic::kEvery;
  const Measured m = measure(what, seen, nullptr);
  if (!m.value) {
    summary.not_measured.push_back({what.info, m.why_not, name});
    return;
  }
  what.statistic = Statistic::kSd;
  const double sd = varies && m.value->count > 1 ? measure(what, seen, nullptr).value->value : 0;
  summary.measured.push_back({.info = what.info,
                              .name = name,
                              .n = m.value->count,
                              .mean = m.value->value,
                              .sd = sd,
                              .lowest = m.value->lowest,
                              .highest = m.value->highest,
                              .u = m.value->u,
                              .doubt = m.doubt});
}

bool needs_event(const QuantityInfo& info) { return info.name.starts_with("output."); }

bool needs_other_channels(const QuantityInfo& info) {
  return is_of_a_sine(info.name) || is_of_a_motion(info.name) || is_between_channels(info);
}

}  // namespace

std::vector<const QuantityInfo*> quantities_of_a_pulse() {
  std::vector<const QuantityInfo*> infos;
  for (const PulseQuantity& row : pulse_quantities()) infos.push_back(info_of(row.name));
  return infos;
}

std::vector<double> values_of(const Pulse& pulse) {
  std::vector<double> values;
  values.reserve(pulse_quantities().size());
  for (const PulseQuantity& row : pulse_quantities()) values.push_back(row.value(pulse));
  return values;
}

Summary summarise(const Observation& seen) {
  const auto rows = pulse_quantities();
  const ChannelFacts facts = facts_of(*seen.info);
  std::vector<Column> columns;
  for (const PulseQuantity& row : rows) columns.push_back({.foundation = Foundation(row.name)});
  Summary summary;
  Places places(*seen.info);
  seen.pulses->visit([&](const Pulse& pulse) {
    if (pulse.cut) {
      ++summary.cut;
      return;
    }
    ++summary.pulses;
    places.add(pulse.onset());
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const double x = rows[k].value(pulse);
      const bool second = rows[k].name.starts_with("phase2.") || rows[k].name == "gap" ||
                          rows[k].name == "width.difference";
      if (!std::isfinite(x) || (second && pulse.phases < 2)) continue;
      if (const auto doubt = columns[k].foundation.doubt(pulse, facts.step)) {
        columns[k].doubted.add(*doubt, pulse);
      }
      columns[k].add(x, rows[k].u(pulse, facts));
    }
  });
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const QuantityInfo* info = info_of(rows[k].name);
    if (columns[k].n > 0) {
      summary.measured.push_back(summary_of(info, columns[k], places.alike(), *seen.info));
    } else {
      summary.not_measured.push_back({info, "no whole pulse has it"});
    }
  }
  const WholePulses whole(*seen.pulses);
  Observation of_whole = seen;
  of_whole.pulses = &whole;
  for (const QuantityInfo& info : quantities()) {
    const bool of_a_pulse = std::ranges::find(rows, info.name, &PulseQuantity::name) != rows.end();
    if (of_a_pulse || needs_event(info) || needs_other_channels(info)) continue;
    add(QuantityName{.info = &info}, std::string(info.name), of_whole, summary);
  }
  return summary;
}

void summarise_between(const std::string& one, const std::string& other, const Observation& seen,
                       Summary& summary) {
  const std::array<std::string, 4> names{
      "latency." + one + ".to." + other, "latency." + other + ".to." + one,
      "overlap." + one + ".with." + other, "overlaps." + one + ".with." + other};
  for (const std::string& name : names) {
    const std::optional<QuantityName> what = find_quantity(name);
    if (what) add(*what, name, seen, summary);
  }
}

}  // namespace rig
