#include "rig/run/sync_trace.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "rig/core/error.h"
#include "rig/core/verdict.h"

namespace rig {
namespace {

constexpr double kHysteresis = 0.1;  // of the level
constexpr double kWindow = 4;        // standard uncertainties
constexpr std::size_t kMostEdges = 1'000'000;

}  // namespace

SyncTrace::SyncTrace(SyncChannel how, const CaptureInfo& info)
    : how_(std::move(how)),
      channel_(static_cast<std::size_t>(
          std::ranges::find(info.channels, how_.channel, &Channel::name) - info.channels.begin())) {
}

double SyncTrace::edge_u(const CaptureInfo& info) { return 1 / info.rate.hertz() / std::sqrt(3.0); }

void SyncTrace::take(const CaptureInfo& info, const Block& block) {
  const Channel& channel = info.channels[channel_];
  const double slack = kHysteresis * std::fabs(how_.level);
  if (block.lost_before) high_.reset();
  for (std::size_t k = 0; k < block.size(); ++k) {
    const double value = channel.value_of(block.codes[channel_][k]);
    const double before = std::exchange(last_, value);
    const bool above = value > how_.level + slack;
    if (!above && value >= how_.level - slack) continue;
    const std::optional<bool> was = std::exchange(high_, above);
    if (!was || *was == above) continue;
    // Of a slow edge that lingered at the level, the end.
    const double share = std::clamp((how_.level - before) / (value - before), 0.0, 1.0);
    const Picos now = info.armed_at + info.rate.time_of(block.first_sample + k);
    edges_.push_back({.at = now - from_seconds((1 - share) / info.rate.hertz()), .rising = above});
    if (edges_.size() > kMostEdges) {
      throw RigError("sync channel '" + how_.channel + "' has more than a million edges");
    }
  }
  end_ = info.armed_at + info.rate.time_of(block.first_sample + block.size());
}

bool SyncTrace::counts(std::size_t k) const {
  if (edges_[k].rising != how_.rising) return false;
  const Picos until = k + 1 < edges_.size() ? edges_[k + 1].at : end_;
  return until - edges_[k].at >= how_.stays;
}

Picos SyncTrace::event(Picos at, double u, const CaptureInfo& info) const {
  const double most = kWindow * u + 1 / info.rate.hertz();
  int there = 0;
  std::optional<Picos> nearest;
  for (std::size_t k = 0; k < edges_.size(); ++k) {
    if (!counts(k)) continue;
    const Picos event = edges_[k].at + how_.lead;
    const double off = std::fabs(to_seconds(event - at));
    there += off <= most ? 1 : 0;
    if (!nearest || off < std::fabs(to_seconds(*nearest - at))) nearest = event;
  }
  if (there == 1) return *nearest;
  std::string found = there == 0 ? "none" : std::to_string(there);
  if (there == 0 && nearest) {
    found += ", the nearest " + in_words(to_seconds(*nearest - at), "s") + " off";
  }
  throw RigError("sync channel '" + how_.channel + "': expected one " +
                 (how_.rising ? "rising" : "falling") + " edge within " + in_words(most, "s") +
                 " of the host's instant " + in_words(to_seconds(at - info.armed_at), "s") +
                 ", found " + found);
}

}  // namespace rig
