// What a train of pulses puts into the body: r.m.s. and average current, their densities, d.c.
#include <algorithm>
#include <cmath>
#include <deque>

#include "rig/measure/train.h"

namespace rig {
namespace {

// Gain and time base, of what goes with the current.
Budget scale_u(const Context& c, double value) {
  return Budget(Source::kGain, c.facts.gain_i_u * value)
      .add(Source::kClock, c.facts.rate_u * value);
}

// d(rms) = i dq / (rms T), with the noise and edges of the charges in T.
Budget rms_u(const Context& c, double value, double seconds, const Budget& charges) {
  const double sensitivity = value > 0 ? c.train.current_peak / (value * seconds) : 0;
  return charges.times(sensitivity).add(scale_u(c, value));
}

struct Window {
  double largest = 0;  // A, r.m.s.
  Picos at{};
  Budget u;
};

// The largest r.m.s. current over any window of that length that begins with a pulse.
Window largest_rms(const Context& c, Picos length) {
  struct Dose {
    Picos at;
    double square;
  };
  std::deque<Dose> inside;
  double square = 0;
  Window found;
  c.visit([&](const Pulse& pulse) {
    while (!inside.empty() && pulse.onset() - inside.front().at >= length) {
      square -= inside.front().square;
      inside.pop_front();
    }
    inside.push_back({pulse.onset(), pulse.square});
    square = inside.size() == 1 ? pulse.square : square + pulse.square;
    const double value = std::sqrt(std::max(0.0, square) / to_seconds(length));
    if (value > found.largest) found = {.largest = value, .at = inside.front().at};
  });
  Budget charges;
  c.visit([&](const Pulse& pulse) {
    if (pulse.onset() < found.at || pulse.onset() - found.at >= length) return;
    charges.add_pulse(net_charge_parts(pulse, c.facts));
  });
  found.u = rms_u(c, found.largest, to_seconds(length), charges);
  return found;
}

}  // namespace

Measured rms(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  const double t = c.mean_period() * static_cast<double>(c.train.count);
  const double value = std::sqrt(c.train.square / t);
  return c.result(value, rms_u(c, value, t, c.train.net_charge_u), c.train.count);
}

Measured dc(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  if (c.train.baselines == 0) return {.why_not = "no pulse has quiet samples in front of it"};
  const double n = static_cast<double>(c.train.count);
  const double period = c.mean_period();
  const double baseline = c.train.baseline / static_cast<double>(c.train.baselines);
  const double value = c.train.net_charge / (n * period) + baseline;
  Budget sum;
  c.visit([&](const Pulse& p) { sum.add_pulse(mean_current_parts(p, c.facts, period)); });
  const Budget u = sum.in_places(c.train.places.left()).times(1 / n).add(scale_u(c, value));
  return c.result(value, u, c.train.count);
}

Measured sliding_rms(const Context& c) {
  if (c.train.count == 0) return c.silent(1);
  const Picos length = std::chrono::seconds(c.what.info->name == "rms.sliding_1s" ? 1 : 5);
  const Window w = largest_rms(c, length);
  return c.result(w.largest, w.u, c.train.count, w.at);
}

Measured average(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  double charge = 0;
  c.visit(
      [&](const Pulse& p) { charge += std::fabs(p.first.charge) + std::fabs(p.second.charge); });
  const double t = c.mean_period() * static_cast<double>(c.train.count);
  return c.result(charge / t, c.train.net_charge_u.times(1 / t).add(scale_u(c, charge / t)),
                  c.train.count);
}

Measured density(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  const double area = c.seen.electrode_area;
  if (area <= 0) {
    return {.why_not = "the electrode's area is not known, or not the same all the time"};
  }
  if (c.what.info->name == "current.density") {
    const double t = c.mean_period() * static_cast<double>(c.train.count);
    const double value = std::sqrt(c.train.square / t);
    const Budget u = rms_u(c, value, t, c.train.net_charge_u).times(1 / area);
    return c.result(value / area, u, c.train.count);
  }
  if (c.seen.load <= 0) {
    return {.why_not = "the load is not known, no plain resistor, or not the same all the time"};
  }
  const Window w = largest_rms(c, std::chrono::seconds(1));
  const double value = c.seen.load * w.largest * w.largest / area;
  Budget u = w.u.times(2 * c.seen.load * w.largest / area);
  return c.result(value, u.add(Source::kLoad, c.seen.load_u * value), c.train.count, w.at);
}

}  // namespace rig
