// Time is compared as differences, so the wrap of the millisecond counter does not matter.
#include "logic/therapy.h"

#include "logic/safety.h"

namespace {

constexpr int32_t kLeastAmplitude = 1000;  // uA

uint16_t dac_code(int32_t amplitude_ua) {
  return static_cast<uint16_t>((static_cast<uint32_t>(amplitude_ua) + kMicroampsPerCode / 2) /
                               kMicroampsPerCode);
}

}  // namespace

void Therapy::boot(Fault found) {
  state_ = State::kIdle;
  if (found != Fault::kNone) latch(found);
}

bool Therapy::ready() const {
  if (params_.get(Param::kAmplitude) < kLeastAmplitude) return false;
  if (inputs_.stop_pressed) return false;
  if (params_.get(Param::kDeadManRequired) != 0 && !inputs_.dead_man_held) return false;
  const int32_t on_time = params_.get(Param::kOnTime);
  const int32_t ramps = params_.get(Param::kRampUp) + params_.get(Param::kRampDown);
  return on_time == 0 || ramps <= on_time;
}

Status Therapy::start() {
  if (state_ == State::kFault) return Status::kFaultLatched;
  if (state_ != State::kIdle) return Status::kWrongState;
  if (!ready()) return Status::kNotReady;
  heard();
  started_ms_ = inputs_.now_ms;
  session_ms_ = 0;
  pulses_ = 0;
  ending_ = false;
  highest_code_ = UINT16_MAX;
  plan_ = {};
  reading_ = {};
  begin_burst();
  state_ = ramping_up(burst_, 0) ? State::kRampUp : State::kRunning;
  return Status::kOk;
}

void Therapy::stop() {
  if (active()) finish();
}

void Therapy::finish() { state_ = State::kIdle; }

void Therapy::latch(Fault fault) {
  if (state_ == State::kFault) return;
  state_ = State::kFault;
  fault_ = fault;
  params_.clear_amplitude();
}

bool Therapy::cause_gone() const {
  switch (fault_) {
    case Fault::kBrownOut: return inputs_.supply >= kSupplyMinimum;
    case Fault::kDeadMan: return inputs_.dead_man_held || params_.get(Param::kDeadManRequired) == 0;
    default: return true;
  }
}

Status Therapy::clear() {
  if (state_ != State::kFault) return Status::kWrongState;
  if (!cause_gone()) return Status::kFaultLatched;
  if (fault_ == Fault::kConfig) params_.reset();
  state_ = State::kIdle;
  fault_ = Fault::kNone;
  return Status::kOk;
}

void Therapy::tick(const Inputs& inputs) {
  inputs_ = inputs;
  if (state_ == State::kSelfTest) return;
  if (inputs.stop_pressed) stop();
  if (!active()) return;
  session_ms_ = inputs.now_ms - started_ms_;
  if (params_.get(Param::kDeadManRequired) != 0 && !inputs.dead_man_held) latch(Fault::kDeadMan);
  const uint32_t comms_timeout = static_cast<uint32_t>(params_.get(Param::kCommsTimeout));
  if (inputs.now_ms - heard_ms_ >= comms_timeout) latch(Fault::kCommsLoss);
  const uint32_t session = static_cast<uint32_t>(params_.get(Param::kSession));
  if (active() && !ending_ && session != 0 && session_ms_ >= session) end_session();
}

void Therapy::begin_burst() {
  const auto pulses = [this](Param time) {
    return pulses_in(static_cast<uint32_t>(params_.get(time)),
                     static_cast<uint32_t>(params_.get(Param::kRate)));
  };
  burst_.length = pulses(Param::kOnTime);
  if (burst_.length == 0 && params_.get(Param::kOnTime) != 0) burst_.length = 1;
  burst_.up = pulses(Param::kRampUp);
  burst_.down = pulses(Param::kRampDown);
  next_pulse_ = 0;
}

void Therapy::end_session() {
  if (state_ == State::kResting || burst_.down == 0 || plan_.dac_code == 0) {
    finish();
    return;
  }
  ending_ = true;
  if (state_ == State::kRampDown) return;  // this burst's own ramp is the last one
  highest_code_ = plan_.dac_code;
  state_ = State::kRampDown;
  burst_.up = 0;
  burst_.length = next_pulse_ + burst_.down;
}

bool Therapy::plan(PulsePlan& plan) {
  if (active() && ending_ && next_pulse_ >= burst_.length) finish();
  if (!active()) return false;
  if (burst_.length != 0 && next_pulse_ >= burst_.length) begin_burst();
  uint16_t set_code = dac_code(params_.get(Param::kAmplitude));
  if (set_code > highest_code_) set_code = highest_code_;
  const bool down = ramping_down(burst_, next_pulse_);
  const bool up = ramping_up(burst_, next_pulse_);
  state_ = down ? State::kRampDown : up ? State::kRampUp : State::kRunning;

  const uint16_t gap = static_cast<uint16_t>(2 * params_.get(Param::kGap));
  plan_.dac_code = envelope(burst_, next_pulse_, set_code);
  plan_.width_ticks = static_cast<uint16_t>(2 * params_.get(Param::kWidth));
  plan_.gap_ticks = gap < kDeadTicks ? kDeadTicks : gap;
  plan_.trip_above = over_current_counts(static_cast<uint32_t>(plan_.dac_code) * kMicroampsPerCode);
  plan_.trip_below = lead_off_counts(static_cast<uint32_t>(plan_.dac_code) * kMicroampsPerCode);
  plan_.period_ticks = rhythm_.next_period(static_cast<uint32_t>(params_.get(Param::kRate)));
  ++next_pulse_;
  if (next_pulse_ == burst_.length) {
    plan_.period_ticks += static_cast<uint32_t>(params_.get(Param::kOffTime)) * kTicksPerMs;
  }
  plan = plan_;
  return true;
}

void Therapy::pulse_done(const PulseReading& reading) {
  ++pulses_;
  reading_ = reading;
  if (!active()) return;
  if (reading.current < plan_.trip_below) {
    latch(Fault::kLeadOff);
  } else if (burst_.length != 0 && next_pulse_ >= burst_.length) {
    if (ending_) {
      finish();
    } else if (params_.get(Param::kOffTime) != 0) {
      state_ = State::kResting;
    }
  }
}
