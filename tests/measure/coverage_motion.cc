// How a vibration starts, stops, surges and drifts.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "tests/measure/coverage.h"
#include "tests/measure/drawn_motion.h"

namespace rig::testing {
namespace {

constexpr double kTwoPi = 2 * std::numbers::pi;

struct Vibration {
  double hertz = 45;
  double phase = 0;
  double at(double t) const { return std::sin(kTwoPi * hertz * t + phase); }
};

Vibration vibration(Draw& draw) {
  return {.hertz = draw.uniform(20, 60), .phase = draw.uniform(0, kTwoPi)};
}

Accelerometer wrong(Draw& draw) {
  Accelerometer how{
      .rate = 2000, .noise = draw.uniform(0.01, 0.05), .gain_u = 0.005, .rate_u = 50e-6};
  how.gain = 1 + draw.normal(how.gain_u);
  how.clock = 1 + draw.normal(how.rate_u);
  how.zero = draw.normal(0.05);
  return how;
}

void add(const Measured& measured, const std::string& name, double truth, Tallies& tallies) {
  Tally& t = tallies[name];
  if (measured.value) t.add(*measured.value, truth);
}

// Linear from 0 at `begin` to 1 at `end`.
double ramp(double t, double begin, double end) {
  return std::clamp((t - begin) / (end - begin), 0.0, 1.0);
}

}  // namespace

void draw_a_ramped_vibration(int n, Tallies& tallies) {
  Draw draw(n);
  const Vibration v = vibration(draw);
  const double peak = draw.uniform(1, 4);
  const double up = draw.uniform(0.8, 1.5);
  const double down = draw.uniform(0.8, 1.5);
  const double begin = 0.2 + draw.uniform(0, 0.05);
  const double fall = begin + up + 2 + draw.uniform(0, 0.05);
  const DrawnMotion motion(
      [&](double t) {
        return peak * std::min(ramp(t, begin, begin + up), 1 - ramp(t, fall, fall + down)) *
               v.at(t);
      },
      fall + down + 0.3, wrong(draw), static_cast<std::uint64_t>(n));
  add(motion.of("vibration.ramp_up", 0, fall), "vibration.ramp_up", 0.8 * up, tallies);
  add(motion.of("vibration.ramp_down", begin + up), "vibration.ramp_down", 0.8 * down, tallies);
}

// An amplitude too large for a while, before it settles; and one that a load has changed.
void draw_an_overshoot(int n, Tallies& tallies) {
  Draw draw(n);
  const Vibration v = vibration(draw);
  const double peak = draw.uniform(1, 3);
  const double excess = draw.uniform(0.1, 0.5);
  const double lifted = 1.2;
  const DrawnMotion start(
      [&](double t) { return peak * (1 + excess * (1 - ramp(t, 0.8, 1))) * v.at(t); }, 3,
      wrong(draw), static_cast<std::uint64_t>(n));
  add(start.of("vibration.overshoot"), "vibration.overshoot", 100 * excess, tallies);
  const DrawnMotion lift(
      [&](double t) {
        return peak * (1 + excess * (ramp(t, lifted, lifted + 0.1) - ramp(t, 1.8, 2))) * v.at(t);
      },
      2.6, wrong(draw), static_cast<std::uint64_t>(n) + 1);
  add(lift.of("vibration.surge", lifted, 1e3, lifted), "vibration.surge", 100 * (1 + excess),
      tallies);
  add(lift.of("vibration.largest"), "vibration.largest", peak * (1 + excess), tallies);
}

void draw_a_stop(int n, Tallies& tallies) {
  Draw draw(n);
  const Vibration v = vibration(draw);
  const Vibration free{.hertz = draw.uniform(22, 30), .phase = draw.uniform(0, kTwoPi)};
  const double peak = draw.uniform(1, 4);
  const double tau = draw.uniform(0.05, 0.15);
  const double event = 0.5 + draw.uniform(0, 0.05);
  const auto signal = [&](double t) {
    if (t < event) return peak * v.at(t);
    return peak * std::exp(-(t - event) / tau) * free.at(t - event);
  };
  Accelerometer how = wrong(draw);
  how.noise = draw.uniform(0.002, 0.01);
  const DrawnMotion motion(signal, 2, how, static_cast<std::uint64_t>(n));
  // An extreme lies where the slope is zero: a little before the peak of its sine.
  const double turn = kTwoPi * free.hertz;
  const double extreme = peak * turn / std::hypot(turn, 1 / tau);
  add(motion.of("vibration.stop_time", event, 1e3, event), "vibration.stop_time",
      tau * std::log(extreme / 0.1), tallies);
  add(motion.of("vibration.ring_down", event, 1e3, event), "vibration.ring_down", tau, tallies);
}

void draw_a_rocking_platform(int n, Tallies& tallies) {
  Draw draw(n);
  const Vibration v = vibration(draw);
  const Vibration x{.hertz = v.hertz, .phase = draw.uniform(0, kTwoPi)};
  const double peak = draw.uniform(1, 4);
  const double share = draw.uniform(0.02, 0.2);
  Accelerometer how = wrong(draw);
  how.gain_u = 0;  // both channels of one instrument here: what noise does
  how.gain = 1;
  const DrawnMotion motion([&](double t) { return peak * v.at(t); },
                           [&](double t) { return share * peak * x.at(t); }, 1.1, how,
                           static_cast<std::uint64_t>(n));
  add(motion.of("cross_axis.acceleration_x.to.acceleration"),
      "cross_axis.acceleration_x.to.acceleration", 100 * share, tallies);
}

void draw_a_drifting_vibration(int n, Tallies& tallies) {
  Draw draw(n);
  const Vibration v = vibration(draw);
  const double peak = draw.uniform(1, 4);
  const double drift = draw.uniform(-0.05, 0.05);
  Accelerometer how = wrong(draw);
  how.rate = 1000;
  const DrawnMotion motion([&](double t) { return peak * (1 + drift * (t - 4) / 7) * v.at(t); }, 8,
                           how, static_cast<std::uint64_t>(n));
  add(motion.of("vibration.drift"), "vibration.drift", 100 * drift, tallies);
}

}  // namespace rig::testing
