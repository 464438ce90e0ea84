#include "rig/app/measure_against.h"

#include <cstdint>
#include <span>
#include <utility>

#include "rig/core/error.h"

namespace rig {
namespace {

// A name of the catalog's kind has no dot in a channel's name.
std::string without_dots(std::string name) {
  for (char& c : name) {
    if (c == '.') c = '_';
  }
  return name;
}

}  // namespace

void make_primary(CaptureInfo& info, std::size_t index, double load) {
  for (Channel& c : info.channels) {
    if (c.name == "current") c.name = "other current";
  }
  Channel& c = info.channels[index];
  c.name = "current";
  if (c.unit != "V" || load <= 0) return;
  c.unit = "A";
  c.scale /= load;
  c.offset /= load;
}

AgainstMeasurer::AgainstMeasurer(const MeasureOptions& options, const CaptureInfo& info,
                                 CodeType type, std::size_t primary, double load,
                                 Measurer& measurer)
    : options_{.path = options.path, .edges = options.edges},
      info_(info),
      name_(without_dots(info.channels[primary].name)),
      other_index_(primary_channel(info, options.against)),
      measurer_(measurer) {
  if (other_index_ == primary) {
    throw InputError("--against: expected another channel than '" + options.against +
                     "', which is the measured one");
  }
  other_name_ = without_dots(info.channels[other_index_].name);
  if (info.channels[other_index_].unit == "logic") return;
  CaptureInfo other = info;
  make_primary(other, other_index_, load);
  other_ = std::make_unique<Measurer>(options_, std::move(other), type, other_index_);
}

void AgainstMeasurer::take(const CodeBlock& block) {
  measurer_.take(block);
  if (other_) {
    other_->take(block);
  } else {
    take_logic(block);
  }
}

void AgainstMeasurer::take_logic(const CodeBlock& block) {
  Channel channel = info_.channels[other_index_];
  channel.scale = 1;
  channel.offset = 0;
  std::vector<float> levels;
  append_values(block, other_index_, channel, levels);
  codes_.assign(levels.size(), 0);
  for (std::size_t k = 0; k < levels.size(); ++k) codes_[k] = levels[k] != 0 ? 1 : 0;
  Block logic{.first_sample = block.first_sample,
              .segment = block.segment,
              .lost_before = block.lost_before};
  logic.codes.assign(info_.channels.size(), std::span<const std::int16_t>(codes_));
  other_trace_.take(info_, logic, other_index_);
}

void AgainstMeasurer::finish() {
  measurer_.finish();
  const Picos begin = info_.armed_at;
  const Picos end = measurer_.totals().end;
  trace_ = LogicTrace::of_pulses(measurer_.pulses(), begin, end);
  if (!other_) return;
  other_->finish();
  other_trace_ = LogicTrace::of_pulses(other_->pulses(), begin, end);
}

void AgainstMeasurer::summarise(Observation seen, Summary& summary) {
  seen.logic = this;
  summarise_between(name_, other_name_, seen, summary);
}

const LogicTrace* AgainstMeasurer::logic(const std::string& channel) const {
  if (channel == name_) return &trace_;
  return channel == other_name_ ? &other_trace_ : nullptr;
}

}  // namespace rig
