// The rules that join settings, therapy and board.
#include "logic/device.h"

#include "logic/safety.h"
#include "logic/writer.h"

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
  const bool acceleration = id == static_cast<uint8_t>(Param::kAcceleration);
  // After a fault the acceleration starts from zero again, and not before the fault is cleared.
  if (acceleration && therapy.state() == State::kFault) return Status::kFaultLatched;
  // What the drive has learned holds for one frequency only.
  if (id == static_cast<uint8_t>(Param::kFrequency) && therapy.active()) return Status::kWrongState;
  if (!params.set(id, value)) return Status::kOutOfRange;
  if (acceleration) therapy.follow();
  return Status::kOk;
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

void Device::write_status(Writer& out) const {
  const Inputs& inputs = therapy.inputs();
  const uint8_t output = platform.output_flags();
  uint8_t flags = output;
  if (therapy.state() == State::kFault) flags |= kFlagFault;
  if (inputs.dead_man_held) flags |= kFlagDeadMan;
  if (inputs.stop_pressed) flags |= kFlagStopButton;
  if (inputs.foot_present) flags |= kFlagFoot;
  const bool on = (output & kFlagOutput) != 0;
  const Motion motion = on ? therapy.motion() : Motion{};
  out.u8(static_cast<uint8_t>(therapy.state()));
  out.u8(static_cast<uint8_t>(therapy.fault()));
  out.u8(flags);
  out.u32(static_cast<uint32_t>(params.get(Param::kAcceleration)));
  out.u32(motion.acceleration * kFromSetting);
  out.u16(motion.current_ma);
  out.u16(on ? therapy.drive() : 0);
  out.u16(supply_millivolts(inputs.supply));
  out.u32(therapy.cycles());
  out.u32(therapy.session_ms());
}
