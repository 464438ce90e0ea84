// libFuzzer target: any bytes as what a streaming digitizer sends: codes of a clock for the loss
// detector, a Hantek's EEPROM, an MCC's calibration and samples. Refused, or in order and finite.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "rig/core/error.h"
#include "rig/instruments/hantek_protocol.h"
#include "rig/instruments/loss_detector.h"
#include "rig/instruments/mcc_protocol.h"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

// Proven samples come in order, once each, and their true places never run backwards.
void follow_clock(const rig::LossSettings& settings, std::span<const std::uint8_t> codes,
                  std::size_t piece) {
  auto detector = rig::LossDetector::lock(settings, codes);
  if (!detector) return;
  demand(detector->period() > 0);
  std::uint64_t received = 0;
  std::uint64_t index = 0;
  std::uint64_t given = 0;
  try {
    while (!codes.empty()) {
      const auto part = codes.first(std::min(piece, codes.size()));
      codes = codes.subspan(part.size());
      given += part.size();
      for (const rig::Proven& p : detector->take(part)) {
        demand(p.count > 0 && p.received >= received && p.index >= index);
        demand(p.index - index >= p.received - received);  // as much is missing, or more
        demand(p.lost_before == (p.index - p.received > index - received));
        received = p.received + p.count;
        index = p.index + p.count;
        demand(received <= given);
      }
    }
  } catch (const rig::RigError&) {  // refused
  }
}

void read_eeprom(std::span<const std::uint8_t> bytes) {
  std::array<std::uint8_t, rig::hantek::kCalibrationSize> memory{};
  std::ranges::copy(bytes.first(std::min(bytes.size(), memory.size())), memory.begin());
  for (const double volts : {0.5, 1.0, 2.5, 5.0}) {
    const auto gain = *rig::hantek::gain_for(volts);
    for (const int input : {1, 2}) {
      const auto correction = rig::hantek::correction_of(memory, input, gain, 1'000'000);
      demand(std::fabs(correction.offset) < 129);
      demand(rig::hantek::volts_per_code(gain, correction) > 0);
    }
  }
}

void read_mcc(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < rig::mcc::kCalibrationBytes) return;
  for (const rig::mcc::Model* model : {&rig::mcc::usb_204(), &rig::mcc::usb_1608fs_plus()}) {
    for (std::size_t k = 0; k + 1 < bytes.size(); k += 2) {
      const auto sample = static_cast<std::uint16_t>(bytes[k] | bytes[k + 1] << 8);
      const auto code = rig::mcc::code_of(*model, sample);
      demand(!code ||
             (*code >= rig::mcc::least_code(*model) && *code <= rig::mcc::most_code(*model)));
    }
    try {
      const auto calibration = rig::mcc::read_calibration(*model, bytes);
      const auto line = rig::mcc::line_of(*model, *rig::mcc::range_for(*model, 1), calibration);
      demand(line.volts_per_code > 0 && std::isfinite(line.zero));
    } catch (const rig::RigError&) {  // refused
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  read_eeprom(bytes);
  read_mcc(bytes);
  if (size < 3) return 0;
  const double period = 20 + data[0];
  follow_clock({.rate_hz = 1000 * period, .clock_hz = 1000}, bytes.subspan(2), 1 + data[1]);
  return 0;
}
