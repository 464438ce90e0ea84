// Single pulses.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "tests/measure/coverage.h"

namespace rig::testing {

// Edges of one time constant, an asymmetric pair of phases, some offset of the digitizer.
void draw_a_pulse(int n, Tallies& tallies) {
  Draw draw(n);
  const Scope scope = draw.wrong({.rate = {5'000'000, 1},
                                  .bits = 14,
                                  .noise = 60e-6,
                                  .gain_u = 5e-4,
                                  .rate_u = 25e-6,
                                  .volt_offset_u = 0.05});
  const double tau = draw.uniform(0.8e-6, 1.2e-6);
  const double amps = draw.uniform(20e-3, 100e-3);
  const double width = draw.uniform(150e-6, 300e-6);
  const double second = draw.uniform(0.5, 1) * amps;
  const double gap = draw.uniform(50e-6, 150e-6);
  const double begin = 0.3e-3 + draw.uniform(0, 1e-6);
  Drawn drawn{.length = 1.5e-3, .baseline = draw.uniform(-1e-4, 1e-4), .tau = tau};
  drawn.current.push_back({.begin = begin, .width = width, .level = amps});
  drawn.current.push_back({.begin = begin + width + gap, .width = width, .level = -second});
  const Measuring capture(record(drawn, scope, static_cast<std::uint64_t>(n)));
  ASSERT_EQ(capture.pulses().size(), 1u);
  const double net = (amps - second) * width;
  const double transition = tau * std::log(9);
  const double settling = tau * std::log(25);
  const double energetic = width - tau * (1 - std::exp(-width / tau));
  tally(capture,
        {{"phase1.width", width},
         {"phase2.width", width},
         {"width.difference", 0},
         {"gap", gap},
         {"pulse.duration", 2 * width + gap},
         {"phase1.amplitude", amps},
         {"phase2.amplitude", second},
         {"phase1.mode", amps},
         {"phase2.mode", second},
         {"phase1.peak", amps},
         {"phase2.peak", second},
         {"phase1.charge", amps * width},
         {"phase2.charge", second * width},
         {"net_charge", net},
         {"charge_imbalance", 100 * net / (amps * width)},
         {"energy", drawn.ohms * (amps * amps + second * second) * energetic},
         {"phase1.first_transition", transition},
         {"phase1.second_transition", transition},
         {"phase2.first_transition", transition},
         {"phase2.second_transition", transition},
         {"phase1.settling", settling},
         {"phase2.settling", settling},
         {"phase1.overshoot", 0},
         {"phase1.undershoot", 0},
         {"phase2.undershoot", 0},
         {"pulse.phases", 2},
         {"phase1.preshoot", 0},
         {"phase1.aftershoot", 0},
         {"phase2.overshoot", 0},
         {"phase2.preshoot", 0},
         {"phase2.aftershoot", 0},
         {"current.peak", amps},
         {"voltage.peak", drawn.ohms * amps}},
        tallies);
}

void draw_drooping_phases(int n, Tallies& tallies) {
  Draw draw(n);
  const Scope scope =
      draw.wrong({.rate = {2'000'000, 1}, .noise = 100e-6, .gain_u = 1e-3, .rate_u = 25e-6});
  const double width = draw.uniform(200e-6, 450e-6);
  const double droop = draw.uniform(20, 100);
  const double level = draw.uniform(20e-3, 100e-3);
  const double begin = 0.3e-3 + draw.uniform(0, 1e-6);
  Drawn drawn{.length = 2.5e-3};
  drawn.current.push_back({.begin = begin, .width = width, .level = level, .droop = droop});
  drawn.current.push_back(
      {.begin = begin + width + 80e-6, .width = width, .level = -0.8 * level, .droop = droop});
  const Measuring capture(record(drawn, scope, static_cast<std::uint64_t>(n)));
  const double lost = 100 * (1 - std::exp(-droop * 0.8 * width));
  tally(capture, {{"phase1.droop", lost}, {"phase2.droop", lost}}, tallies);
}

}  // namespace rig::testing
