// One firmware, run for a while with given inputs, and all that could be seen of it; on the bench's
// machine and on the bare library, in the same process.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "fixtures/simulated/avr/machine.h"

namespace conformance {

using rig::simulated::Pin;

struct Edge {
  std::uint64_t cycle = 0;
  Pin pin;
  bool level = false;
};

struct Byte {
  std::uint64_t cycle = 0;
  std::uint8_t value = 0;
};

struct Experiment {
  std::string firmware;  // path of the ELF file, for an ATmega328P at 16 MHz
  std::uint64_t cycles = 0;
  std::vector<Byte> uart{};  // the cycle is the end of the stop bit
  std::vector<Edge> pins{};  // driven from outside
};

struct Observed {
  std::vector<Edge> edges;  // of ports B, C and D
  std::vector<Byte> uart, spi;
  std::vector<std::uint64_t> resets;
  std::array<std::uint8_t, 64> memory{};  // from 0x700
  std::vector<std::string> doubts;

  unsigned result(std::size_t index) const {
    return memory.at(2 * index) | static_cast<unsigned>(memory.at(2 * index + 1)) << 8U;
  }
  bool finished() const { return result(15) == 0x600D; }
};

// What both apply to the analogue inputs, and when.
double input_volts(std::uint64_t cycle, int channel);

Observed run_on_bench(const Experiment& experiment);
Observed run_on_bare_library(const Experiment& experiment);

constexpr std::uint16_t kResultAddress = 0x700;
constexpr std::uint64_t kUartByteCycles = 1360;  // 115200 8N1 in the conformance firmwares

}  // namespace conformance
