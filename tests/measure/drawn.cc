#include "tests/measure/drawn.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace rig::testing {
namespace {

constexpr Picos kArmed = std::chrono::milliseconds(1500);  // nothing may depend on it being zero

// The response of a one-pole low pass to the phase, t after its begin.
double response(const DrawnPhase& phase, double tau, double t) {
  if (t < 0) return 0;
  const auto during = [&](double s) {
    if (tau == 0) return phase.level * std::exp(-phase.droop * s);
    return phase.level / (1 - phase.droop * tau) *
           (std::exp(-phase.droop * s) - std::exp(-s / tau));
  };
  if (t < phase.width) return during(t);
  return tau == 0 ? 0 : during(phase.width) * std::exp(-(t - phase.width) / tau);
}

void add_phases(std::vector<double>& samples, const std::vector<DrawnPhase>& phases, double factor,
                double tau, double step) {
  for (const DrawnPhase& phase : phases) {
    const double last = std::ceil((phase.begin + phase.width + 40 * tau) / step) + 1;
    const auto end =
        static_cast<std::size_t>(std::clamp(last, 0.0, static_cast<double>(samples.size())));
    auto n = static_cast<std::size_t>(std::max(0.0, std::floor(phase.begin / step)));
    for (; n < end; ++n) {
      // Half a femtosecond, so that a sample at the very edge is on its right side.
      const double t = static_cast<double>(n) * step - phase.begin + 5e-16;
      samples[n] += factor * response(phase, tau, t);
    }
  }
}

std::vector<std::int16_t> quantised(const std::vector<double>& samples, const Channel& channel,
                                    double gain, double noise, std::mt19937_64& draw) {
  std::normal_distribution<double> normal(0, noise > 0 ? noise : 1);
  std::vector<std::int16_t> codes;
  codes.reserve(samples.size());
  for (const double x : samples) {
    const double value = gain * x + (noise > 0 ? normal(draw) : 0);
    const double code =
        std::clamp((value - channel.offset) / channel.scale, static_cast<double>(channel.clip_low),
                   static_cast<double>(channel.clip_high));
    codes.push_back(static_cast<std::int16_t>(std::lrint(code)));
  }
  return codes;
}

Channel channel_of(const std::string& name, const std::string& unit, double range,
                   const Scope& scope) {
  const int half = 1 << (scope.bits - 1);
  return {.name = name,
          .unit = unit,
          .bits = scope.bits,
          .scale = range / half,
          .clip_low = static_cast<std::int16_t>(-half),
          .clip_high = static_cast<std::int16_t>(half - 1),
          .gain_u = scope.gain_u};
}

}  // namespace

double DrawnPhase::charge() const {
  return droop == 0 ? level * width : level * (1 - std::exp(-droop * width)) / droop;
}

Recording record(const Drawn& drawn, const Scope& scope, std::uint64_t seed) {
  std::mt19937_64 draw(seed);
  const double step = 1.0 / (scope.rate.hertz() * scope.clock);
  const auto count = static_cast<std::size_t>(std::llround(drawn.length / step));
  Recording recording;
  recording.info = {
      .name = "drawn", .rate = scope.rate, .rate_u = scope.rate_u, .armed_at = kArmed};
  if (scope.has_current) {
    std::vector<double> amps(count, drawn.baseline + scope.offset);
    add_phases(amps, drawn.current, 1, drawn.tau, step);
    recording.info.channels.push_back(channel_of("current", "A", scope.range, scope));
    recording.info.channels.back().offset_u = scope.offset_u;
    recording.codes.push_back(
        quantised(amps, recording.info.channels.back(), scope.gain, scope.noise, draw));
  }
  if (scope.has_voltage) {
    std::vector<double> volts(count, scope.volt_offset);
    add_phases(volts, drawn.current, drawn.ohms, drawn.tau, step);
    add_phases(volts, drawn.voltage, 1, drawn.tau, step);
    recording.info.channels.push_back(channel_of("voltage", "V", scope.volt_range, scope));
    recording.info.channels.back().offset_u = scope.volt_offset_u;
    recording.codes.push_back(quantised(volts, recording.info.channels.back(), scope.volt_gain,
                                        scope.noise * drawn.ohms, draw));
  }
  recording.stretches = {{.first = 0, .count = count}};
  return recording;
}

