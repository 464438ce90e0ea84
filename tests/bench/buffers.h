// Codes of biphasic trains as a digitizer at 10 MS/s gives them, larger than any cache.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

#include "rig/measure/pulses.h"

namespace rig {

constexpr double kSampleRate = 10e6;
constexpr std::size_t kBufferBytes = 128'000'000;

struct TrainShape {
  double rate_hz = 40;       // of the pulses
  double width = 300e-6;     // s, each phase
  double gap = 100e-6;       // s
  double transition = 2e-6;  // s, 10 .. 90 %, exponential
};
constexpr TrainShape kSparse;
constexpr TrainShape kDense{.rate_hz = 2000, .width = 75e-6, .gap = 0};

template <typename T>
constexpr CodeType kTypeOf = std::is_same_v<T, std::uint8_t> ? CodeType::kU8 : CodeType::kI16;

// With white noise in codes; the amplitude fills a quarter of the scale. The length is a whole
// number of periods, so that a buffer can follow itself.
template <typename T>
std::vector<T> draw(const TrainShape& shape) {
  const bool small = sizeof(T) == 1;
  const double amplitude = small ? 60 : 8000;
  const double zero = std::is_unsigned_v<T> ? 128 : 0;
  const double decay = std::exp(-1 / (shape.transition / 2.197 * kSampleRate));
  std::mt19937_64 random(1);
  std::normal_distribution<double> noise(0, small ? 0.6 : 40);
  std::vector<float> many(1 << 16);
  for (float& n : many) n = static_cast<float>(noise(random));
  std::vector<T> codes(kBufferBytes / sizeof(T));
  double level = 0;
  for (std::size_t k = 0; k < codes.size(); ++k) {
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
CaptureInfo info_of_codes() {
  Channel current{.name = "current",
                  .unit = "A",
                  .bits = 8 * static_cast<int>(sizeof(T)),
                  .scale = sizeof(T) == 1 ? 1e-3 : 1e-5};
  current.clip_low = std::numeric_limits<T>::min();
  current.clip_high = std::numeric_limits<T>::max();
  if (std::is_unsigned_v<T>) current.offset = -128 * current.scale;
  return {.name = "buffer", .channels = {current}, .rate = {10'000'000, 1}};
}

// Measures `codes` so many times in a row, as one capture. Returns the number of pulses.
template <typename T>
std::size_t measure_all(const std::vector<T>& codes, const TrainShape& shape, EdgeEstimator edges,
                        std::size_t times) {
  std::size_t pulses = 0;
  // Eight standard deviations of the noise.
  const PulseCriteria criteria{.current_threshold = sizeof(T) == 1 ? 4.8e-3 : 3.2e-3,
                               .max_gap = shape.gap + 50e-6,
                               .edges = edges};
  PulseFinder finder(
      info_of_codes<T>(), criteria, [&pulses](const Pulse&) { ++pulses; }, kTypeOf<T>);
  constexpr std::size_t kBlock = 1 << 20;
  for (std::size_t at = 0; at < times * codes.size();) {
    const std::size_t in_buffer = at % codes.size();
    CodeBlock block{.first_sample = at, .type = kTypeOf<T>, .channels = 1};
    block.size = std::min(kBlock, codes.size() - in_buffer);
    block.first_code[0] = codes.data() + in_buffer;
    finder.take(block);
    at += block.size;
  }
  finder.finish();
  return pulses;
}

// Prints the scatter of pulse widths by either edge estimator, next to the Cramer-Rao bound.
void print_edge_table();

}  // namespace rig
