#include "rig/instruments/hantek_protocol.h"

#include <cmath>

namespace rig::hantek {
namespace {

// Of the ids below 1 MHz those are left out that do not make what their number says.
constexpr std::array kRates{
    Rate{102, 20'000},    Rate{104, 40'000},    Rate{105, 50'000},    Rate{110, 100'000},
    Rate{120, 200'000},   Rate{140, 400'000},   Rate{150, 500'000},   Rate{1, 1'000'000},
    Rate{2, 2'000'000},   Rate{3, 3'000'000},   Rate{4, 4'000'000},   Rate{5, 5'000'000},
    Rate{6, 6'000'000},   Rate{8, 8'000'000},   Rate{10, 10'000'000}, Rate{12, 12'000'000},
    Rate{15, 15'000'000}, Rate{16, 16'000'000}, Rate{24, 24'000'000}, Rate{30, 30'000'000},
};
constexpr std::uint64_t kMostOfBoth = 15'000'000;

constexpr std::array kGains{
    Gain{.id = 10, .volts = 0.5, .correction = 1.00, .step = 2},
    Gain{.id = 5, .volts = 1, .correction = 0.99, .step = 3},
    Gain{.id = 2, .volts = 2.5, .correction = 1.01, .step = 4},
    Gain{.id = 1, .volts = 5, .correction = 1.01, .step = 5},
};

constexpr std::uint64_t kHighRate = 30'000'000;
constexpr double kNeutral = 128;
constexpr double kSteps = 128;
constexpr double kFullScale = 5.12;

// Places in the calibration: pairs of inputs for each of eight steps.
constexpr std::size_t kOffsetLow = 0;
constexpr std::size_t kOffsetHigh = 16;
constexpr std::size_t kGain = 32;
constexpr std::size_t kFractionLow = 48;
constexpr std::size_t kFractionHigh = 64;

double excess(std::span<const std::uint8_t> memory, std::size_t at) {
  const std::uint8_t byte = memory[at];
  return byte == 0 || byte == 255 ? 0 : byte - kNeutral;
}

}  // namespace

std::optional<Rate> rate_for(double hz, bool both_channels) {
  for (const Rate& rate : kRates) {
    if (both_channels && rate.hz > kMostOfBoth) break;
    if (static_cast<double>(rate.hz) >= hz * (1 - 1e-9)) return rate;
  }
  return std::nullopt;
}

std::optional<Gain> gain_for(double volts) {
  for (const Gain& gain : kGains) {
    if (gain.volts >= volts * (1 - 1e-9)) return gain;
  }
  return std::nullopt;
}

Correction correction_of(std::span<const std::uint8_t> memory, int input, const Gain& gain,
                         std::uint64_t rate_hz) {
  const std::size_t at = 2 * gain.step + static_cast<std::size_t>(input - 1);
  const bool high = rate_hz >= kHighRate;
  return {.offset = excess(memory, at + (high ? kOffsetHigh : kOffsetLow)) +
                    excess(memory, at + (high ? kFractionHigh : kFractionLow)) / 250,
          .gain = 1 + excess(memory, at + kGain) / 500};
}

double volts_per_code(const Gain& gain, const Correction& correction) {
  return kFullScale * gain.correction * correction.gain / (gain.id * kSteps);
}

std::optional<std::uint8_t> calibration_output(double hz) {
  const auto whole = [](double value) { return std::fabs(value - std::round(value)) < 1e-6; };
  if (hz == 100) return std::uint8_t{0};
  if (hz == 32) return std::uint8_t{103};
  if (hz >= 1000 && hz <= 100'000 && whole(hz / 1000)) {
    return static_cast<std::uint8_t>(std::lround(hz / 1000));
  }
  if (hz >= 40 && hz <= 1000 && whole(hz / 10)) {
    return static_cast<std::uint8_t>(100 + std::lround(hz / 10));
  }
  if (hz >= 100 && hz <= 5500 && whole(hz / 100)) {
    return static_cast<std::uint8_t>(200 + std::lround(hz / 100));
  }
  return std::nullopt;
}

}  // namespace rig::hantek
