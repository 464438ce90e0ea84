#include "rig/measure/plant_track.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "rig/measure/evaluate.h"
#include "rig/measure/integrity.h"

namespace rig {
namespace {

constexpr std::string_view kModel = "this rig; a model, no clinical claim";

QuantityInfo info(std::string_view name, std::string_view unit, std::string_view dimension,
                  std::string_view definition) {
  return {name, unit, dimension, false, false, definition, kModel, ""};
}

const std::array<PlantQuantity, 6>& rows() {
  static const std::array<PlantQuantity, 6> all_rows{{
      {info("plant.ejected", "mL/min", "flow",
            "Volume through the popliteal vein above its mean flow in the capture's first second, "
            "per minute."),
       "popliteal_flow"},
      {info("plant.flow", "mL/min", "flow", "Mean flow through the popliteal vein."),
       "popliteal_flow"},
      {info("plant.calf_volume", "mL", "volume", "Mean volume of the calf's veins."),
       "calf_volume"},
      {info("plant.calf_swing", "mL", "volume",
            "Largest volume of the calf's veins minus the smallest."),
       "calf_volume"},
      {info("plant.ankle_pressure", "mmHg", "pressure", "Mean pressure in the veins of the foot."),
       "ankle_pressure"},
      {info("plant.cardiac_output", "L/min", "flow", "Mean output of the left heart."),
       "cardiac_output"},
  }};
  return all_rows;
}

// All whole seconds; n counts those, and cut ones do not.
PlantTrack::Second pool(const std::vector<PlantTrack::Second>& seconds, double rate,
                        std::size_t& n) {
  PlantTrack::Second all;
  n = 0;
  for (const PlantTrack::Second& s : seconds) {
    if (static_cast<double>(s.samples) < 0.99 * rate) continue;
    all.lowest = n == 0 ? s.lowest : std::min(all.lowest, s.lowest);
    all.highest = n == 0 ? s.highest : std::max(all.highest, s.highest);
    all.sum += s.sum;
    all.excess += s.excess;
    all.samples += s.samples;
    ++n;
  }
  return all;
}

}  // namespace

PlantTrack::PlantTrack(const CaptureInfo& info) : info_(info) {
  for (std::size_t k = 0; k < info_.channels.size(); ++k) {
    const auto is_its = [&](const PlantQuantity& q) { return q.channel == info_.channels[k].name; };
    if (std::ranges::any_of(rows(), is_its)) {
      signals_.push_back({.channel = k, .seconds = {}});
    }
  }
}

void PlantTrack::take(const Block& block) {
  for (Signal& signal : signals_) {
    const Channel& channel = info_.channels[signal.channel];
    for (std::size_t k = 0; k < block.size(); ++k) {
      const auto second = static_cast<std::size_t>(info_.rate.time_of(block.first_sample + k) /
                                                   std::chrono::seconds(1));
      if (signal.seconds.size() <= second) signal.seconds.resize(second + 1);
      Second& s = signal.seconds[second];
      const double value = channel.value_of(block.codes[signal.channel][k]);
      const Second& first = signal.seconds.front();
      if (second > 0 && first.samples > 0) {
        s.excess += std::max(0.0, value - first.sum / static_cast<double>(first.samples));
      }
      s.lowest = s.samples == 0 ? value : std::min(s.lowest, value);
      s.highest = s.samples == 0 ? value : std::max(s.highest, value);
      s.sum += value;
      ++s.samples;
    }
  }
}

const std::vector<PlantTrack::Second>* PlantTrack::of(std::string_view channel) const {
  for (const Signal& signal : signals_) {
    if (info_.channels[signal.channel].name == channel) return &signal.seconds;
  }
  return nullptr;
}

std::span<const PlantQuantity> plant_quantities() { return rows(); }

const PlantQuantity* find_plant_quantity(std::string_view name) {
  for (const PlantQuantity& q : rows()) {
    if (q.info.name == name) return &q;
  }
  return nullptr;
}

Measured measure_plant(const PlantQuantity& what, const PlantTrack& track,
                       const CaptureTotals& totals) {
  const auto* seconds = track.of(what.channel);
  if (seconds == nullptr) {
    return {.why_not = std::string(what.info.name) + " needs channel " + std::string(what.channel)};
  }
  if (totals.losses > 0) return {.why_not = missing_samples(totals)};
  std::size_t whole = 0;
  const PlantTrack::Second all = pool(*seconds, track.info().rate.hertz(), whole);
  if (whole == 0) return {.why_not = "the capture has no whole second"};
  const bool swing = what.info.name == "plant.calf_swing";
  const bool excess = what.info.name == "plant.ejected";
  const double factor = what.info.unit == "mL/min" ? 60 : 1;  // the channel is in mL/s
  const double value = swing ? all.highest - all.lowest
                             : (excess ? all.excess : all.sum) / static_cast<double>(all.samples);
  Measurement m{.name = std::string(what.info.name),
                .value = factor * value,
                .unit = std::string(what.info.unit),
                .statistic = "window",
                .count = whole,
                .lowest = factor * all.lowest,
                .highest = factor * all.highest};
  const auto channel = std::ranges::find(track.info().channels, what.channel, &Channel::name);
  Budget budget(Source::kGain, channel->gain_u * std::fabs(m.value));
  // An offset goes through a mean; differences do not see it.
  if (!swing && !excess) budget.add(Source::kOffset, factor * channel->offset_u);
  give(m, budget);
  return {.value = m};
}

}  // namespace rig
