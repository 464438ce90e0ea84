// What was said while the golden recordings were made, and is said again when they are replayed:
// the same words in the same order, nothing that depends on how fast anybody was.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "rig/bench/settings.h"
#include "rig/instruments/scpi_link.h"

namespace rig::golden {

constexpr std::chrono::milliseconds kLong(5000);
constexpr std::size_t kPoints = 4000;  // one period
constexpr double kVolts = 3;           // of the sine, 50 Hz

struct ScopeSaid {
  std::string identity;
  std::string state;
  std::vector<std::uint8_t> preamble;
  std::vector<std::uint8_t> block;
};

// `acquired`: returns when the record has been taken.
inline ScopeSaid ask_scope(ScpiLink& link, const std::function<void()>& acquired) {
  ScopeSaid said{.identity = ask_text(link, "*IDN?", within(kLong))};
  for (const char* setting : {":CHAN1:DISP ON", ":CHAN1:SCAL 1", ":TIM:SCAL 0.005",
                              ":ACQ:MDEP 12000", ":SING", ":TFOR"}) {
    link.write(setting, within(kLong));
  }
  acquired();
  said.state = ask_text(link, ":TRIG:STAT?", within(kLong));
  for (const char* setting :
       {":WAV:SOUR CHAN1", ":WAV:MODE RAW", ":WAV:FORM BYTE", ":WAV:STAR 1", ":WAV:STOP 4000"}) {
    link.write(setting, within(kLong));
  }
  said.preamble = link.ask(":WAV:PRE?", within(kLong));
  said.block = link.ask(":WAV:DATA?", within(kLong));
  return said;
}

inline UsbSampler analyzer() {
  return {.kind = UsbSampler::Kind::kFx2lafw, .usb = {.text = "0925:3881"}};
}
inline ScopeSettings analyzer_inputs() {
  ScopeSettings settings;
  for (int n = 0; n < 8; ++n) {
    settings.channels.push_back({.name = "in" + std::to_string(n), .unit = "logic", .input = n});
  }
  return settings;
}
// Few blocks: too few for the capture's clock to be held against this machine's.
inline CaptureSetup analyzer_capture() {
  CaptureSetup setup{
      .name = "run", .rate = {.samples = 20'000}, .length = std::chrono::milliseconds(100)};
  for (int n = 0; n < 8; ++n) setup.channels.push_back("in" + std::to_string(n));
  return setup;
}

}  // namespace rig::golden
