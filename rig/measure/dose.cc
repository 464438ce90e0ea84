// What a train of pulses puts into the body: r.m.s. and average current, their densities, d.c.
#include <algorithm>
#include <cmath>
#include <deque>

#include "rig/measure/train.h"

namespace rig {
namespace {

// Sensitivity to gain of what goes with the current.
double scaled_u(const Context& c, double value) { return c.facts.gain_i_u * std::fabs(value); }

struct Window {
  double largest = 0;  // A, r.m.s.
  Picos at{};
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
    if (value > found.largest) found = {value, inside.front().at};
  });
  return found;
}

}  // namespace

Measured rms(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  const double t = c.mean_period() * static_cast<double>(c.train.count);
  const double value = std::sqrt(c.train.square / t);
  return c.result(value, std::hypot(c.facts.gain_i_u, c.facts.rate_u) * value, c.train.count);
}

Measured dc(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  const double t = c.mean_period() * static_cast<double>(c.train.count);
  const double value = c.train.net_charge / t;
  const double charge_u = std::hypot(std::sqrt(c.train.net_random2), c.train.net_common);
  return c.result(value, std::hypot(c.facts.gain_i_u * value, charge_u / t), c.train.count);
}

Measured sliding_rms(const Context& c) {
  if (c.train.count == 0) return c.silent(1);
  const Picos length = std::chrono::seconds(c.what.info->name == "rms.sliding_1s" ? 1 : 5);
  const Window w = largest_rms(c, length);
  return c.result(w.largest, scaled_u(c, w.largest), c.train.count, w.at);
}

Measured average(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  double charge = 0;
  double charge_u = 0;
  c.visit([&](const Pulse& p) {
    charge += std::fabs(p.first.charge) + std::fabs(p.second.charge);
    const ChargeU u = net_charge_parts(p, c.facts);
    charge_u += std::hypot(u.random, u.common);
  });
  const double t = c.mean_period() * static_cast<double>(c.train.count);
  return c.result(charge / t, std::hypot(scaled_u(c, charge / t), charge_u / t), c.train.count);
}

Measured density(const Context& c) {
  if (c.train.count < 2) return c.silent(2);
  if (c.seen.electrode_area <= 0)
    return {.why_not = "the electrode's area is not known, or not the same all the time"};
  if (c.what.info->name == "current.density") {
    Measured m = rms(c);
    if (!m.value) return m;
    m.value->value /= c.seen.electrode_area;
    m.value->u /= c.seen.electrode_area;
    m.value->lowest = m.value->highest = m.value->value;
    return m;
  }
  if (c.seen.load <= 0)
    return {.why_not = "the load is not known, no plain resistor, or not the same all the time"};
  const Window w = largest_rms(c, std::chrono::seconds(1));
  const double value = c.seen.load * w.largest * w.largest / c.seen.electrode_area;
  const double relative = std::hypot(2 * c.facts.gain_i_u, c.seen.load_u);
  return c.result(value, relative * value, c.train.count, w.at);
}

}  // namespace rig
