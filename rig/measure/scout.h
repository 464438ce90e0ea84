// Finds out from the first samples of a waveform what pulses in it look like: where its baseline
// lies, how much it is noise, and how far apart the phases of one pulse are. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "rig/core/capture.h"

namespace rig {

struct Scouted {
  double baseline = 0;   // in the channel's unit: median
  double noise = 0;      // standard deviation of the quiet samples
  double threshold = 0;  // either side of the baseline: 8 noise + 1.5 codes, and 2 % of the peak
  double peak = 0;       // largest distance from the baseline
  double max_gap = 0;    // s; 0: not told by these samples
  std::size_t runs = 0;  // stretches beyond the threshold
};

// The least difference between two of `values` that is not rounding of a float: the step of the
// converter that they once came from, or of the digits that they were written with. Far below the
// noise where there are neither; above 0.
double resolution_of(std::span<const float> values);

// What the user said, and need not be found.
struct ScoutGiven {
  std::optional<double> baseline;
  std::optional<double> threshold;  // above 0
};

// `values` in the channel's unit, `code` the size of one code, `step` s per
// sample. Assumes that less than half of the samples lie on either side of the baseline.
//
// max_gap lies between the quiet stretches inside pulses and those between pulses: above the
// shortest kind, when the phases either side of it are of opposite sign and the next kind is three
// times as long; below the shortest otherwise.
Scouted scout(std::span<const float> values, double code, double step,
              const ScoutGiven& given = {});

}  // namespace rig
