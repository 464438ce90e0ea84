#include "tests/bench_models/world.h"

#include <stdexcept>
#include <string>
#include <utility>

namespace rig::testing {
namespace {

constexpr double kOhms = 500;

}  // namespace

World::World(Picos now, std::vector<double> poles) : history_(std::move(poles)), now_(now) {
  append(now, {});
}

void World::at(Picos t, const simulated::Waveform& current, bool led) {
  if (t < now_) throw std::logic_error("the script lies in the past");
  script_[t] = {current, led};
}

void World::pulse(Picos begin, Picos end, double amps) {
  at(begin, amps);
  at(end, 0.0);
}

void World::append(Picos t, const Event& event) {
  simulated::Waveform voltage = event.current;
  voltage.level *= kOhms;
  voltage.slope *= kOhms;
  for (auto& decay : voltage.decays) decay.amplitude *= kOhms;
  history_.append(t, {event.current, voltage}, event.led ? 1 : 0);
}

void World::live_until(Picos t) {
  while (!script_.empty() && script_.begin()->first <= t) {
    const auto [when, event] = *script_.begin();
    script_.erase(script_.begin());
    append(when, event);
    if (!keep_) history_.forget_before(when);
  }
  now_ = t;
}

std::unique_ptr<Digitizer> World::digitizer(const DigitizerSettings& settings, std::uint64_t seed) {
  return simulated::make_digitizer(settings, seed,
                                   {.now = [this] { return now_; },
                                    .live_until = [this](Picos t) { live_until(t); },
                                    .keep_history = [this](bool keep) { keep_ = keep; },
                                    .history = &history_,
                                    .logic_names = {"led"}});
}

DigitizerSettings ideal() {
  DigitizerSettings settings;
  settings.clock_u_ppm = 25;
  settings.channels = {
      {.name = "current", .unit = "A", .signal = "current", .bits = 12, .range = 0.15},
      {.name = "voltage", .unit = "V", .signal = "voltage", .bits = 12, .range = 200},
      {.name = "led", .unit = "logic", .signal = "led"}};
  return settings;
}

void Joined::take(const Block& block) {
  const bool goes_on = block.segment + 1 == segments.size();
  if (!goes_on && block.segment != segments.size()) throw std::logic_error("a segment is missing");
  if (!goes_on) {
    segments.push_back({.first = block.first_sample});
    segments.back().codes.resize(block.codes.size());
  }
  Segment& segment = segments.back();
  if (block.lost_before || segment.first + segment.size() != block.first_sample) {
    throw std::logic_error("samples are missing before " + std::to_string(block.first_sample));
  }
  for (std::size_t k = 0; k < block.codes.size(); ++k) {
    segment.codes[k].insert(segment.codes[k].end(), block.codes[k].begin(), block.codes[k].end());
  }
}

std::vector<Segment> captured(World& world, const CaptureSetup& setup,
                              const DigitizerSettings& settings, std::uint64_t seed, Picos step) {
  const auto digitizer = world.digitizer(settings, seed);
  const CaptureInfo info = digitizer->arm(setup);
  Joined joined;
  const Picos end = info.armed_at + setup.length;
  Picos until = step == Picos(0) ? end : info.armed_at + step;
  while (digitizer->collect(until, joined)) until += step;
  return joined.segments;
}

}  // namespace rig::testing
