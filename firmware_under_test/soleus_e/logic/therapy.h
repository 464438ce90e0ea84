// The state machine between the settings and the pulses: what may start, what goes on, what
// ends it. Pure: it knows the time and the inputs only from tick(), and acts only through
// active() and plan().
//
//            start                     .--------- off_time ---------.
//   IDLE -----------> RAMP_UP -> RUNNING -> RAMP_DOWN -> RESTING ---'
//    ^  <--------------- stop, end of session --------------'
//    '-- clear -- FAULT <-- any latched fault, from any state
#pragma once

#include <stdint.h>

#include "logic/envelope.h"
#include "logic/params.h"
#include "logic/pulse.h"
#include "logic/rhythm.h"

enum class State : uint8_t {
  kSelfTest,
  kIdle,
  kRampUp,
  kRunning,
  kResting,
  kRampDown,
  kFault,
};

enum class Fault : uint8_t {
  kNone,
  kLeadOff,
  kOverCurrent,
  kBrownOut,
  kDeadMan,
  kCommsLoss,
  kWatchdog,
  kSelfTest,
  kConfig,
};

enum class Status : uint8_t {
  kOk,
  kUnknownOp,
  kBadLength,
  kUnknownParam,
  kOutOfRange,
  kWrongState,
  kFaultLatched,
  kNotReady,
};

struct Inputs {
  uint32_t now_ms;
  uint16_t supply;  // counts
  bool stop_pressed;
  bool dead_man_held;
};

class Therapy {
 public:
  // `params` must outlive the therapy.
  explicit Therapy(Params& params) : params_(params) {}

  // Ends the self-test: to IDLE, or to FAULT with what was found.
  void boot(Fault found);

  Status start();
  void stop();
  Status clear();

  // Ends the therapy with a fault that only clear() takes back. The first one stays.
  void latch(Fault fault);

  // Call every few milliseconds.
  void tick(const Inputs& inputs);

  // A valid message came in: the other side is alive.
  void heard() { heard_ms_ = inputs_.now_ms; }

  // Plans the next pulse. Returns false when none may follow.
  bool plan(PulsePlan& plan);

  // The planned pulse has ended, and this was measured during its first phase.
  void pulse_done(const PulseReading& reading);

  bool active() const { return state_ >= State::kRampUp && state_ <= State::kRampDown; }
  State state() const { return state_; }
  Fault fault() const { return fault_; }
  const Inputs& inputs() const { return inputs_; }
  const PulseReading& last_reading() const { return reading_; }
  uint32_t pulses() const { return pulses_; }
  uint32_t session_ms() const { return session_ms_; }

 private:
  bool ready() const;
  bool cause_gone() const;
  void begin_burst();
  void end_session();
  void finish();

  Params& params_;
  Inputs inputs_{};
  State state_ = State::kSelfTest;
  Fault fault_ = Fault::kNone;
  uint32_t heard_ms_ = 0;
  uint32_t started_ms_ = 0;
  uint32_t session_ms_ = 0;
  uint32_t pulses_ = 0;
  Burst burst_{};
  uint32_t next_pulse_ = 0;    // number within the burst
  bool ending_ = false;        // the session is over, the last ramp runs
  uint16_t highest_code_ = 0;  // where that ramp began: it never rises again
  PulsePlan plan_{};
  PulseReading reading_{};
  Rhythm rhythm_;
};
