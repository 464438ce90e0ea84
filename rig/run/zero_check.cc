#include "rig/run/zero_check.h"

#include <algorithm>

#include "rig/core/error.h"
#include "rig/core/verdict.h"
#include "rig/measure/plant_track.h"

namespace rig {
namespace {

constexpr double kZeroUncertainties = 4;
constexpr SampleRate kRate{100'000, 1};
constexpr Picos kLength = std::chrono::milliseconds(20);

// A weight stands where it stands, with power and without; and blood flows.
bool is_zero_without_power(const Channel& channel) {
  return channel.unit != "logic" && channel.unit != "N" &&
         std::ranges::none_of(plant_quantities(), [&channel](const PlantQuantity& quantity) {
           return quantity.channel == channel.name;
         });
}

class Levels final : public BlockSink {
 public:
  explicit Levels(std::size_t channels) : levels(channels) {}
  void take(const Block& block) override {
    lost = lost || block.lost_before;
    for (std::size_t c = 0; c < levels.size(); ++c) {
      for (const double code : block.codes[c]) {
        levels[c].sum += code;
        levels[c].square += code * code;
      }
      levels[c].count += block.codes[c].size();
    }
  }
  std::vector<IdleLevel> levels;
  bool lost = false;
};

}  // namespace

IdleCapture capture_idle(Session& session, CaptureSetup setup,
                         const std::function<void()>& meanwhile) {
  const double most = session.bench.facts.max_rate_hz;
  if (most > 0 && most < setup.rate.hertz()) setup.rate = {static_cast<std::uint64_t>(most), 1};
  const CaptureInfo info = arm(setup, session);
  if (meanwhile) meanwhile();
  Levels seen(info.channels.size());
  live_until(session, info.armed_at + setup.length, nullptr);
  while (session.bench.digitizer->collect(session.bench.clock->now(), seen)) {
    live_until(session, session.bench.clock->now() + std::chrono::milliseconds(5), nullptr);
  }
  if (seen.lost) throw RigError("samples were lost while the zero of the channels was measured");
  for (std::size_t c = 0; c < info.channels.size(); ++c) {
    if (seen.levels[c].count > 0) continue;
    throw RigError("channel '" + info.channels[c].name + "' gave no sample without output");
  }
  return {info, std::move(seen.levels)};
}

bool is_zero(const Channel& channel, const IdleLevel& level) {
  const double mean_u = level.deviation() / std::sqrt(static_cast<double>(level.count));
  const double u = std::hypot(channel.offset_u, mean_u * std::fabs(channel.scale));
  return std::fabs(channel.value_of(level.mean())) <= kZeroUncertainties * u + 0.5 * channel.step();
}

void check_zero(Session& session) {
  const BenchFacts& facts = session.bench.facts;
  if (!facts.capabilities.contains("power")) return;
  CaptureSetup setup{.name = "zero", .rate = kRate, .length = kLength};
  for (const Channel& channel : facts.channels) {
    if (is_zero_without_power(channel)) setup.channels.push_back(channel.name);
  }
  const auto off_and_on = [&] { session.bench.surroundings->power_cycle(); };
  if (setup.channels.empty()) return off_and_on();
  const IdleCapture seen = capture_idle(session, setup, off_and_on);
  for (std::size_t c = 0; c < seen.levels.size(); ++c) {
    const Channel& channel = seen.info.channels[c];
    if (is_zero(channel, seen.levels[c])) continue;
    throw RigError("channel '" + channel.name + "' reads " +
                   in_words(channel.value_of(seen.levels[c].mean()), channel.unit) +
                   " while the device has no power; its offset is known to " +
                   in_words(channel.offset_u, channel.unit));
  }
}

}  // namespace rig
