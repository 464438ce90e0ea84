// The rules that join settings, therapy and board.
#include "logic/device.h"

#include "logic/safety.h"

namespace {

Fault boot_fault(uint8_t reset_cause, uint8_t self_test, Loaded loaded) {
  if (self_test != 0) return Fault::kSelfTest;
  if (loaded == Loaded::kBad) return Fault::kConfig;
  if (reset_cause & kWatchdogReset) return Fault::kWatchdog;
  // When the battery is put in, both bits are up: that is no brown-out.
  if ((reset_cause & kBrownOutReset) && !(reset_cause & kPowerOnReset)) return Fault::kBrownOut;
  return Fault::kNone;
}

}  // namespace

void Device::boot(uint8_t cause, uint8_t self_test_result, const uint8_t* image) {
  reset_cause = cause;
  self_test = self_test_result;
  therapy.boot(boot_fault(cause, self_test_result, unpack(image, params)));
}

Status Device::set(uint8_t id, int32_t value) {
  if (!Params::known(id)) return Status::kUnknownParam;
  // After a fault the amplitude starts from zero again, and not before the fault is cleared.
  if (id == static_cast<uint8_t>(Param::kAmplitude) && therapy.state() == State::kFault) {
    return Status::kFaultLatched;
  }
  return params.set(id, value) ? Status::kOk : Status::kOutOfRange;
}

Status Device::clear() {
  if (therapy.fault() == Fault::kSelfTest) {
    self_test = platform.self_test();
    if (self_test != 0) return Status::kFaultLatched;
  }
  return therapy.clear();
}

Status Device::save() {
  if (therapy.state() != State::kIdle) return Status::kWrongState;
  uint8_t image[kImageSize];
  pack(params, image);
  return platform.store(image) ? Status::kOk : Status::kNotReady;
}

StatusReport Device::report() const {
  const Inputs& inputs = therapy.inputs();
  const uint8_t output = platform.output_flags();
  uint8_t flags = output;
  if (therapy.state() == State::kFault) flags |= kFlagFault;
  if (inputs.dead_man_held) flags |= kFlagDeadMan;
  if (inputs.stop_pressed) flags |= kFlagStopButton;
  const PulseReading reading = (output & kFlagOutput) ? therapy.last_reading() : PulseReading{0, 0};
  return {therapy.state(),
          therapy.fault(),
          flags,
          static_cast<uint32_t>(params.get(Param::kAmplitude)),
          microamps(reading.current),
          millivolts(reading.voltage),
          supply_millivolts(inputs.supply),
          therapy.pulses(),
          therapy.session_ms()};
}
