// What the plant costs: alone, as a multiple of real time, and behind the simulated bench, as a
// ratio of the same therapy with it and without.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "fixtures/second_heart/plant.h"
#include "rig/app/places.h"
#include "rig/app/plan.h"
#include "rig/config/bench_file.h"
#include "rig/config/plant_file.h"
#include "rig/run/runner.h"

namespace rig {
namespace {

constexpr double kHour = 3600;
constexpr double kRate = 35;
constexpr double kTherapy = 120;  // s on the bench

std::map<std::string, double> least_seconds;  // wall, by what was timed

class Stopwatch {
 public:
  explicit Stopwatch(std::string name) : name_(std::move(name)) {}
  ~Stopwatch() {
    const std::chrono::duration<double> t = std::chrono::steady_clock::now() - begun_;
    const auto [entry, first] = least_seconds.emplace(name_, t.count());
    if (!first) entry->second = std::min(entry->second, t.count());
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  std::string name_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

// An hour of 35 pulses a second, 4 s on and 8 s off, standing.
void plant_alone(benchmark::State& state) {
  const auto p = second_heart::parameters_from(load_plant(second_heart_file()));
  for (auto _ : state) {
    second_heart::Plant plant(p);
    plant.take(second_heart::Posture::kStanding);
    const Stopwatch watch("plant");
    for (int k = 0; k < static_cast<int>(kHour * kRate); ++k) {
      plant.live_until(k / kRate);
      if (std::fmod(k / kRate, 12) < 4) plant.stimulate({.charge = 12e-6, .width = 300e-6});
    }
    benchmark::DoNotOptimize(plant.signals().calf_volume);
  }
  state.counters["virtual/wall"] = kHour / least_seconds["plant"];
}

constexpr const char* kScenario = R"(scenario: Therapy
steps:
  - set: {amplitude: 40 mA, width: 300 us, gap: 100 us, rate: 35 Hz, on_time: 4 s, off_time: 8 s}
  - capture:
      as: therapy
      channels: [current, voltage]
      rate: 1 MHz
      for: 120 s
      segments: {level: 1 mA, pre: 60 us, length: 900 us}
      during: [start]
  - expect: {in: therapy, pulse.count: ">= 1000"}
)";

void bench(benchmark::State& state, const std::string& name, const std::string& bench_file) {
  const std::filesystem::path checkout = RIG_CHECKOUT;
  const std::string file = std::filesystem::temp_directory_path() / ("rig_bench_" + name + ".yaml");
  std::ofstream(file) << kScenario;
  const Spec spec = load_spec(checkout / "firmware_under_test/soleus_e/requirements.yaml");
  const std::vector<Scenario> scenarios = load_scenarios(file, ".", spec);
  const BenchSettings settings = load_bench(checkout / bench_file, "", image_folders());
  for (auto _ : state) {
    const Stopwatch watch(name);
    NoRecorder nowhere;
    const CaseRecord record = run_case(
        {.scenario = scenarios.front(), .seed = 1}, [&] { return open_bench(settings, 1); },
        nowhere, [] { return false; });
    if (record.verdict != Verdict::kPass) state.SkipWithError(record.reason.c_str());
  }
  std::filesystem::remove(file);
  state.counters["virtual/wall"] = kTherapy / least_seconds[name];
}

void without_plant(benchmark::State& state) { bench(state, "without", "fixtures/simulated.yaml"); }
void with_plant(benchmark::State& state) {
  bench(state, "with", "fixtures/simulated_second_heart.yaml");
}

BENCHMARK(plant_alone)->Unit(benchmark::kSecond)->Iterations(5)->UseRealTime();
BENCHMARK(without_plant)->Unit(benchmark::kSecond)->Iterations(5)->UseRealTime();
BENCHMARK(with_plant)->Unit(benchmark::kSecond)->Iterations(5)->UseRealTime();

}  // namespace
}  // namespace rig

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  const double plant = rig::least_seconds["plant"];
  const double without = rig::least_seconds["without"];
  const double with = rig::least_seconds["with"];
  if (plant > 0) {
    std::printf("\nthe plant alone: %.0f x real time (target: at least 5000)\n",
                rig::kHour / plant);
  }
  if (without > 0 && with > 0) {
    std::printf("behind the bench it adds %.1f %% to the wall time (target: at most 25 %%)\n",
                100 * (with / without - 1));
  }
  return 0;
}
