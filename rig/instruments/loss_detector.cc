#include "rig/instruments/loss_detector.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "rig/core/error.h"

namespace rig {
namespace {

constexpr double kJitter = 1e-6;       // s, of an edge
constexpr double kLeastTolerance = 3;  // samples
constexpr std::uint64_t kMostBlocks = 4096;
constexpr std::size_t kEdgesToLock = 33;
constexpr int kLeastSwing = 16;  // codes between low and high
constexpr int kMostOutOfStep = 32;
constexpr std::size_t kMostPeriods = 64;  // over which the period is measured
constexpr double kEdgeError = 2;          // samples, of two edges together

double off_step(double samples, double period) {
  return std::fabs(samples - period * std::round(samples / period));
}

// Calls `found` with the index of each rising edge.
template <typename Found>
void for_each_edge(std::span<const std::uint8_t> codes, int low, int high, bool& is_high,
                   const Found& found) {
  for (std::size_t k = 0; k < codes.size(); ++k) {
    if (is_high && codes[k] < low) is_high = false;
    if (is_high || codes[k] < high) continue;
    is_high = true;
    found(k);
  }
}

}  // namespace

double edge_tolerance(const LossSettings& settings) {
  return std::max(kLeastTolerance, std::ceil(settings.rate_hz * kJitter));
}

std::uint64_t blind_to(const LossSettings& settings) {
  const double period = settings.rate_hz / settings.clock_hz;
  for (std::uint64_t blocks = 1; blocks < kMostBlocks; ++blocks) {
    const auto samples = static_cast<double>(blocks * settings.block);
    if (off_step(samples, period) < 2 * edge_tolerance(settings) + 1) return blocks;
  }
  return kMostBlocks;
}

std::optional<LossDetector> LossDetector::lock(const LossSettings& settings,
                                               std::span<const std::uint8_t> codes) {
  if (codes.empty()) return std::nullopt;
  const auto [least, most] = std::ranges::minmax(codes);
  if (most - least < kLeastSwing) return std::nullopt;
  const int quarter = (most - least) / 4;
  const int low = least + quarter;
  const int high = most - quarter;
  std::vector<std::size_t> edges;
  bool is_high = true;
  for_each_edge(codes, low, high, is_high, [&](std::size_t at) { edges.push_back(at); });

  const double nominal = settings.rate_hz / settings.clock_hz;
  const double tolerance = edge_tolerance(settings);
  std::size_t first = 0;
  for (std::size_t k = 1; k < edges.size(); ++k) {
    const auto interval = static_cast<double>(edges[k] - edges[k - 1]);
    // A sample clock that is 10 % off is still locked to: whoever asks tells it by the period.
    if (std::fabs(interval - nominal) > nominal / 8 + tolerance) first = k;
    if (k > first + 1) {
      const auto before = static_cast<double>(edges[k - 1] - edges[k - 2]);
      if (std::fabs(interval - before) > 2 * tolerance) first = k;
    }
    if (k - first + 1 < kEdgesToLock) continue;
    const double period =
        static_cast<double>(edges[k] - edges[first]) / static_cast<double>(k - first);
    return LossDetector(settings, low, high, period, k - first);
  }
  return std::nullopt;
}

bool LossDetector::in_step(std::uint64_t from, std::uint64_t to) const {
  return std::fabs(static_cast<double>(to - from) - period_) <= edge_tolerance(settings_);
}

std::vector<Proven> LossDetector::take(std::span<const std::uint8_t> codes) {
  std::vector<Proven> proven;
  for_each_edge(codes, low_, high_, is_high_,
                [&](std::size_t at) { edge(received_ + at, proven); });
  received_ += codes.size();
  demand_going(received_);
  return proven;
}

// No loss keeps an edge away for two periods: the samples after it begin within one.
void LossDetector::demand_going(std::uint64_t now) const {
  const std::uint64_t edge = candidate_.value_or(last_);
  if (static_cast<double>(now - edge) <= 2 * period_ + edge_tolerance(settings_)) return;
  throw RigError("the clock stopped at sample " + std::to_string(edge + shift_) +
                 ": nothing after it is proven");
}

void LossDetector::edge(std::uint64_t at, std::vector<Proven>& proven) {
  if (!begun_) {  // what is before the first edge counts from it
    begun_ = true;
    edges_ = {at};
    last_ = before_last_ = at;
    return;
  }
  demand_going(at);
  if (candidate_) {
    if (in_step(*candidate_, at)) {
      resume(*candidate_, at);
      candidate_.reset();
      last_ = before_last_ = at;
      release(at, proven);
    } else if (++out_of_step_ > kMostOutOfStep) {
      throw RigError("the clock is out of step with itself from sample " +
                     std::to_string(last_ + shift_) + " on: it cannot tell what is lost");
    } else {
      candidate_ = at;
    }
    return;
  }
  if (!in_step(last_, at)) {
    candidate_ = at;
    out_of_step_ = 1;
    return;
  }
  measure_period(at);
  before_last_ = std::exchange(last_, at);
  release(at, proven);
}

void LossDetector::measure_period(std::uint64_t at) {
  edges_.push_back(at);
  if (edges_.size() > kMostPeriods + 1) edges_.pop_front();
  const std::size_t periods = edges_.size() - 1;
  if (periods < periods_) return;
  periods_ = periods;
  period_ = static_cast<double>(at - edges_.front()) / static_cast<double>(periods);
}

// What a loss made look like an edge lies within the tolerance of where one belonged.
void LossDetector::release(std::uint64_t until, std::vector<Proven>& proven) {
  const auto margin = static_cast<std::uint64_t>(edge_tolerance(settings_));
  if (until < released_ + margin + 1) return;
  until -= margin;
  proven.push_back({.received = released_,
                    .count = until - released_,
                    .index = released_ + shift_,
                    .lost_before = lost_});
  released_ = until;
  lost_ = false;
}

// In step again from `first` on. Counted are edges that the loss cannot have made: the one before
// the last in step, and the one that confirmed the first.
void LossDetector::resume(std::uint64_t first, std::uint64_t confirmed) {
  const auto missing = missing_within(confirmed - before_last_);
  if (!missing) {
    throw RigError("the clock's step at sample " + std::to_string(last_ + shift_) +
                   " fits no number of blocks, or several: it cannot tell what is lost");
  }
  if (*missing == 0) return;  // a false edge, and the true ones where they belong
  shift_ += *missing;
  edges_ = {confirmed};
  released_ = first + static_cast<std::uint64_t>(edge_tolerance(settings_));
  lost_ = true;
}

// The number of blocks that brings the edges into step; nullopt: none does, or more than one.
std::optional<std::uint64_t> LossDetector::missing_within(std::uint64_t received) const {
  std::optional<std::uint64_t> found;
  for (std::uint64_t blocks = 0; blocks < blind_to(settings_); ++blocks) {
    const std::uint64_t missing = blocks * settings_.block;
    const auto taken = static_cast<double>(received + missing);
    const double periods = std::round(taken / period_);
    const double tolerance =
        edge_tolerance(settings_) + kEdgeError * periods / static_cast<double>(periods_);
    if (periods < 1 || std::fabs(taken - periods * period_) > tolerance) continue;
    if (found) return std::nullopt;
    found = missing;
  }
  return found;
}

}  // namespace rig
