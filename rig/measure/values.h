// Values of which a statistic is asked for: what lies between pulses, edges and bursts. Internal to
// measure/.
#pragma once

#include <cstddef>
#include <limits>

#include "rig/measure/catalog.h"
#include "rig/measure/evaluate.h"

namespace rig {

struct Values {
  std::size_t count = 0;
  double mean = 0;
  double m2 = 0;
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -std::numeric_limits<double>::infinity();
  double first = 0;
  double last = 0;
  double deciding = 0;
  double least = std::numeric_limits<double>::infinity();
  Picos at{};

  void add(double x, Picos when, const Limit* limit) {
    if (count++ == 0) first = x;
    last = x;
    const double delta = x - mean;
    mean += delta / static_cast<double>(count);
    m2 += delta * (x - mean);
    lowest = std::min(lowest, x);
    highest = std::max(highest, x);
    if (margin_to(limit, x) >= least) return;
    least = margin_to(limit, x);
    deciding = x;
    at = when;
  }
  double sd() const;
  double of(Statistic statistic) const;
};

// With its statistic in its name.
Measured measured(const QuantityName& what, const Values& values, const Budget& u);

// Of a statistic of values that are each uncertain by `one`; `left` as in Budget::of_mean.
Budget budget_of(Statistic statistic, const Values& values, const Budget& one, double left);

}  // namespace rig
