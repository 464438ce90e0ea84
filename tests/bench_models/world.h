// A bench without a device: the digitizer's inputs follow a script.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "fixtures/simulated/digitizer.h"
#include "fixtures/simulated/signal_history.h"
#include "rig/bench/bench.h"
#include "rig/bench/settings.h"

namespace rig::testing {

// Two analog inputs, of which the second is ohms times the first, and one logic input.
class World {
 public:
  explicit World(Picos now = Picos(0), std::vector<double> poles = {0, 0});
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // From `t` on. REQUIRES: t is later than now, except for the very first.
  void at(Picos t, const simulated::Waveform& current, bool led = false);
  void at(Picos t, double amps, bool led = false) {
    at(t, simulated::Waveform{.level = amps}, led);
  }
  // On at `begin`, off at `end`.
  void pulse(Picos begin, Picos end, double amps);

  void live_until(Picos t);
  Picos now() const { return now_; }
  bool keeps_history() const { return keep_; }
  simulated::SignalHistory& history() { return history_; }
  std::unique_ptr<Digitizer> digitizer(const DigitizerSettings& settings, std::uint64_t seed = 1);

 private:
  struct Event {
    simulated::Waveform current;
    bool led = false;
  };
  void append(Picos t, const Event& event);

  simulated::SignalHistory history_;
  std::map<Picos, Event> script_;
  Picos now_{};
  bool keep_ = false;
};

// "current" +-150 mA and "voltage" +-200 V of 12 bits, "led"; without any error or noise.
DigitizerSettings ideal();

struct Segment {
  std::uint64_t first = 0;
  std::vector<std::vector<std::int16_t>> codes;  // per channel
  bool operator==(const Segment&) const = default;
  std::size_t size() const { return codes.empty() ? 0 : codes.front().size(); }
};

// Joins blocks to segments and checks that they follow each other.
class Joined final : public BlockSink {
 public:
  void take(const Block& block) override;
  std::vector<Segment> segments;
};

// Arms, and collects until the end in steps of `step`; 0: in one go.
std::vector<Segment> captured(World& world, const CaptureSetup& setup,
                              const DigitizerSettings& settings = ideal(), std::uint64_t seed = 1,
                              Picos step = Picos(0));

constexpr Picos us(double t) { return from_seconds(t * 1e-6); }

}  // namespace rig::testing
