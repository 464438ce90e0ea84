// Runs an experiment on the bench's machine, through its public interface.
#include "tests/conformance/observed.h"

namespace conformance {
namespace {

using namespace rig::simulated;

class Recorder final : public MachineObserver {
 public:
  void on_pin(std::uint64_t cycle, Pin pin, bool level, EdgeCause /*cause*/) override {
    seen.edges.push_back({cycle, pin, level});
  }
  void on_spi_byte(std::uint64_t cycle, std::uint8_t byte) override {
    seen.spi.push_back({cycle, byte});
  }
  void on_uart_byte(std::uint64_t cycle, std::uint8_t byte) override {
    seen.uart.push_back({cycle, byte});
  }
  double adc_volts(std::uint64_t cycle, int channel) override {
    return input_volts(cycle, channel);
  }
  void on_reset(std::uint64_t cycle, ResetCause /*cause*/) override {
    if (cycle > 0) seen.resets.push_back(cycle);
  }

  Observed seen;
};

}  // namespace

double input_volts(std::uint64_t cycle, int channel) {
  constexpr std::uint64_t kStep = 40'000;
  switch (channel) {
    case 0: return cycle < kStep ? 1.0 : 4.0;
    case 1: return 3.0;
    default: return 2.5;
  }
}

Observed run_on_bench(const Experiment& experiment) {
  MachineSetup setup;
  setup.elf = experiment.firmware;
  setup.mcu = "atmega328p";
  for (const char port : {'B', 'C', 'D'}) {
    for (int bit = 0; bit < 8; ++bit) setup.watched.push_back({port, bit});
  }
  Recorder recorder;
  Machine machine(setup, recorder);
  for (const Byte& byte : experiment.uart) {
    machine.at(byte.cycle, [&machine, byte] { machine.send_uart(byte.value); });
  }
  for (const Edge& edge : experiment.pins) {
    machine.at(edge.cycle, [&machine, edge] { machine.drive_pin(edge.pin, edge.level); });
  }
  machine.run_until(experiment.cycles);
  for (std::size_t i = 0; i < recorder.seen.memory.size(); ++i) {
    recorder.seen.memory.at(i) = machine.peek(static_cast<std::uint16_t>(kResultAddress + i));
  }
  recorder.seen.doubts = machine.take_doubts();
  return recorder.seen;
}

}  // namespace conformance
