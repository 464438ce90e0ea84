#include "logic/regulator.h"

namespace {

constexpr int32_t kWhole = 256;

// What is missing, relative to the smaller of both, within -1 .. 1, in 1/256.
int32_t relative_error(uint32_t level, uint32_t measured) {
  const int32_t missing = static_cast<int32_t>(level) - static_cast<int32_t>(measured);
  const uint32_t smaller = level < measured ? level : measured;
  if (static_cast<uint32_t>(missing < 0 ? -missing : missing) >= smaller) {
    return missing < 0 ? -kWhole : kWhole;
  }
  return missing * kWhole / static_cast<int32_t>(smaller);
}

}  // namespace

uint16_t Regulator::drive(uint32_t level) const {
  const uint64_t drive = (uint64_t{level} * gain_) >> 18;
  return drive > kDriveFull ? kDriveFull : static_cast<uint16_t>(drive);
}

void Regulator::learn(uint32_t level, uint32_t measured) {
  if (level < kLeastLearnt) return;
  const int32_t error = relative_error(level, measured);
  if (error > 0 && drive(level) == kDriveFull) return;
  const int32_t gain = static_cast<int32_t>(gain_);
  gain_ = static_cast<uint32_t>(gain + gain * error / (4 * kWhole));
  if (gain_ < kLeastGain) gain_ = kLeastGain;
  if (gain_ > kMostGain) gain_ = kMostGain;
}
