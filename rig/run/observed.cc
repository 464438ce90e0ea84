#include "rig/run/observed.h"

#include <utility>

#include "rig/core/error.h"

namespace rig {
namespace {
constexpr std::size_t kMostStretches = 4'000'000;
}

void LogicTrace::take(const CaptureInfo& info, const Block& block, std::size_t channel) {
  const auto codes = block.codes[channel];
  for (std::size_t i = 0; i < codes.size();) {
    const bool high = codes[i] != 0;
    std::size_t end = i + 1;
    while (end < codes.size() && (codes[end] != 0) == high) ++end;
    const Picos until = info.armed_at + info.rate.time_of(block.first_sample + end);
    const bool goes_on = !stretches_.empty() && stretches_.back().high == high &&
                         stretches_.back().segment == block.segment && !block.lost_before;
    if (goes_on) {
      stretches_.back().end = until;
      stretches_.back().samples += end - i;
    } else {
      if (stretches_.size() >= kMostStretches) {
        throw RigError("logic channel " + info.channels[channel].name + ": more than " +
                       std::to_string(kMostStretches) + " edges");
      }
      stretches_.push_back({.begin = info.armed_at + info.rate.time_of(block.first_sample + i),
                            .end = until,
                            .samples = end - i,
                            .high = high,
                            .segment = block.segment});
    }
    i = end;
  }
}

std::optional<double> LogicTrace::percent_high(Picos from, Picos to) const {
  double high = 0;
  double all = 0;
  for (const Stretch& s : stretches_) {
    const Picos begin = std::max(from, s.begin);
    const Picos end = std::min(to, s.end);
    if (begin >= end) continue;
    const double part = to_seconds(end - begin);
    all += part;
    if (s.high) high += part;
  }
  if (all == 0) return std::nullopt;
  return 100.0 * high / all;
}

ObservedCapture::ObservedCapture(CaptureInfo info, const PulseCriteria& criteria,
                                 std::unique_ptr<CaptureSink> store)
    : info_(std::move(info)),
      criteria_(criteria),
      store_(std::move(store)),
      finder_(std::make_unique<PulseFinder>(info_, criteria_,
                                            [this](const Pulse& p) { pulses_.add(p); })) {
  for (std::size_t k = 0; k < info_.channels.size(); ++k) {
    if (info_.channels[k].unit == "logic") logic_.emplace_back(k, LogicTrace());
    if (info_.channels[k].name == "acceleration") sine_ = std::make_unique<SineTrack>(info_, k);
  }
}

void ObservedCapture::take(const Block& block) {
  finder_->take(block);
  if (sine_) sine_->take(code_block(block));
  for (auto& [channel, trace] : logic_) trace.take(info_, block, channel);
  if (store_) store_->take(block);
}

CaptureRef ObservedCapture::finish(Picos end) {
  finder_->finish();
  if (sine_) sine_->finish();
  end_ = end;
  CaptureRef ref{.name = info_.name};
  if (store_) ref = store_->close();
  ref.name = info_.name;
  ref.samples = totals().samples;
  ref.segments = totals().segments;
  ref.lost = totals().losses;
  ref.clipped.clear();
  for (std::size_t k = 0; k < info_.channels.size(); ++k) {
    if (totals().clipped[k] > 0)
      ref.clipped.emplace_back(info_.channels[k].name, totals().clipped[k]);
  }
  store_.reset();
  return ref;
}

const LogicTrace* ObservedCapture::logic(const std::string& channel) const {
  for (const auto& [index, trace] : logic_) {
    if (info_.channels[index].name == channel) return &trace;
  }
  return nullptr;
}

}  // namespace rig
