// What the Ho-Ro firmware of the Hantek 6022 understands (facts/instruments.md 3.1): rates, gains,
// and the calibration in its EEPROM.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace rig::hantek {

struct Rate {
  std::uint8_t id = 0;  // data byte of request 0xE2
  std::uint64_t hz = 0;
};

// The slowest at or above `hz` that the bus carries: 15 MHz with two channels, 30 MHz with one.
std::optional<Rate> rate_for(double hz, bool both_channels);

struct Gain {
  std::uint8_t id = 0;  // data byte of request 0xE0 or 0xE1, and the amplification
  double volts = 0;     // either side of zero
  double correction = 1;
  std::size_t step = 0;  // of the calibration's eight
};

// The most sensitive that holds so many volts; nullopt: none does.
std::optional<Gain> gain_for(double volts);

constexpr double kWidest = 5;  // V
constexpr std::uint16_t kCalibrationAt = 8;
constexpr std::size_t kCalibrationSize = 80;

// Offset in codes and gain of one input, for a rate below 30 MHz or above it. Bytes that were never
// written count as neutral.
struct Correction {
  double offset = 0;  // codes above 128 that mean 0 V
  double gain = 1;
};
// REQUIRES: memory.size() == kCalibrationSize; input is 1 or 2.
Correction correction_of(std::span<const std::uint8_t> memory, int input, const Gain& gain,
                         std::uint64_t rate_hz);

// V per code.
double volts_per_code(const Gain& gain, const Correction& correction);

// The data byte of request 0xE6 for a calibration output of so many Hz; nullopt: none makes it.
std::optional<std::uint8_t> calibration_output(double hz);

}  // namespace rig::hantek
