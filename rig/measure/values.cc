#include "rig/measure/values.h"

#include <cmath>

namespace rig {

double Values::sd() const { return count > 1 ? std::sqrt(m2 / static_cast<double>(count - 1)) : 0; }

double Values::of(Statistic statistic) const {
  switch (statistic) {
    case Statistic::kEvery: return deciding;
    case Statistic::kMean: return mean;
    case Statistic::kMin: return lowest;
    case Statistic::kMax: return highest;
    case Statistic::kFirst: return first;
    case Statistic::kLast: return last;
    case Statistic::kSd: return sd();
  }
  return deciding;
}

Measured measured(const QuantityName& what, const Values& values, const Budget& u) {
  Measurement m{.name = std::string(what.info->name),
                .value = values.of(what.statistic),
                .unit = std::string(what.info->unit),
                .statistic = std::string(statistic_name(what.statistic)),
                .count = values.count,
                .lowest = values.lowest,
                .highest = values.highest,
                .at = values.at};
  give(m, u);
  if (what.statistic != Statistic::kEvery) m.name += "." + m.statistic;
  return {.value = m};
}

Budget budget_of(Statistic statistic, const Values& values, const Budget& one, double left) {
  const auto n = static_cast<double>(values.count);
  if (statistic == Statistic::kMean) return one.of_mean(n, left);
  if (statistic != Statistic::kSd || values.count < 2) return one;
  return one.of_mean(n, left).add(Source::kScatter, values.sd() / std::sqrt(2 * (n - 1)), n - 1);
}

}  // namespace rig
