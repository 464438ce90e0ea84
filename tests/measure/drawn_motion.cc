#include "tests/measure/drawn_motion.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace rig::testing {

DrawnMotion::DrawnMotion(const Signal& z, const Signal& x, double seconds, const Accelerometer& how,
                         std::uint64_t seed)
    : info_{.name = "plate",
            .rate = {static_cast<std::uint64_t>(how.rate), 1},
            .rate_u = how.rate_u,
            .armed_at = std::chrono::milliseconds(7)},
      samples_(static_cast<std::uint64_t>(seconds * how.rate)) {
  const double scale = how.range / 32768;
  for (const char* name : {"acceleration", "acceleration_x"}) {
    if (x == nullptr && !info_.channels.empty()) break;
    info_.channels.push_back({.name = name,
                              .unit = "m/s2",
                              .bits = 16,
                              .scale = scale,
                              .clip_low = -32768,
                              .clip_high = 32767,
                              .gain_u = how.gain_u});
  }
  std::mt19937_64 draw(seed);
  std::normal_distribution<double> noise(0, how.noise);
  std::vector<std::vector<std::int16_t>> codes(info_.channels.size());
  for (std::uint64_t k = 0; k < samples_; ++k) {
    const double t = static_cast<double>(k) / (how.rate * how.clock);
    for (std::size_t c = 0; c < codes.size(); ++c) {
      const double value = how.gain * (c == 0 ? z(t) : x(t)) + how.zero + noise(draw);
      codes[c].push_back(
          static_cast<std::int16_t>(std::clamp(std::round(value / scale), -32768.0, 32767.0)));
    }
  }
  CodeBlock block{.channels = codes.size(), .size = codes.front().size()};
  for (std::size_t c = 0; c < codes.size(); ++c) block.first_code.at(c) = codes[c].data();
  sine_.emplace(info_, 0);
  sine_->take(block);
  sine_->finish();
  for (std::size_t c = 0; c < codes.size(); ++c) {
    tracks_.emplace_back(info_, c);
    tracks_.back().take(block);
  }
}

Measured DrawnMotion::of(const std::string& quantity, double from, double to,
                         std::optional<double> event) const {
  const CaptureTotals totals{.samples = samples_};
  Observation seen{.info = &info_,
                   .totals = &totals,
                   .sine = &*sine_,
                   .motion = this,
                   .from = info_.armed_at + from_seconds(from),
                   .to = info_.armed_at + from_seconds(to)};
  if (event) seen.event = info_.armed_at + from_seconds(*event);
  return measure(*find_quantity(quantity), seen, nullptr);
}

const MotionTrack* DrawnMotion::motion(const std::string& channel) const {
  for (const MotionTrack& track : tracks_) {
    if (track.channel().name == channel) return &track;
  }
  return nullptr;
}

}  // namespace rig::testing
