// The state machine between the settings and the drive: what may start, what goes on, what ends
// it. Pure: it knows the time and the inputs only from tick() and cycle_done(), and acts only
// through active() and drive().
//
//            start
//   IDLE -----------> RAMP_UP -> RUNNING -> RAMP_DOWN
//    ^  <---- stop button; stop, end of session ----'
//    '-- clear -- FAULT <-- any latched fault, from any state
#pragma once

#include <stdint.h>

#include "logic/motion.h"
#include "logic/params.h"
#include "logic/ramp.h"
#include "logic/regulator.h"

// The numbers are the protocol's; those that are left out are Soleus E's.
enum class State : uint8_t {
  kSelfTest = 0,
  kIdle = 1,
  kRampUp = 2,
  kRunning = 3,
  kRampDown = 5,
  kFault = 6,
};

enum class Fault : uint8_t {
  kNone = 0,
  kOverCurrent = 2,
  kBrownOut = 3,
  kDeadMan = 4,
  kCommsLoss = 5,
  kWatchdog = 6,
  kSelfTest = 7,
  kConfig = 8,
  kFootLifted = 9,
  kOverAcceleration = 10,
  kStall = 11,
  kAccelerometer = 12,
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
  bool foot_present;
};

class Therapy {
 public:
  // `params` must outlive the therapy.
  explicit Therapy(Params& params) : params_(params) {}

  // Ends the self-test: to IDLE, or to FAULT with what was found.
  void boot(Fault found);

  Status start();
  void stop();  // softly; at once when it is stopping already
  void halt();  // at once
  Status clear();

  // The acceleration was set anew.
  void follow();

  // Ends the therapy with a fault that only clear() takes back. The first one stays.
  void latch(Fault fault);

  // Call every few milliseconds.
  void tick(const Inputs& inputs);

  // A valid message came in: the other side is alive.
  void heard() { heard_ms_ = inputs_.now_ms; }

  // A cycle of the sine has ended.
  void cycle_done(const Motion& motion);

  // Amplitude of the sine from now on, 1/16 DAC codes.
  uint16_t drive() const { return drive_; }

  bool active() const { return state_ >= State::kRampUp && state_ <= State::kRampDown; }
  State state() const { return state_; }
  Fault fault() const { return fault_; }
  const Inputs& inputs() const { return inputs_; }
  const Motion& motion() const { return motion_; }
  uint32_t cycles() const { return cycles_; }
  uint32_t session_ms() const { return session_ms_; }

 private:
  bool ready() const;
  bool cause_gone() const;
  uint32_t target() const;
  void explain();
  void watch();
  void next_level();

  Params& params_;
  Inputs inputs_{};
  State state_ = State::kSelfTest;
  Fault fault_ = Fault::kNone;
  uint32_t latched_ms_ = 0;
  uint32_t heard_ms_ = 0;
  uint32_t started_ms_ = 0;
  uint32_t session_ms_ = 0;
  uint32_t cycles_ = 0;
  Ramp ramp_;
  Regulator regulator_;
  uint32_t level_ = 0;  // that the running cycle is driven for, 0.1 mm/s2
  uint16_t drive_ = 0;
  uint8_t deaf_for_ = 0;      // cycles
  uint32_t not_full_ms_ = 0;  // when the drive was last below its limit
  Motion motion_{};
};
