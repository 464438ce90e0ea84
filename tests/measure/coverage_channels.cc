// What two channels do to each other.
#include <array>
#include <chrono>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "rig/measure/logic.h"
#include "tests/measure/coverage.h"

namespace rig::testing {
namespace {

using Highs = std::vector<std::pair<double, double>>;  // s since arming, [from, to)

std::vector<std::int16_t> drawn_logic(const Highs& highs, double rate, std::size_t samples) {
  std::vector<std::int16_t> codes(samples);
  for (const auto& [from, to] : highs) {
    for (auto k = static_cast<std::size_t>(std::ceil(from * rate));
         k < static_cast<std::size_t>(std::ceil(to * rate)); ++k) {
      codes.at(k) = 1;
    }
  }
  return codes;
}

// Logic channels beside a capture's pulses, on its sample clock.
class Beside final : public LogicTraces {
 public:
  Beside(CaptureInfo info, std::size_t samples) : info_(std::move(info)), samples_(samples) {}

  void add(const std::string& name, const Highs& highs, double true_rate) {
    const std::vector<std::int16_t> codes = drawn_logic(highs, true_rate, samples_);
    Block block;
    block.codes.emplace_back(codes);
    names_.push_back(name);
    traces_.emplace_back().take(info_, block, 0);
  }
  const LogicTrace* logic(const std::string& channel) const override {
    for (std::size_t k = 0; k < names_.size(); ++k) {
      if (names_[k] == channel) return &traces_[k];
    }
    return nullptr;
  }
  void tally(const PulseSource& pulses, const Truth& truth, Tallies& tallies) const {
    const CaptureTotals totals{.samples = samples_};
    const Observation seen{.info = &info_,
                           .totals = &totals,
                           .pulses = &pulses,
                           .logic = this,
                           .from = info_.armed_at,
                           .to = info_.armed_at + info_.rate.time_of(samples_),
                           .event = {}};
    for (const auto& [name, value] : truth) {
      Tally& t = tallies[name];
      const Measured measured = measure(*find_quantity(name), seen, nullptr);
      if (measured.value) t.add(*measured.value, value);
    }
  }

 private:
  CaptureInfo info_;
  std::size_t samples_;
  std::vector<std::string> names_;
  std::vector<LogicTrace> traces_;
};

class NoPulses final : public PulseSource {
 public:
  void visit(const std::function<void(const Pulse&)>& /*each*/) const override {}
};

}  // namespace

void draw_two_gates(int n, Tallies& tallies) {
  Draw draw(n);
  const double rise = 100e-6 + draw.uniform(0, 1e-6);
  const double late = draw.uniform(20e-6, 40e-6);
  const double both = draw.uniform(30e-6, 60e-6);
  const double fall = rise + late + both + draw.uniform(10e-6, 20e-6);
  const double dead = draw.uniform(5e-6, 20e-6);
  const double clock = 1 + draw.normal(25e-6);
  Beside gates({.channels = {{.name = "gate", .unit = "logic"}},
                .rate = {1'000'000, 1},
                .rate_u = 25e-6,
                .armed_at = std::chrono::milliseconds(3)},
               1000);
  gates.add("a", {{rise, fall}}, 1e6 * clock);
  gates.add("b", {{rise + late, rise + late + both}, {fall + dead, fall + dead + 50e-6}},
            1e6 * clock);
  gates.tally(NoPulses(),
              {{"latency.a.to.b", late},
               {"dead_time.a.to.b", dead},
               {"overlap.a.with.b", both},
               {"overlaps.a.with.b", 1}},
              tallies);
}

// On slow and noisy edges: where they cross 50 % is not known much better than to a sample.
void draw_a_sync_of_pulses(int n, Tallies& tallies) {
  Draw draw(n);
  const Scope scope =
      draw.wrong({.rate = {1'000'000, 1}, .has_voltage = false, .noise = 280e-6, .rate_u = 25e-6});
  const double begin = 0.5e-3 + draw.uniform(0, 1e-6);
  const double late = draw.uniform(30e-6, 60e-6);
  Drawn drawn{.length = 3e-3, .tau = 8e-6};
  add_biphasic(drawn, begin, draw.uniform(5e-3, 8e-3), 300e-6, 100e-6);
  const Measuring capture(record(drawn, scope, static_cast<std::uint64_t>(n)),
                          {.current_threshold = 2e-3});
  Beside beside(capture.recording_info(), capture.recording().samples());
  const double sync = begin + drawn.tau * std::numbers::ln2 + late;
  beside.add("sync", {{sync, sync + 100e-6}}, 1e6 * scope.clock);
  beside.tally(capture, {{"latency.current.to.sync", late}}, tallies);
}

}  // namespace rig::testing
