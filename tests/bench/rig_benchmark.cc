// Benchmarks of whole jobs. What counts are the ratios within one run: the machines that run this
// are of many speeds, and busy.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <fmt/format.h>

#include "fixtures/simulated/avr/machine.h"
#include "fixtures/simulated/bench.h"
#include "rig/app/places.h"
#include "rig/app/plan.h"
#include "rig/core/error.h"
#include "rig/dut/frame.h"
#include "rig/run/runner.h"

namespace rig {
namespace {

constexpr std::int64_t kVirtualSeconds = 3600;
constexpr std::uint64_t kClock = 16'000'000;

std::map<std::string, double> wall_seconds;  // by benchmark, of its last iteration

class Stopwatch {
 public:
  explicit Stopwatch(std::string name) : name_(std::move(name)) {}
  ~Stopwatch() {
    const auto t = std::chrono::steady_clock::now() - begun_;
    wall_seconds[name_] = std::chrono::duration<double>(t).count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  std::string name_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

std::string image() { return image_folders().front() + "/soleus_e.elf"; }

// What the firmware needs to stay happy, and nothing else: no output stage, no samples.
class QuietWorld final : public simulated::MachineObserver {
 public:
  void on_pin(std::uint64_t /*cycle*/, simulated::Pin /*pin*/, bool level,
              simulated::EdgeCause /*cause*/) override {
    gate_ = level;
    edges += level ? 1 : 0;
  }
  void on_spi_byte(std::uint64_t /*cycle*/, std::uint8_t /*byte*/) override {}
  void on_uart_byte(std::uint64_t /*cycle*/, std::uint8_t /*byte*/) override {}
  double adc_volts(std::uint64_t /*cycle*/, int channel) override {
    if (channel == 2) return 3.7;                   // the battery, halved
    return gate_ ? (channel == 0 ? 0.5 : 0.2) : 0;  // 20 mA, 10 V
  }
  void on_reset(std::uint64_t /*cycle*/, simulated::ResetCause /*cause*/) override {}

  std::uint64_t edges = 0;

 private:
  bool gate_ = false;
};

Bytes set_packet(std::uint8_t sequence, std::uint8_t parameter, std::uint32_t value) {
  Bytes packet{sequence, 0x03, parameter};
  for (int shift = 0; shift < 32; shift += 8) {
    packet.push_back(static_cast<std::uint8_t>(value >> shift));
  }
  return packet;
}

void send_at(simulated::Machine& machine, std::uint64_t cycle, const Bytes& packet) {
  constexpr std::uint64_t kByte = 4160;  // 38400 baud as the firmware's divider makes it
  for (const std::uint8_t byte : frame(packet)) {
    machine.at(cycle, [&machine, byte] { machine.send_uart(byte); });
    cycle += kByte;
  }
}

// The corrected machine alone: 40 Hz therapy, signs of life every 400 ms.
void bare_machine(benchmark::State& state) {
  for (auto _ : state) {
    const Stopwatch watch("bare");
    QuietWorld world;
    simulated::MachineSetup setup{.elf = image(), .mcu = "atmega328p"};
    setup.watched = {{'B', 1}, {'B', 2}};
    simulated::Machine machine(setup, world);
    for (const simulated::Pin button : {simulated::Pin{'D', 2}, simulated::Pin{'D', 3}}) {
      machine.drive_pin(button, true);
    }
    const std::uint64_t ms = kClock / 1000;
    send_at(machine, 300 * ms, set_packet(1, 1, 20'000));
    send_at(machine, 320 * ms, set_packet(2, 2, 200));
    send_at(machine, 340 * ms, set_packet(3, 4, 40'000));
    send_at(machine, 360 * ms, set_packet(4, 9, 0));
    send_at(machine, 380 * ms, {5, 0x05});
    std::uint8_t sequence = 6;
    for (std::uint64_t t = 700; t < kVirtualSeconds * 1000; t += 400) {
      send_at(machine, t * ms, {sequence++, 0x08});
      machine.run_until((t + 200) * ms);
    }
    machine.run_until(kVirtualSeconds * kClock);
    if (world.edges < 2 * 39 * (kVirtualSeconds - 1))
      state.SkipWithError("the device did not pulse");
  }
  state.counters["virtual/wall"] = static_cast<double>(kVirtualSeconds) / wall_seconds["bare"];
}

// {0}: seconds, {1} to {2}: pulses
constexpr const char* kSoak = R"(scenario: Soak
steps:
  - set: {{amplitude: 20 mA, width: 200 us, gap: 100 us, rate: 40 Hz, session: 0 s}}
  - capture:
      as: soak
      channels: [current, voltage]
      rate: 5 MHz
      for: {0} s
      segments: {{level: 1 mA, pre: 60 us, length: 700 us}}
      during: [start]
  - expect:
      in: soak
      pulse.count: {1} .. {2}
      phase1.width: SRS-010
      phase2.width: SRS-010
      width.difference: SRS-011
      gap: SRS-012
      phase1.amplitude: SRS-016
      phase2.amplitude: SRS-017
      charge_imbalance.mean: SRS-020
      period: 24.99 ms .. 25.01 ms
      energy: SRS-024.house
)";

long peak_memory_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// The same therapy on the whole bench: every pulse sampled at 5 MS/s on two channels, measured and
// judged.
void soak(benchmark::State& state) {
  const std::filesystem::path checkout = RIG_CHECKOUT;
  const std::string file = std::filesystem::temp_directory_path() / "rig_bench_soak.yaml";
  const std::int64_t seconds = state.range(0);
  std::ofstream(file) << fmt::format(kSoak, seconds, 40 * seconds - 10, 40 * seconds + 1);
  const Spec spec = load_spec(checkout / "firmware_under_test/soleus_e/requirements.yaml");
  const BenchSettings settings = load_bench(checkout / "fixtures/simulated.yaml", image(), {});
  const std::vector<Scenario> scenarios = load_scenarios(file, ".", spec);
  const long before = peak_memory_kib();
  for (auto _ : state) {
    const Stopwatch watch("soak");
    NoRecorder nowhere;
    const CaseRecord record = run_case(
        {.scenario = scenarios.front(), .seed = 1},
        [&settings] { return open_simulated_bench(std::get<SimulatedBenchSettings>(settings), 1); },
        nowhere, [] { return false; });
    if (record.verdict != Verdict::kPass) state.SkipWithError(record.reason.c_str());
  }
  std::filesystem::remove(file);
  state.counters["virtual/wall"] = static_cast<double>(seconds) / wall_seconds["soak"];
  state.counters["memory_growth_MiB"] = static_cast<double>(peak_memory_kib() - before) / 1024.0;
}

// What `rig validate scenarios` does before anything runs.
void validate(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        make_plan({.paths = {std::string(RIG_CHECKOUT) + "/scenarios"}}).scenarios.size());
  }
}

BENCHMARK(bare_machine)->Unit(benchmark::kSecond)->Iterations(1)->UseRealTime();
// Memory grows with the first; what it grows further with the second should be nothing.
BENCHMARK(soak)->Unit(benchmark::kSecond)->Iterations(1)->UseRealTime()->Arg(900)->Arg(3600);
BENCHMARK(validate)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace rig

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  const double bare = rig::wall_seconds["bare"];
  const double soak = rig::wall_seconds["soak"];
  if (bare > 0 && soak > 0) {
    std::printf(
        "\n%lld virtual seconds at 40 Hz: bare machine %.2f s, whole bench %.2f s, ratio %.2f "
        "(target: at most 4)\n",
        static_cast<long long>(rig::kVirtualSeconds), bare, soak, soak / bare);
  }
  return 0;
}