Recording segmented(Recording recording, const std::vector<double>& begins, double pre,
                    double length) {
  const double rate = recording.info.rate.hertz();
  recording.info.pre_trigger = from_seconds(pre);
  recording.info.segment_length = from_seconds(length);
  recording.stretches.clear();
  for (const double begin : begins) {
    recording.stretches.push_back(
        {.first = static_cast<std::uint64_t>(std::llround(begin * rate)),
         .count = static_cast<std::size_t>(std::llround(length * rate)),
         .segment = static_cast<std::uint32_t>(recording.stretches.size())});
  }
  return recording;
}

void feed(const Recording& recording, BlockSink& sink, std::size_t size, std::mt19937_64& draw) {
  for (const Stretch& stretch : recording.stretches) {
    std::size_t done = 0;
    while (done < stretch.count) {
      std::size_t next = size;
      if (size == 0) next = draw() % 4 == 0 ? 1 + draw() % 3 : 1 + draw() % 3000;
      const std::size_t count = std::min(next, stretch.count - done);
      Block block{.first_sample = stretch.first + done,
                  .segment = stretch.segment,
                  .lost_before = done == 0 && stretch.lost_before};
      for (const auto& codes : recording.codes) {
        block.codes.push_back(std::span(codes).subspan(block.first_sample, count));
      }
      sink.take(block);
      done += count;
    }
  }
}

Found find(const Recording& recording, const PulseCriteria& criteria) {
  Found found;
  PulseFinder finder(recording.info, criteria,
                     [&found](const Pulse& pulse) { found.pulses.push_back(pulse); });
  std::mt19937_64 unused(0);
  feed(recording, finder, 16384, unused);
  finder.finish();
  found.totals = finder.totals();
  return found;
}

Measuring::Measuring(Recording recording, const PulseCriteria& criteria)
    : recording_(std::move(recording)), criteria_(criteria), found_(find(recording_, criteria)) {
  if (!recording_.codes.empty()) {
    to_ = static_cast<double>(recording_.samples()) / recording_.info.rate.hertz();
  }
}

void Measuring::visit(const std::function<void(const Pulse&)>& each) const {
  for (const Pulse& pulse : found_.pulses) each(pulse);
}

Measured Measuring::take(std::string_view quantity, const Limit* limit,
                         std::optional<double> event) const {
  const std::optional<QuantityName> name = find_quantity(quantity);
  if (!name) throw std::logic_error("no quantity " + std::string(quantity));
  const auto instant = [](double s) { return kArmed + from_seconds(s); };
  Observation seen{.info = &recording_.info,
                   .totals = &found_.totals,
                   .pulses = this,
                   .from = instant(from_),
                   .to = instant(to_),
                   .quiet_current = criteria_.current_threshold,
                   .quiet_voltage = criteria_.voltage_threshold,
                   .electrode_area = area_,
                   .load = ohms_};
  if (event) seen.event = instant(*event);
  return measure(*name, seen, limit);
}

double Measuring::value(std::string_view quantity) const {
  const Measured measured = take(quantity);
  return measured.value ? measured.value->value : std::numeric_limits<double>::quiet_NaN();
}

void add_biphasic(Drawn& drawn, double begin, double amps, double width, double gap) {
  drawn.current.push_back({.begin = begin, .width = width, .level = amps});
  drawn.current.push_back({.begin = begin + width + gap, .width = width, .level = -amps});
}

Drawn train(std::size_t count, double period, double amps, double width, double gap, double first) {
  Drawn drawn{.length = first + static_cast<double>(count - 1) * period + 2 * width + gap + 5e-3};
  for (std::size_t k = 0; k < count; ++k) {
    add_biphasic(drawn, first + static_cast<double>(k) * period, amps, width, gap);
  }
  return drawn;
}

Limit at_most(double high, std::string_view unit) {
  return {.high = high, .unit = std::string(unit), .rule = DecisionRule::kSimple};
}

Limit at_least(double low, std::string_view unit) {
  return {.low = low, .unit = std::string(unit), .rule = DecisionRule::kSimple};
}

Limit between(double low, double high, std::string_view unit) {
  return {.low = low, .high = high, .unit = std::string(unit), .rule = DecisionRule::kSimple};
}

}  // namespace rig::testing
