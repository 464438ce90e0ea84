// Time is compared as differences, so the wrap of the millisecond counter does not matter.
#include "logic/therapy.h"

#include "logic/limits.h"
#include "logic/safety.h"

void Therapy::boot(Fault found) {
  state_ = State::kIdle;
  if (found != Fault::kNone) latch(found);
}

uint32_t Therapy::target() const {
  return static_cast<uint32_t>(params_.get(Param::kAcceleration)) / kFromSetting;
}

bool Therapy::ready() const {
  if (target() == 0) return false;
  if (inputs_.stop_pressed) return false;
  if (params_.get(Param::kDeadManRequired) != 0 && !inputs_.dead_man_held) return false;
  return inputs_.foot_present || params_.get(Param::kFootRequired) == 0;
}

Status Therapy::start() {
  if (state_ == State::kFault) return Status::kFaultLatched;
  if (state_ != State::kIdle) return Status::kWrongState;
  if (!ready()) return Status::kNotReady;
  heard();
  started_ms_ = inputs_.now_ms;
  not_full_ms_ = inputs_.now_ms;
  session_ms_ = 0;
  cycles_ = 0;
  deaf_for_ = 0;
  motion_ = {};
  regulator_.reset();
  state_ = State::kRampUp;
  level_ = 0;
  drive_ = 0;
  follow();
  return Status::kOk;
}

void Therapy::follow() {
  if (state_ != State::kRampUp && state_ != State::kRunning) return;
  if (target() == 0) {
    stop();
    return;
  }
  state_ = State::kRampUp;
  ramp_.begin(level_, target(), static_cast<uint16_t>(params_.get(Param::kRampUp)), inputs_.now_ms);
}

void Therapy::stop() {
  if (!active()) return;
  if (state_ == State::kRampDown || level_ == 0) {
    halt();
    return;
  }
  state_ = State::kRampDown;
  ramp_.begin(level_, 0, static_cast<uint16_t>(params_.get(Param::kRampDown)), inputs_.now_ms);
}

void Therapy::halt() {
  if (active()) state_ = State::kIdle;
}

void Therapy::latch(Fault fault) {
  if (state_ == State::kFault) return;
  state_ = State::kFault;
  fault_ = fault;
  latched_ms_ = inputs_.now_ms;
  params_.clear_amplitude();
}

bool Therapy::cause_gone() const {
  switch (fault_) {
    case Fault::kBrownOut: return inputs_.supply >= kSupplyMinimum;
    case Fault::kDeadMan: return inputs_.dead_man_held || params_.get(Param::kDeadManRequired) == 0;
    case Fault::kFootLifted: return inputs_.foot_present || params_.get(Param::kFootRequired) == 0;
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

// Lifting a foot shakes the platform, and that is seen before the force is gone.
void Therapy::explain() {
  const bool shaken = fault_ == Fault::kOverAcceleration || fault_ == Fault::kAccelerometer;
  if (!shaken || params_.get(Param::kFootRequired) == 0) return;
  const bool soon = inputs_.now_ms - latched_ms_ < kShakenFor;
  if (soon && !inputs_.foot_present) fault_ = Fault::kFootLifted;
}

void Therapy::tick(const Inputs& inputs) {
  inputs_ = inputs;
  if (state_ == State::kSelfTest) return;
  explain();
  if (inputs.stop_pressed) halt();
  if (!active()) return;
  session_ms_ = inputs.now_ms - started_ms_;
  if (params_.get(Param::kDeadManRequired) != 0 && !inputs.dead_man_held) latch(Fault::kDeadMan);
  if (params_.get(Param::kFootRequired) != 0 && !inputs.foot_present) latch(Fault::kFootLifted);
  const uint32_t comms_timeout = static_cast<uint32_t>(params_.get(Param::kCommsTimeout));
  if (inputs.now_ms - heard_ms_ >= comms_timeout) latch(Fault::kCommsLoss);
  const uint32_t session = static_cast<uint32_t>(params_.get(Param::kSession));
  if (session != 0 && session_ms_ >= session && state_ != State::kRampDown) stop();
}

void Therapy::watch() {
  deaf_for_ = deaf(level_, motion_, drive_) ? static_cast<uint8_t>(deaf_for_ + 1) : 0;
  if (drive_ < kDriveFull) not_full_ms_ = inputs_.now_ms;
  if (deaf_for_ >= kDeafCycles || inputs_.now_ms - not_full_ms_ >= kFullFor) latch(Fault::kStall);
  if (clipped(motion_)) latch(Fault::kAccelerometer);
}

void Therapy::next_level() {
  level_ = ramp_.level(inputs_.now_ms);
  if (state_ == State::kRampUp && level_ == ramp_.end()) state_ = State::kRunning;
  if (state_ == State::kRampDown && level_ == 0) halt();
  drive_ = regulator_.drive(level_);
}

void Therapy::cycle_done(const Motion& motion) {
  if (!active()) return;
  ++cycles_;
  motion_ = motion;
  if (state_ != State::kRampDown) regulator_.learn(level_, motion.acceleration);
  watch();
  if (active()) next_level();
}
