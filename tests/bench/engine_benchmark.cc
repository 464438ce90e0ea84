// The measuring engine against a plain vector read of the same buffer, in processor time within one
// run: machines that run this are of many speeds, and busy.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <map>
#include <string>
#include <thread>

#include "rig/measure/scan.h"
#include "tests/bench/buffers.h"

namespace rig {
namespace {

constexpr std::size_t kTimes = 6;  // enough pulses to learn edges from, and to fit many more

double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Row {
  double samples_per_second = 0;  // best of all iterations
  double target = 0;              // of the read
  std::string read;               // the row that is the read
};
std::map<std::string, Row> rows;
std::vector<std::string> order;

template <typename Work>
void timed(benchmark::State& state, const std::string& name, std::size_t samples, Work work) {
  Row& row = rows[name];
  for (auto _ : state) {
    const double begin = thread_seconds();
    work();
    const double took = thread_seconds() - begin;
    state.SetIterationTime(took);
    row.samples_per_second = std::max(row.samples_per_second, static_cast<double>(samples) / took);
  }
  state.counters["samples/s"] = row.samples_per_second;
}

template <typename T>
const std::vector<T>& buffer(const TrainShape& shape) {
  static std::map<double, std::vector<T>> made;
  std::vector<T>& codes = made[shape.rate_hz];
  if (codes.empty()) codes = draw<T>(shape);
  return codes;
}

// A band of the whole scale: every code is looked at, none is found.
template <typename T>
void read_all(const std::vector<T>& codes, std::size_t times) {
  const CodeBand<T> all{std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
  for (std::size_t k = 0; k < times; ++k) {
    benchmark::DoNotOptimize(find_outside(std::span<const T>(codes), all));
  }
}

void add(const std::string& name, auto run) {
  order.push_back(name);
  benchmark::RegisterBenchmark(name.c_str(), run)
      ->Iterations(5)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
}

template <typename T>
void add_read(const std::string& name) {
  add(name, [name](benchmark::State& state) {
    const std::vector<T>& codes = buffer<T>(kSparse);
    timed(state, name, kTimes * codes.size(), [&] { read_all(codes, kTimes); });
  });
}

template <typename T>
void add_engine(const std::string& name, const std::string& read, const TrainShape& shape,
                EdgeEstimator edges, double target) {
  rows[name].target = target;
  rows[name].read = read;
  add(name, [name, shape, edges](benchmark::State& state) {
    const std::vector<T>& codes = buffer<T>(shape);
    std::size_t pulses = 0;
    timed(state, name, kTimes * codes.size(),
          [&] { pulses = measure_all(codes, shape, edges, kTimes); });
    const double seconds = static_cast<double>(kTimes * codes.size()) / kSampleRate;
    if (static_cast<double>(pulses) != std::round(seconds * shape.rate_hz)) {
      state.SkipWithError("pulses lost");
    }
  });
}

bool print_rows() {
  bool all = true;
  std::printf("\n%-34s %12s %12s %10s\n", "one thread, processor time", "samples/s", "of the read",
              "target");
  for (const std::string& name : order) {
    const Row& row = rows[name];
    all = all && row.samples_per_second > 0;
    if (row.samples_per_second <= 0) continue;
    std::printf("%-34s %12.3g", name.c_str(), row.samples_per_second);
    if (const double read = row.read.empty() ? 0 : rows[row.read].samples_per_second; read > 0) {
      std::printf(" %12.2f %10s", row.samples_per_second / read,
                  (">= " + std::to_string(row.target).substr(0, 4)).c_str());
    }
    std::printf("\n");
  }
  return all;
}

// Two segments, each measured whole: one after the other, and at the same time.
void print_two_threads() {
  const std::vector<std::int16_t>& codes = buffer<std::int16_t>(kSparse);
  const auto one = [&codes](double* cpu) {
    const double begin = thread_seconds();
    benchmark::DoNotOptimize(measure_all(codes, kSparse, EdgeEstimator::kInterpolated, kTimes));
    *cpu = thread_seconds() - begin;
  };
  const auto wall = [](auto work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  double wall_in_turn = 1e9;
  double wall_together = 1e9;
  double cpu_in_turn = 1e9;
  double cpu_together = 1e9;
  for (int k = 0; k < 5; ++k) {
    double a = 0;
    double b = 0;
    wall_in_turn = std::min(wall_in_turn, wall([&] { one(&a), one(&b); }));
    cpu_in_turn = std::min(cpu_in_turn, a + b);
    wall_together = std::min(wall_together, wall([&] {
                               std::thread other(one, &b);
                               one(&a);
                               other.join();
                             }));
    cpu_together = std::min(cpu_together, std::max(a, b));
  }
  double load = 0;
  getloadavg(&load, 1);
  std::printf(
      "\ntwo threads on independent segments: %.2f x by the clock (target >= 1.8); by processor "
      "time "
      "%.2f x, what two free processors would give\n%u processors, load average %.1f%s\n",
      wall_in_turn / wall_together, cpu_in_turn / cpu_together, std::thread::hardware_concurrency(),
      load,
      load > 1.5 * std::thread::hardware_concurrency() ? ": others were busy, the clock says little"
                                                       : "");
}

void register_all() {
  constexpr auto kInterpolated = EdgeEstimator::kInterpolated;
  constexpr auto kFitted = EdgeEstimator::kFitted;
  add_read<std::int16_t>("read i16");
  add_engine<std::int16_t>("40 Hz i16, interpolated edges", "read i16", kSparse, kInterpolated,
                           0.5);
  add_engine<std::int16_t>("40 Hz i16, fitted edges", "read i16", kSparse, kFitted, 0.3);
  add_engine<std::int16_t>("2 kHz i16, interpolated edges", "read i16", kDense, kInterpolated,
                           0.15);
  add_engine<std::int16_t>("2 kHz i16, fitted edges", "read i16", kDense, kFitted, 0.15);
  add_read<std::uint8_t>("read u8");
  add_engine<std::uint8_t>("40 Hz u8, interpolated edges", "read u8", kSparse, kInterpolated, 0.5);
  add_engine<std::uint8_t>("40 Hz u8, fitted edges", "read u8", kSparse, kFitted, 0.3);
}

}  // namespace
}  // namespace rig

int main(int argc, char** argv) {
  rig::register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  if (!rig::print_rows()) return 0;  // filtered: no tables
  rig::print_two_threads();
  rig::print_edge_table();
}
