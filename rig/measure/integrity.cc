#include "rig/measure/integrity.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "rig/core/verdict.h"

namespace rig {
namespace {

constexpr double kFewSamples = 5;  // of a phase: less than that show no state

constexpr std::array<std::string_view, 5> kOfBothPhases{"width.difference", "gap", "pulse.duration",
                                                        "net_charge", "charge_imbalance"};
constexpr std::array<std::string_view, 7> kOfState{"amplitude",  "mode",  "peak",    "overshoot",
                                                   "undershoot", "droop", "settling"};
constexpr std::array<std::string_view, 5> kAtFirstTransition{"first_transition", "overshoot",
                                                             "undershoot", "preshoot", "settling"};
constexpr std::array<std::string_view, 2> kAtSecondTransition{"second_transition", "aftershoot"};

bool among(std::string_view word, const auto& words) {
  return std::ranges::find(words, word) != words.end();
}

std::string range(const Stretch& s) {
  if (s.count == 0) return "before sample " + std::to_string(s.first);
  if (s.count == 1) return "sample " + std::to_string(s.first);
  return "samples " + std::to_string(s.first) + " to " + std::to_string(s.first + s.count - 1);
}

}  // namespace

Foundation::Foundation(std::string_view quantity) {
  if (quantity.starts_with("phase1.")) phase_ = 1;
  if (quantity.starts_with("phase2.")) phase_ = 2;
  const std::string_view what = phase_ == 0 ? quantity : quantity.substr(7);
  state_ = among(what, kOfState);
  first_transition_ = among(what, kAtFirstTransition);
  second_transition_ = among(what, kAtSecondTransition);
  voltage_ = quantity == "energy";
  current_ = voltage_ || among(quantity, kOfBothPhases);
}

std::optional<Doubt> Foundation::doubt(const Pulse& pulse, double step) const {
  if (phase_ == 0) {
    const bool saturated = pulse.first.saturated || pulse.second.saturated;
    const bool bad =
        (current_ && (pulse.clipped || saturated)) || (voltage_ && pulse.voltage_clipped);
    return bad ? std::optional(Doubt::kClipped) : std::nullopt;
  }
  const Phase& phase = phase_ == 1 ? pulse.first : pulse.second;
  if (pulse.phases < phase_) return std::nullopt;
  if (phase.clipped || phase.saturated) return Doubt::kClipped;
  if (state_ && phase.width < kFewSamples * step) return Doubt::kFewSamples;
  const bool fast =
      (first_transition_ && phase.rise < step) || (second_transition_ && phase.fall < step);
  return fast ? std::optional(Doubt::kFastEdge) : std::nullopt;
}

std::string_view to_string(Doubt doubt) {
  switch (doubt) {
    case Doubt::kClipped: return "clipped";
    case Doubt::kFewSamples: return "undersampled, phases of less than 5 samples";
    case Doubt::kFastEdge: return "undersampled, transitions faster than a sample period";
  }
  return "?";
}

bool is_at_most(std::string_view quantity, Doubt doubt) {
  return doubt == Doubt::kFastEdge &&
         (quantity.ends_with("transition") || quantity.ends_with("settling"));
}

std::string Doubted::in_words(const CaptureInfo& info) const {
  const double since = to_seconds(first_ - info.armed_at);
  return std::string(to_string(doubt_)) + ": " + std::to_string(count_) +
         (count_ == 1 ? " pulse, at sample " : " pulses, the first at sample ") +
         std::to_string(std::llround(since * info.rate.hertz())) + " (" +
         rig::in_words(since, "s") + ")";
}

std::string missing_samples(const CaptureTotals& totals) {
  const Stretches& at = totals.lost_at;
  const Stretch& first = at.listed().front();
  std::string text = first.count == 0   ? "samples are missing " + range(first)
                     : first.count == 1 ? range(first) + " is missing"
                                        : range(first) + " are missing";
  const std::uint64_t others = at.listed().size() - 1 + at.more();
  if (others > 0) {
    text += ", and at " + std::to_string(others) + (others == 1 ? " more place" : " more places");
  }
  return text;
}

std::string clipped_samples(const CaptureInfo& info, const CaptureTotals& totals) {
  std::string text;
  for (std::size_t c = 0; c < totals.clipped_at.size(); ++c) {
    const Stretches& at = totals.clipped_at[c];
    if (at.empty()) continue;
    const Stretch& first = at.listed().front();
    if (!text.empty()) text += "; ";
    text += range(first) + " of " + info.channels[c].name +
            (first.count == 1 ? " is clipped" : " are clipped");
    const std::uint64_t others = at.listed().size() - 1 + at.more();
    if (others > 0) {
      text +=
          ", and " + std::to_string(others) + (others == 1 ? " more stretch" : " more stretches");
    }
  }
  return text;
}

}  // namespace rig
