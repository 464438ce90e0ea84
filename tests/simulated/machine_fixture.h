// A machine with the test firmware, and what it reported.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fixtures/simulated/avr/machine.h"

namespace rig::simulated {

constexpr std::uint64_t kMillisecond = 16'000;
constexpr std::uint64_t kUartByte = 1360;

struct SeenEdge {
  std::uint64_t cycle = 0;
  bool level = false;
  EdgeCause cause = EdgeCause::kInstruction;
  bool operator==(const SeenEdge&) const = default;
};

class Seen final : public MachineObserver {
 public:
  void on_pin(std::uint64_t cycle, Pin pin, bool level, EdgeCause cause) override {
    last_pin = pin;
    edges.push_back({cycle, level, cause});
    if (on_edge) on_edge();
  }
  void on_spi_byte(std::uint64_t /*cycle*/, std::uint8_t /*byte*/) override {}
  void on_uart_byte(std::uint64_t cycle, std::uint8_t byte) override {
    text += static_cast<char>(byte);
    last_byte_at = cycle;
  }
  double adc_volts(std::uint64_t /*cycle*/, int channel) override {
    adc_channel = channel;
    return 2.5;
  }
  void on_reset(std::uint64_t cycle, ResetCause cause) override {
    resets.push_back(cycle);
    causes.push_back(cause);
  }

  std::vector<SeenEdge> edges;
  Pin last_pin;
  std::string text;
  std::uint64_t last_byte_at = 0;
  int adc_channel = -1;
  std::vector<std::uint64_t> resets;
  std::vector<ResetCause> causes;
  std::function<void()> on_edge;
};

inline MachineSetup pulser_setup() {
  MachineSetup setup;
  setup.elf = PULSER_ELF;
  setup.mcu = "atmega328p";
  setup.watched = {{'B', 1}};
  return setup;
}

struct Bench {
  explicit Bench(const MachineSetup& setup = pulser_setup()) : machine(setup, seen) {}

  void run_ms(std::uint64_t milliseconds) {
    machine.run_until(machine.cycle() + milliseconds * kMillisecond);
  }
  void send(char byte) { EXPECT_TRUE(machine.send_uart(static_cast<std::uint8_t>(byte))); }

  Seen seen;
  Machine machine;
};

}  // namespace rig::simulated
