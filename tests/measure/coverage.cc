#include "tests/measure/coverage.h"

namespace rig::testing {

void Tally::add(const Measurement& m, double truth) {
  const double error = m.value - truth;
  ++measured;
  if (std::fabs(error) <= m.k * m.u) ++held;
  exact = exact && m.u == 0;
  if (m.u == 0) return;
  square += error * error / (m.u * m.u);
  sum += error / m.u;
}

Scope Draw::wrong(Scope scope) {
  scope.gain = 1 + normal(scope.gain_u);
  scope.volt_gain = 1 + normal(scope.gain_u);
  scope.volt_offset = normal(scope.volt_offset_u);
  scope.clock = 1 + normal(scope.rate_u);
  return scope;
}

void tally(const Measuring& capture, const Truth& truth, Tallies& tallies,
           std::optional<double> event) {
  for (const auto& [name, value] : truth) {
    Tally& t = tallies[name];
    const Measured measured = capture.take(name, nullptr, event);
    if (measured.value) t.add(*measured.value, value);
  }
}

}  // namespace rig::testing
