#include "rig/instruments/mcc_protocol.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string>

#include "rig/core/error.h"

namespace rig::mcc {
namespace {

constexpr Model kUsb204{.name = "USB-204",
                        .product = 0x0114,
                        .bits = 12,
                        .pacer_hz = 70'000'000,
                        .most_hz = 500'000,
                        .start_bytes = 12};
constexpr Model kUsb1608{.name = "USB-1608FS-Plus",
                         .product = 0x00EA,
                         .bits = 16,
                         .pacer_hz = 40'000'000,
                         .most_hz = 100'000,
                         .simultaneous = true,
                         .sets_ranges = true,
                         .start_bytes = 10};
constexpr std::array kRanges{Range{.id = 5, .volts = 1}, Range{.id = 3, .volts = 2},
                             Range{.id = 1, .volts = 5}, Range{.id = 0, .volts = 10}};

constexpr double kMostSlopeError = 0.1;
constexpr double kMostIntercept = 0.05;  // of all codes

void append(std::vector<std::uint8_t>& bytes, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) {
    bytes.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

float float_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  std::uint32_t word = 0;
  for (std::size_t k = 0; k < 4; ++k) word |= std::uint32_t{bytes[at + k]} << (8 * k);
  return std::bit_cast<float>(word);
}

double half_scale(const Model& model) { return std::ldexp(1, model.bits - 1); }

}  // namespace

const Model& usb_204() { return kUsb204; }
const Model& usb_1608fs_plus() { return kUsb1608; }

std::optional<Range> range_for(const Model& model, double volts) {
  for (const Range& range : kRanges) {
    if (!model.sets_ranges && range.id != 0) continue;
    if (range.volts >= volts * (1 - 1e-9)) return range;
  }
  return std::nullopt;
}

std::optional<Pace> pace_for(const Model& model, double hz, std::size_t channels) {
  const std::uint32_t together = model.simultaneous ? 1 : static_cast<std::uint32_t>(channels);
  const double all = hz * together;
  if (!(all > 0) || all > model.most_hz * (1 + 1e-9)) return std::nullopt;
  const double ticks = std::floor(model.pacer_hz / all + 1e-9);
  if (ticks > 4294967295.0) return std::nullopt;
  const auto count = static_cast<std::uint32_t>(ticks);
  return Pace{.pacer = count - 1,
              .rate = {.samples = model.pacer_hz, .seconds = std::uint64_t{count} * together}};
}

std::vector<std::uint8_t> start_bytes(const Model& model, const Scan& scan) {
  std::vector<std::uint8_t> bytes;
  append(bytes, scan.count);
  append(bytes, scan.pacer);
  bytes.push_back(scan.channels);
  bytes.resize(model.start_bytes);  // options: no trigger, stall on overrun
  return bytes;
}

std::uint16_t calibration_address(const Model& model, const Range& range, int input) {
  const int entry = (model.sets_ranges ? range.id * model.inputs : 0) + input;
  return static_cast<std::uint16_t>(entry * static_cast<int>(kCalibrationBytes));
}

Calibration read_calibration(const Model& model, std::span<const std::uint8_t> bytes) {
  const Calibration found{.slope = float_at(bytes, 0), .intercept = float_at(bytes, 4)};
  const bool plausible = std::fabs(found.slope - 1) <= kMostSlopeError &&
                         std::fabs(found.intercept) <= kMostIntercept * 2 * half_scale(model);
  if (!plausible) {  // NaN too
    throw RigError("expected a slope near 1 and an intercept near 0, found " +
                   std::to_string(found.slope) + " and " + std::to_string(found.intercept));
  }
  return found;
}

Line line_of(const Model& model, const Range& range, const Calibration& calibration) {
  const double half = half_scale(model);
  const double stored_zero = model.bits == 16 ? half : 0;  // what was taken off the device's code
  const double volts = range.volts / half * calibration.slope;
  return {.volts_per_code = volts,
          .zero = (half - calibration.intercept) / calibration.slope - stored_zero};
}

std::int32_t least_code(const Model& model) { return model.bits == 16 ? -32768 : 0; }
std::int32_t most_code(const Model& model) {
  return model.bits == 16 ? 32767 : (1 << model.bits) - 1;
}

std::optional<std::int16_t> code_of(const Model& model, std::uint16_t sample) {
  if (model.bits == 16) return static_cast<std::int16_t>(int{sample} - 32768);
  if (sample > most_code(model)) return std::nullopt;
  return static_cast<std::int16_t>(sample);
}

}  // namespace rig::mcc
