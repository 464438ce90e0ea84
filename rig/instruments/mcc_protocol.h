// What MCC's USB-204 and USB-1608FS-Plus understand (facts/instruments.md 3.3): how a scan is
// started, what its pacer makes of a rate, and the calibration in their memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rig/core/capture.h"

namespace rig::mcc {

struct Model {
  std::string_view name;
  std::uint16_t product = 0;
  int bits = 16;
  int inputs = 8;                // from 0
  std::uint32_t pacer_hz = 0;    // of the pacer's clock
  std::uint32_t most_hz = 0;     // of one channel, or of all together:
  bool simultaneous = false;     // all channels at the same instant, else one after the other
  bool sets_ranges = false;      // else 10 V alone
  std::size_t start_bytes = 10;  // of AIN_SCAN_START
};
const Model& usb_204();
const Model& usb_1608fs_plus();

struct Range {
  std::uint8_t id = 0;
  double volts = 0;  // either side of zero
};
// The narrowest that holds so many volts; nullopt: none does.
std::optional<Range> range_for(const Model& model, double volts);

struct Pace {
  std::uint32_t pacer = 0;
  SampleRate rate;  // per channel, exact
};
// The slowest rate at or above `hz`, as fast as the pacer counts; nullopt: too fast for the model.
std::optional<Pace> pace_for(const Model& model, double hz, std::size_t channels);

struct Scan {
  std::uint32_t count = 0;  // scans; 0: without end
  std::uint32_t pacer = 0;
  std::uint8_t channels = 0;  // bit 0: input 0
};
std::vector<std::uint8_t> start_bytes(const Model& model, const Scan& scan);

// code' = slope * code + intercept.
struct Calibration {
  double slope = 1;
  double intercept = 0;
};
constexpr std::size_t kCalibrationBytes = 8;
std::uint16_t calibration_address(const Model& model, const Range& range, int input);
// Throws RigError, without a place, for what no converter has. REQUIRES: kCalibrationBytes.
Calibration read_calibration(const Model& model, std::span<const std::uint8_t> bytes);

// The channel's value of a code as it is stored: V = offset + scale * code. Codes are those of the
// device, of 16 bits less 32768.
struct Line {
  double volts_per_code = 0;
  double zero = 0;  // code that means 0 V
};
Line line_of(const Model& model, const Range& range, const Calibration& calibration);
std::int32_t least_code(const Model& model);
std::int32_t most_code(const Model& model);

// Samples of the stream, little endian, to codes. nullopt: this device has no such code.
std::optional<std::int16_t> code_of(const Model& model, std::uint16_t sample);

}  // namespace rig::mcc
