// Everything a command can reach, whichever way it came in.
#pragma once

#include <stdint.h>

#include "logic/params.h"
#include "logic/receiver.h"
#include "logic/therapy.h"

constexpr uint16_t kFirmwareVersion = 0x0100;
constexpr uint8_t kBuildIdSize = 8;

constexpr uint8_t kFlagOutput = 1 << 0;
constexpr uint8_t kFlagFault = 1 << 1;
constexpr uint8_t kFlagDeadMan = 1 << 2;
constexpr uint8_t kFlagStopButton = 1 << 3;
constexpr uint8_t kFlagLed = 1 << 4;

// Bits of MCUSR.
constexpr uint8_t kPowerOnReset = 1 << 0;
constexpr uint8_t kBrownOutReset = 1 << 2;
constexpr uint8_t kWatchdogReset = 1 << 3;

// What the board does for the commands; on the host, what a test pretends.
struct Platform {
  bool (*store)(const uint8_t* image);  // kImageSize bytes; false when they did not read back
  uint8_t (*output_flags)();            // kFlagOutput and kFlagLed, read from the pins
  uint8_t (*self_test)();               // 0: passed
  uint16_t (*stack_free)();             // bytes never used so far
  const char* build_id;                 // kBuildIdSize characters, in RAM
};

struct StatusReport {
  State state;
  Fault fault;
  uint8_t flags;
  uint32_t amplitude_ua;
  uint32_t current_ua;  // of the last pulse; 0 while the output is disabled
  uint32_t voltage_mv;
  uint16_t supply_mv;
  uint32_t pulses;  // of this session
  uint32_t session_ms;
};

class Writer;

class Device {
 public:
  explicit Device(const Platform& on_platform) : platform(on_platform) {}

  // Decides what the reset means, and leaves the self-test state.
  void boot(uint8_t reset_cause, uint8_t self_test, const uint8_t* image);

  Status set(uint8_t id, int32_t value);
  Status clear();
  Status save();
  StatusReport report() const;
  void write_status(Writer& out) const;  // as PROTOCOL.md lays it out

  const Platform& platform;
  Params params;
  Therapy therapy{params};
  Receiver receiver;
  uint8_t reset_cause = 0;
  uint8_t self_test = 0;
};
