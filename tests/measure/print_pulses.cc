// Prints drawn captures, code by code, and what the rig measures in them, for judge_pulses.py.
//
//   capture RATE_HZ AMPS_PER_CODE VOLTS_PER_CODE NOISE_A
//   current CODE ...
//   voltage CODE ...
//   pulse PHASES BEGIN1 WIDTH1 AMPLITUDE1 CHARGE1 BEGIN2 WIDTH2 AMPLITUDE2 CHARGE2 GAP NET SQUARE
//         ENERGY                                         one line each; times in s since arming
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include "tests/measure/drawn.h"

namespace rig::testing {
namespace {

void print_codes(const char* channel, const std::vector<std::int16_t>& codes) {
  std::fputs(channel, stdout);
  for (const std::int16_t code : codes) std::printf(" %d", code);
  std::fputs("\n", stdout);
}

void print_phase(const Phase& phase, Picos armed) {
  std::printf(" %.15g %.15g %.15g %.15g", to_seconds(phase.begin - armed), phase.width,
              phase.amplitude, phase.charge);
}

// Three pulses of either polarity, the second phase longer and weaker than the first.
Drawn drawn_from(std::mt19937_64& draw) {
  const auto uniform = [&draw](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(draw);
  };
  const double sign = draw() % 2 == 0 ? 1 : -1;
  Drawn drawn{.length = 14e-3, .tau = draw() % 2 == 0 ? 0 : 0.4e-6};
  for (const double begin : {2e-3, 6e-3, 10e-3}) {
    const double amps = sign * uniform(5e-3, 100e-3);
    const double width = uniform(60e-6, 400e-6);
    const double gap = uniform(30e-6, 200e-6);
    const double at = begin + uniform(0, 1e-6);
    const double longer = uniform(1, 1.5);
    drawn.current.push_back({.begin = at, .width = width, .level = amps});
    drawn.current.push_back(
        {.begin = at + width + gap, .width = longer * width, .level = -amps / longer});
  }
  return drawn;
}

void print_capture(std::uint64_t seed) {
  std::mt19937_64 draw(seed);
  const Drawn drawn = drawn_from(draw);
  const double noise = seed % 2 == 0 ? 0 : 80e-6;
  const Recording recording =
      record(drawn, {.bits = seed % 3 == 0 ? 14 : 12, .noise = noise}, seed);
  const CaptureInfo& info = recording.info;
  std::printf("capture %.15g %.15g %.15g %.15g\n", info.rate.hertz(), info.channels[0].scale,
              info.channels[1].scale, noise);
  print_codes("current", recording.codes[0]);
  print_codes("voltage", recording.codes[1]);
  for (const Pulse& p : find(recording).pulses) {
    std::printf("pulse %d", p.phases);
    print_phase(p.first, info.armed_at);
    print_phase(p.second, info.armed_at);
    std::printf(" %.15g %.15g %.15g %.15g\n", p.gap, p.net_charge, p.square, p.energy);
  }
}

}  // namespace
}  // namespace rig::testing

int main() {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) rig::testing::print_capture(seed);
}
