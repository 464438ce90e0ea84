#include "rig/app/measurer.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace rig {
namespace {

constexpr std::size_t kHeadFirst = std::size_t{1} << 21;  // samples looked at for criteria
constexpr std::size_t kHeadMost = std::size_t{1} << 25;
constexpr std::size_t kRunsEnough = 12;

}  // namespace

void append_values(const CodeBlock& block, std::size_t channel, const Channel& c,
                   std::vector<float>& values) {
  const auto append = [&]<typename T>(T /*code*/) {
    const T* code = static_cast<const T*>(block.first_code.at(channel));
    const std::size_t before = values.size();
    values.resize(before + block.size);
    for (float& value : std::span(values).subspan(before)) {
      value = static_cast<float>(c.value_of(static_cast<float>(*code)));
      code += block.stride;
    }
  };
  switch (block.type) {
    case CodeType::kU8: append(std::uint8_t{}); break;
    case CodeType::kI8: append(std::int8_t{}); break;
    case CodeType::kI16: append(std::int16_t{}); break;
    case CodeType::kU16: append(std::uint16_t{}); break;
    case CodeType::kF32: append(float{}); break;
  }
}

std::size_t primary_channel(const CaptureInfo& info, const std::string& wanted) {
  const auto named = [&info](std::string_view name) {
    const auto found = std::ranges::find(info.channels, name, &Channel::name);
    return static_cast<std::size_t>(found - info.channels.begin());
  };
  if (!wanted.empty()) {
    const std::size_t k = named(wanted);
    if (k < info.channels.size()) return k;
    std::string known;
    for (const Channel& c : info.channels) known += (known.empty() ? "" : ", ") + c.name;
    throw InputError("--channel: no channel '" + wanted + "'; there are: " + known);
  }
  if (const std::size_t k = named("current"); k < info.channels.size()) return k;
  const auto analog =
      std::ranges::find_if(info.channels, [](const Channel& c) { return c.unit != "logic"; });
  if (analog == info.channels.end()) throw InputError("nothing to measure: only logic channels");
  return static_cast<std::size_t>(analog - info.channels.begin());
}

Measurer::Measurer(const MeasureOptions& options, CaptureInfo info, CodeType type,
                   std::size_t primary)
    : options_(options), info_(std::move(info)), type_(type), primary_(primary) {
  const std::string_view dimension = info_.channels[primary_].unit == "A" ? "current" : "voltage";
  if (!options.baseline.empty()) given_.baseline = si(options.baseline, dimension, "--baseline");
  if (!options.threshold.empty()) {
    given_.threshold = positive(options.threshold, dimension, "--threshold");
  }
}

void Measurer::take(const CodeBlock& block) {
  if (!options_.plot.empty()) overview_.take(block, primary_, info_.channels[primary_]);
  if (finder_) {
    finder_->take(block);
    return;
  }
  head_.emplace_back(block);
  append_values(block, primary_, info_.channels[primary_], values_);
  if (values_.size() < std::max(next_look_, kHeadFirst)) return;
  look();
  if (scouted_.runs >= kRunsEnough || values_.size() >= kHeadMost) begin();
  next_look_ = 2 * values_.size();
}

void Measurer::finish() {
  if (!finder_) {
    if (values_.size() < 2) {
      throw InputError(options_.path + ": expected at least 2 samples, found " +
                       std::to_string(values_.size()));
    }
    look();
    begin();
  }
  finder_->finish();
}

void Measurer::look() {
  Channel& channel = info_.channels[primary_];
  if (type_ == CodeType::kF32) channel.resolution = resolution_of(values_);
  scouted_ = scout(values_, channel.step(), 1.0 / info_.rate.hertz(), given_);
}

void Measurer::begin() {
  criteria_.current_zero = scouted_.baseline;
  criteria_.current_threshold = scouted_.threshold;
  criteria_.voltage_threshold = 1e300;  // pulses are looked for in one channel
  if (!options_.max_gap.empty()) {
    criteria_.max_gap = positive(options_.max_gap, "time", "--max-gap");
  } else if (scouted_.max_gap > 0) {
    criteria_.max_gap = scouted_.max_gap;
  }
  criteria_.edges =
      options_.edges == "fitted" ? EdgeEstimator::kFitted : EdgeEstimator::kInterpolated;
  finder_ = std::make_unique<PulseFinder>(
      info_, criteria_, [this](const Pulse& p) { pulses_.add(p); }, type_);
  for (const KeptBlock& kept : head_) finder_->take(kept.block());
  head_.clear();
  values_ = {};
}

}  // namespace rig
