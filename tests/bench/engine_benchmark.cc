// The measuring engine against a plain vector read of the same buffer: samples per second, and the
// ratio, in one run. The buffers are larger than any cache.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "rig/measure/pulses.h"
#include "rig/measure/scan.h"

namespace rig {
namespace {

struct TrainShape {
  double rate_hz = 40;       // of the pulses
  double width = 300e-6;     // s, each phase
  double gap = 100e-6;       // s
  double transition = 2e-6;  // s, 10 .. 90 %, exponential
};
constexpr TrainShape kSparse;
constexpr TrainShape kDense{.rate_hz = 2000, .width = 75e-6, .gap = 0};

constexpr double kSampleRate = 10e6;

// A biphasic train with white noise in codes; the amplitude fills a quarter of the scale.
template <typename T>
std::vector<T> draw(const TrainShape& shape, double seconds) {
  const auto count = static_cast<std::size_t>(seconds * kSampleRate);
  const bool small = sizeof(T) == 1;
  const double amplitude = small ? 60 : 8000;
  const double zero = std::is_unsigned_v<T> ? 128 : 0;
  const double decay = std::exp(-1 / (shape.transition / 2.197 * kSampleRate));
  std::mt19937_64 random(1);
  std::normal_distribution<double> noise(0, small ? 0.6 : 40);
  std::vector<float> many(1 << 16);
  for (float& n : many) n = static_cast<float>(noise(random));
  std::vector<T> codes(count);
  double level = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const double t = std::fmod(static_cast<double>(k) / kSampleRate, 1 / shape.rate_hz) - 50e-6;
    double target = 0;
    if (t >= 0 && t < shape.width) target = amplitude;
    const double second = t - shape.width - shape.gap;
    if (second >= 0 && second < shape.width) target = -amplitude;
    level = target + (level - target) * decay;
    const std::size_t n = (k * 2654435761u >> 7) % many.size();
    codes[k] = static_cast<T>(std::lround(zero + level + static_cast<double>(many[n])));
  }
  return codes;
}

template <typename T>
const std::vector<T>& buffer(const TrainShape& shape) {
  static std::map<double, std::vector<T>> made;
  std::vector<T>& codes = made[shape.rate_hz];
  if (codes.empty()) codes = draw<T>(shape, 128e6 / sizeof(T) / kSampleRate);
  return codes;
}

template <typename T>
CodeType type_of() {
  return std::is_same_v<T, std::uint8_t> ? CodeType::kU8 : CodeType::kI16;
}

template <typename T>
CaptureInfo info() {
  Channel current{.name = "current",
                  .unit = "A",
                  .bits = 8 * static_cast<int>(sizeof(T)),
                  .scale = sizeof(T) == 1 ? 1e-3 : 1e-5};
  current.clip_low = std::numeric_limits<T>::min();
  current.clip_high = std::numeric_limits<T>::max();
  if (std::is_unsigned_v<T>) current.offset = -128 * current.scale;
  return {.name = "buffer", .channels = {current}, .rate = {10'000'000, 1}};
}

std::map<std::string, double> samples_per_second;

template <typename Work>
void timed(benchmark::State& state, const std::string& name, std::size_t samples, Work work) {
  double best = 0;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    best = std::max(best, static_cast<double>(samples) / took.count());
  }
  samples_per_second[name] = best;
  state.counters["samples/s"] = best;
}

template <typename T>
void read(benchmark::State& state, const TrainShape& shape, const std::string& name) {
  const std::vector<T>& codes = buffer<T>(shape);
  timed(state, name, codes.size(), [&] {
    // A band of the whole scale: every code is looked at, none is found.
    const CodeBand<T> all{std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
    benchmark::DoNotOptimize(find_outside(std::span<const T>(codes), all));
  });
}

template <typename T>
void engine(benchmark::State& state, const TrainShape& shape, const std::string& name,
            const std::string& limit) {
  const std::vector<T>& codes = buffer<T>(shape);
  std::size_t pulses = 0;
  timed(state, name, codes.size(), [&] {
    pulses = 0;
    // Eight standard deviations of the noise.
    const PulseCriteria criteria{.current_threshold = sizeof(T) == 1 ? 4.8e-3 : 3.2e-3,
                                 .max_gap = shape.gap + 50e-6};
    PulseFinder finder(
        info<T>(), criteria, [&pulses](const Pulse&) { ++pulses; }, type_of<T>());
    constexpr std::size_t kBlock = 1 << 20;
    for (std::size_t at = 0; at < codes.size(); at += kBlock) {
      CodeBlock block{.first_sample = at, .type = type_of<T>(), .channels = 1};
      block.size = std::min(kBlock, codes.size() - at);
      block.first_code[0] = codes.data() + at;
      finder.take(block);
    }
    finder.finish();
  });
  const double seconds = static_cast<double>(codes.size()) / kSampleRate;
  const auto expected = static_cast<double>(seconds * shape.rate_hz);
  if (std::fabs(static_cast<double>(pulses) - expected) > 1) state.SkipWithError("pulses lost");
  state.counters["pulses"] = static_cast<double>(pulses);
  state.counters["of the read"] = samples_per_second[name] / samples_per_second[limit];
}

void register_all() {
  const auto add = [](const std::string& name, auto run) {
    benchmark::RegisterBenchmark(name.c_str(), run)->Iterations(5)->Unit(benchmark::kMillisecond);
  };
  add("read i16", [](auto& s) { read<std::int16_t>(s, kSparse, "read i16"); });
  add("40 Hz i16", [](auto& s) { engine<std::int16_t>(s, kSparse, "40 Hz i16", "read i16"); });
  add("read u8", [](auto& s) { read<std::uint8_t>(s, kSparse, "read u8"); });
  add("40 Hz u8", [](auto& s) { engine<std::uint8_t>(s, kSparse, "40 Hz u8", "read u8"); });
  add("2 kHz i16", [](auto& s) { engine<std::int16_t>(s, kDense, "2 kHz i16", "read i16"); });
}

}  // namespace
}  // namespace rig

int main(int argc, char** argv) {
  rig::register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
