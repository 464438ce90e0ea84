// Prints what the output stage does in drawn sequences, for judge_stage.py.
//
//   stage RAIL COUPLING BLEED SWITCH LOAD        V, F, ohm, ohm, ohm; begins a sequence at 0 s
//   gates T POSITIVE NEGATIVE                    what happens at T, in s
//   current T AMPS
//   load T SERIES PARALLEL CAPACITANCE           ohm, ohm, F; PARALLEL 0: a plain resistor
//   sample T AMPS VOLTS BRIDGE                   electrode's current and voltage, bridge voltage
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>

#include "fixtures/simulated/output_stage.h"

namespace rig::simulated {
namespace {

class Printed {
 public:
  explicit Printed(std::uint64_t seed)
      : draw_(seed), settings_(drawn_settings()), stage_(settings_, Ohms(500)) {
    std::printf("stage %.17g %.17g %.17g %.17g 500\n", settings_.compliance.si(),
                settings_.coupling.si(), settings_.bleed.si(), settings_.switch_resistance.si());
    set_load();
    for (int pulse = 0; pulse < 4; ++pulse) print_pulse(pulse);
  }

 private:
  double uniform(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(draw_);
  }
  double log_uniform(double low, double high) {
    return std::exp(uniform(std::log(low), std::log(high)));
  }

  OutputStageSettings drawn_settings() {
    return {.compliance = Volts(uniform(60, 180)),
            .coupling = Farads(log_uniform(0.5e-6, 50e-6)),
            .bleed = Ohms(log_uniform(5e3, 500e3)),
            .switch_resistance = Ohms(uniform(1, 30))};
  }

  void print_pulse(int pulse) {
    const double amps = log_uniform(2e-3, 150e-3);
    stage_.set_current(now_, Amps(amps));
    std::printf("current %.17g %.17g\n", to_seconds(now_), amps);
    live(20, 200);
    set_gates(true, false);
    live(20, 500);
    if (pulse == 2) set_load();  // in the middle of a phase
    live(1, 300);
    set_gates(false, false);
    live(1, 200);
    set_gates(pulse == 3, true);  // at last both at once
    live(20, 800);
    set_gates(false, false);
    live(500, 5000);
    if (pulse == 0) set_load();
  }

  void set_gates(bool positive, bool negative) {
    stage_.set_gates(now_, positive, negative);
    std::printf("gates %.17g %d %d\n", to_seconds(now_), positive ? 1 : 0, negative ? 1 : 0);
  }

  void set_load() {
    SeriesLoad load{.series = Ohms(log_uniform(50, 5000))};
    if (draw_() % 4 != 0) {
      load.parallel = Ohms(log_uniform(100, 50e3));
      load.capacitance = Farads(log_uniform(5e-9, 2e-6));
    }
    stage_.set_load(now_, load);
    std::printf("load %.17g %.17g %.17g %.17g\n", to_seconds(now_), load.series.si(),
                load.parallel.si(), load.capacitance.si());
  }

  // For so many microseconds, sampled at eight instants and at both ends.
  void live(double shortest, double longest) {
    const Picos begin = now_;
    const Picos length = from_seconds(uniform(shortest, longest) * 1e-6);
    for (int k = 0; k <= 9; ++k) {
      now_ = begin + length * k / 9;
      stage_.live_until(now_);
      const double t = to_seconds(now_ - stage_.segment_begin());
      std::printf("sample %.17g %.17g %.17g %.17g\n", to_seconds(now_),
                  stage_.electrode_current().at(t), stage_.electrode_voltage().at(t),
                  stage_.bridge_voltage_at(now_));
    }
  }

  std::mt19937_64 draw_;
  OutputStageSettings settings_;
  OutputStage stage_;
  Picos now_{};
};

}  // namespace
}  // namespace rig::simulated

int main() {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) rig::simulated::Printed{seed};
}
