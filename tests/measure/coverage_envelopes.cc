// Trains whose amplitude changes.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "tests/measure/coverage.h"

namespace rig::testing {

// A ramp that rises evenly, and what follows the event that ends it.
void draw_a_ramp_and_its_end(int n, Tallies& tallies) {
  Draw draw(n);
  const Scope scope =
      draw.wrong({.rate = {1'000'000, 1}, .noise = 60e-6, .gain_u = 1e-3, .rate_u = 25e-6});
  const double step = draw.uniform(2e-3, 4e-3);
  const double period = draw.uniform(2.5e-3, 3e-3);
  const double width = draw.uniform(300e-6, 400e-6);
  Drawn drawn{.length = 0, .tau = 3e-6};
  double onset = 1e-3 + draw.uniform(0, 2e-6);
  double level = 0;
  for (int k = 0; k < 20; ++k) {
    level = (k + 1) * step + draw.normal(0.05 * step);
    drawn.current.push_back({.begin = onset, .width = width, .level = level});
    drawn.current.push_back({.begin = onset + width + 50e-6, .width = width, .level = -level});
    onset += period;
  }
  drawn.length = onset + 8e-3;
  const double event = onset - 1.2 * period;  // between the last two pulses
  Recording recording = record(drawn, scope, static_cast<std::uint64_t>(n));
  recording.info.alignment_u = 10e-6;
  const double seen = event + draw.normal(recording.info.alignment_u);
  const Measuring capture(std::move(recording));
  // The tail falls below the threshold of 1 mA.
  const double end = onset - period + 2 * width + 50e-6 + drawn.tau * std::log(level / 1e-3);
  const double energetic = width - drawn.tau * (1 - std::exp(-width / drawn.tau));
  tally(capture, {{"ramp.slope", step / period}}, tallies);
  tally(capture,
        {{"output.off_latency", end - event},
         {"output.charge_after", 2 * level * width},
         {"output.energy_after", 2 * 500 * level * level * energetic}},
        tallies, seen);
}

// A trapezoid. Its pulses come wherever they come on the slopes.
void draw_a_slope(int n, Tallies& tallies) {
  Draw draw(n);
  const Scope scope = draw.wrong({.rate = {500'000, 1},
                                  .has_voltage = false,
                                  .noise = 100e-6,
                                  .gain_u = 2e-4,
                                  .rate_u = 25e-6});
  const double period = draw.uniform(2.5e-3, 3e-3);
  const double high = draw.uniform(40e-3, 100e-3);
  const double low = 0.1 * high;
  const double up = draw.uniform(15, 25) * period;
  const double flat = draw.uniform(8, 12) * period;
  const double down = draw.uniform(15, 25) * period;
  const double begin = 1e-3 + draw.uniform(0, 2e-6);
  Drawn drawn{.length = 0, .tau = 3e-6};
  double last = 0;
  double largest_step = 0;
  double before = high;
  for (double t = 0; t < up + flat + down; t += period) {
    const double rising = low + (high - low) * t / up;
    const double falling = high - (high - low) * (t - up - flat) / down;
    const double level = std::min({rising, high, falling});
    largest_step = std::max(largest_step, level - before);
    before = level;
    last = t;
    add_biphasic(drawn, begin + t, level, 300e-6, 50e-6);
  }
  drawn.length = begin + last + 5e-3;
  const Measuring capture(record(drawn, scope, static_cast<std::uint64_t>(n)));
  const double near = 0.05 * high / (high - low);  // of a slope: where it is at 95 %
  tally(capture,
        {{"ramp.up_time", (1 - near) * up},
         {"ramp.down_time", last - (up + flat + near * down)},
         {"ramp.largest_step", largest_step}},
        tallies);
}

// Between two amplitudes, to and fro.
void draw_a_modulation(int n, Tallies& tallies) {
  Draw draw(n);
  const Scope scope = draw.wrong({.rate = {500'000, 1},
                                  .has_voltage = false,
                                  .noise = 100e-6,
                                  .gain_u = 2e-4,
                                  .rate_u = 25e-6});
  const double high = draw.uniform(40e-3, 100e-3);
  const double low = draw.uniform(0.3, 0.8) * high;
  const double modulation = draw.uniform(20e-3, 30e-3);
  const double period = draw.uniform(2.2e-3, 2.6e-3);
  const double begin = 1e-3 + draw.uniform(0, 2e-6);
  const double phase = draw.uniform(0, 1);
  Drawn drawn{.length = 0, .tau = 3e-6};
  for (int k = 0; k < 45; ++k) {
    const double t = k * period;
    const double turn = t / modulation + phase;
    add_biphasic(drawn, begin + t, turn - std::floor(turn) < 0.5 ? high : low, 300e-6, 50e-6);
  }
  drawn.length = begin + 45 * period;
  const Measuring capture(record(drawn, scope, static_cast<std::uint64_t>(n)));
  tally(capture,
        {{"envelope.largest", high},
         {"envelope.smallest", low},
         {"envelope.depth", 100 * (high - low) / (high + low)},
         {"envelope.period", modulation}},
        tallies);
}

}  // namespace rig::testing
