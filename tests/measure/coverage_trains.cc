// Trains: their rhythm and what they put into the body.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "tests/measure/coverage.h"

namespace rig::testing {
namespace {

struct Periods {
  std::vector<double> onsets;

  std::size_t count() const { return onsets.size() - 1; }
  double mean() const { return (onsets.back() - onsets.front()) / static_cast<double>(count()); }
  double of(std::size_t k) const { return onsets[k + 1] - onsets[k]; }
  double farthest() const {
    double peak = 0;
    for (std::size_t k = 0; k < count(); ++k) peak = std::max(peak, std::fabs(of(k) - mean()));
    return peak;
  }
  double longest() const {
    double longest = 0;
    for (std::size_t k = 0; k < count(); ++k) longest = std::max(longest, of(k));
    return longest;
  }
  // Onsets less the line of least squares through them: the largest.
  double tie() const {
    const auto n = static_cast<double>(onsets.size());
    double sum = 0;
    double cross = 0;
    for (std::size_t k = 0; k < onsets.size(); ++k) {
      sum += onsets[k];
      cross += (static_cast<double>(k) - 0.5 * (n - 1)) * onsets[k];
    }
    const double slope = cross / (n * (n * n - 1) / 12);
    double peak = 0;
    for (std::size_t k = 0; k < onsets.size(); ++k) {
      const double grid = sum / n + (static_cast<double>(k) - 0.5 * (n - 1)) * slope;
      peak = std::max(peak, std::fabs(onsets[k] - grid));
    }
    return peak;
  }
  // Of the parabola of least squares through the onsets, over the window, in percent.
  double drift() const {
    const auto n = static_cast<double>(onsets.size());
    double bend = 0;
    double quartic = 0;
    for (std::size_t k = 0; k < onsets.size(); ++k) {
      const double x = static_cast<double>(k) - 0.5 * (n - 1);
      const double y = x * x - (n * n - 1) / 12;
      bend += y * onsets[k];
      quartic += y * y;
    }
    return 100 * 2 * bend / quartic * (n - 2) / mean();
  }
};

}  // namespace

void draw_a_train(int n, Tallies& tallies) {
  constexpr double kJitter = 20e-6;
  constexpr std::size_t kPulses = 31;
  Draw draw(n);
  const Scope scope =
      draw.wrong({.rate = {500'000, 1}, .noise = 100e-6, .gain_u = 1e-3, .rate_u = 25e-6});
  const double amps = draw.uniform(20e-3, 100e-3);
  const double second = 0.9 * amps;
  const double width = draw.uniform(400e-6, 450e-6);
  const double gap = 100e-6;
  const double period = draw.uniform(2.5e-3, 3e-3);
  Drawn drawn{.length = 0, .tau = 6e-6};
  Periods periods;
  double onset = 1e-3 + draw.uniform(0, 2e-6);
  for (std::size_t k = 0; k < kPulses; ++k) {
    periods.onsets.push_back(onset);
    drawn.current.push_back({.begin = onset, .width = width, .level = amps});
    drawn.current.push_back({.begin = onset + width + gap, .width = width, .level = -second});
    onset += period + draw.normal(kJitter);
  }
  drawn.length = onset + 1e-3;
  const double from_the_threshold = 2 * width + gap + drawn.tau * std::log(second / 1e-3);
  Measuring capture(record(drawn, scope, static_cast<std::uint64_t>(n)));
  ASSERT_EQ(capture.pulses().size(), kPulses);
  capture.know_electrode(25e-4, 500);
  const double duration = 2 * width + gap;
  const double energetic = width - drawn.tau * (1 - std::exp(-width / drawn.tau));
  const double square = (amps * amps + second * second) * energetic;
  const double rms = std::sqrt(square / periods.mean());
  const double rms_1s = std::sqrt(square * kPulses);
  tally(capture,
        {{"period", periods.longest()},
         {"period.mean", periods.mean()},
         {"rate", 1 / periods.mean()},
         {"period.jitter", kJitter},
         {"period.jitter_peak", periods.farthest()},
         {"period.jitter_p999", periods.farthest()},
         {"period.cycle_to_cycle", std::numbers::sqrt2 * kJitter},
         {"tie.peak", periods.tie()},
         {"period.drift", periods.drift()},
         {"train.duration", periods.onsets.back() - periods.onsets.front() + from_the_threshold -
                                drawn.tau * std::numbers::ln2},
         {"separation", periods.longest() - duration},
         {"separation.mean", periods.mean() - duration},
         {"duty", 100 * duration / periods.mean()},
         {"rms", rms},
         {"rms.sliding_1s", rms_1s},
         {"rms.sliding_5s", rms_1s / std::sqrt(5)},
         {"current.average", (amps + second) * width / periods.mean()},
         {"current.density", rms / 25e-4},
         {"power.density", 500 * rms_1s * rms_1s / 25e-4},
         {"dc", (amps - second) * width / periods.mean()},
         {"phase1.width.mean", width},
         {"phase1.amplitude.mean", amps},
         {"phase1.charge.mean", amps * width},
         {"net_charge.mean", (amps - second) * width}},
        tallies);
}

// What flows between the pulses counts as they do, and only as well as the channel's zero is known.
void draw_a_leak(int n, Tallies& tallies) {
  Draw draw(n);
  Scope scope = draw.wrong(
      {.rate = {500'000, 1}, .noise = 100e-6, .gain_u = 1e-3, .rate_u = 25e-6, .offset_u = 20e-6});
  scope.offset = draw.normal(scope.offset_u);
  const double width = draw.uniform(200e-6, 300e-6);
  const double period = draw.uniform(4e-3, 5e-3);
  Drawn drawn =
      train(4, period, draw.uniform(20e-3, 100e-3), width, 100e-6, draw.uniform(1e-3, 1.1e-3));
  drawn.baseline = draw.uniform(-5e-4, 5e-4);
  drawn.tau = 6e-6;
  const Measuring capture(record(drawn, scope, static_cast<std::uint64_t>(n)));
  tally(capture, {{"dc", drawn.baseline}, {"baseline", drawn.baseline}}, tallies);
}

void draw_bursts(int n, Tallies& tallies) {
  Draw draw(n);
  const Scope scope =
      draw.wrong({.rate = {500'000, 1}, .noise = 100e-6, .gain_u = 1e-3, .rate_u = 25e-6});
  Drawn drawn{.length = 0, .tau = 6e-6};
  double onset = 1e-3 + draw.uniform(0, 2e-6);
  double last_off = 0;
  double longest_on = 0;
  double mean_on = 0;
  double longest_off = 0;
  for (int burst = 0; burst < 3; ++burst) {
    const double begin = onset;
    if (burst > 0) longest_off = std::max(longest_off, begin - last_off);
    for (int k = 0; k < 6; ++k) {
      add_biphasic(drawn, onset, 40e-3, 200e-6, 50e-6);
      onset += 2e-3 + (k < 5 ? draw.normal(20e-6) : 0);
    }
    const double last = onset - 2e-3;
    const double period = (last - begin) / 5;
    longest_on = std::max(longest_on, last - begin + period);
    mean_on += (last - begin + period) / 3;
    last_off = last + period;
    onset = last_off + 15e-3;
  }
  drawn.length = onset;
  const Measuring capture(record(drawn, scope, static_cast<std::uint64_t>(n)));
  tally(capture,
        {{"burst.on_time", longest_on},
         {"burst.on_time.mean", mean_on},
         {"burst.off_time", longest_off},
         {"burst.count", 3},
         {"burst.pulses", 6}},
        tallies);
}

// Pulses left out, pulses too many, amplitudes that fall while they should rise.
void draw_a_faulty_train(int n, Tallies& tallies) {
  Draw draw(n);
  const Scope scope =
      draw.wrong({.rate = {500'000, 1}, .has_voltage = false, .noise = 100e-6, .rate_u = 25e-6});
  constexpr int kPlaces = 40;
  constexpr double kPeriod = 4e-3;
  const double begin = 1e-3 + draw.uniform(0, 2e-6);
  Drawn drawn{.length = begin + kPlaces * kPeriod, .tau = 6e-6};
  const int event = draw.whole(10, 30);
  double count = 0;
  double missing = 0;
  double extra = 0;
  double falls = 0;
  double after = 0;
  for (int place = 0; place < kPlaces; ++place) {
    // What is wrong at every third place stands alone.
    const int fault = place % 3 == 1 && place < kPlaces - 4 ? draw.whole(0, 3) : 0;
    if (fault == 1) {
      ++missing;
      continue;
    }
    const double onset = begin + place * kPeriod + draw.normal(20e-6);
    const double level = 10e-3 + place * 0.8e-3 - (fault == 2 && place < 25 ? 2e-3 : 0);
    if (fault == 2 && place < 25) ++falls;
    add_biphasic(drawn, onset, level, 200e-6, 50e-6);
    ++count;
    if (place > event) ++after;
    if (fault != 3) continue;
    ++extra;
    ++count;
    if (place > event) ++after;
    add_biphasic(drawn, onset + 1.6e-3, level + 0.1e-3, 200e-6, 50e-6);
  }
  const Measuring capture(record(drawn, scope, static_cast<std::uint64_t>(n)));
  tally(capture,
        {{"pulse.count", count},
         {"pulse.missing", missing},
         {"pulse.extra", extra},
         {"ramp.falls", falls}},
        tallies);
  tally(capture, {{"output.pulses_after", after}}, tallies,
        begin + event * kPeriod + 0.75 * kPeriod);
}

}  // namespace rig::testing
