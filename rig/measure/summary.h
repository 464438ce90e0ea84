// Every quantity of the catalog over all whole pulses of a waveform, in one table.
#pragma once

#include <string>
#include <vector>

#include "rig/measure/catalog.h"

namespace rig {

struct QuantitySummary {
  const QuantityInfo* info = nullptr;
  std::string name;   // with the channels' names where the catalog has A and B; else the catalog's
  std::size_t n = 0;  // pulses, or what the quantity rests on
  double mean = 0;
  double sd = 0;  // of one pulse; 0 for a quantity of the whole train
  double lowest = 0;
  double highest = 0;
  double u = 0;       // standard uncertainty of the mean
  std::string doubt;  // why it is not to be trusted; empty: it is
};

struct NotMeasured {
  const QuantityInfo* info = nullptr;
  std::string why;
  std::string name = std::string(info->name);
};

struct Summary {
  std::size_t pulses = 0;  // whole ones
  std::size_t cut = 0;     // by the ends of the samples: they enter nothing
  std::vector<QuantitySummary> measured;
  std::vector<NotMeasured> not_measured;
};

// What needs an event is left out. Pulses that lack a quantity (a settling that never ends) do not
// enter it; `n` tells how many have it.
Summary summarise(const Observation& seen);

// What lies between two channels of seen.logic: latencies to and fro, overlaps.
void summarise_between(const std::string& one, const std::string& other, const Observation& seen,
                       Summary& summary);

// The value of each quantity that a pulse has by itself, in the order of the catalog's table; NaN
// where it has none.
std::vector<const QuantityInfo*> quantities_of_a_pulse();
std::vector<double> values_of(const Pulse& pulse);

}  // namespace rig
