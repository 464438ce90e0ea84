// What the instants at which the blocks of a stream arrived tell about its sample clock, and about
// samples that never came (facts/instruments.md 5.3). Pure.
//
//   delay |  .   . |  '    .|   .  |  .  '      A block is never early, and late by chance: the
//         | .'. .  | . '   ' .  ' | '.          earliest of each window lie on a line, whose
//         |x______x|_______x|____x|____x        slope is the drift of the clock. Where data is
//         +--------------------------> sample   lost, it steps up and stays up.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "rig/core/clock_fit.h"
#include "rig/core/units.h"

namespace rig {

struct Arrival {
  std::uint64_t units = 0;  // so many bytes, or samples, had come
  Picos at{};               // host's clock
};

struct StreamTiming {
  double rate_hz = 0;  // nominal, of the same units
  Picos begun{};       // host's clock at the first of them
  double grid = 0;     // s: a transport that looks for data so often may hide the clock behind it
};

// Keeps one of each two: the one that came earlier for its place; of the last two the last, from
// which the next is counted.
void thin_out(std::vector<Arrival>& arrivals, double rate_hz);

// Line through the earliest arrival of each of up to 32 windows, by Huber's M-estimator (k = 1.345
// of a scale from the median absolute deviation), its covariance from Huber, Robust Statistics
// (1981), 7.6. The offset is the lowest arrival, less what the lowest of so many exponential delays
// exceeds their floor by. The grid adds a rectangle of 1.5 grids over the length to the drift, and
// of one to the offset. nullopt: fewer than 8 arrivals, or no time between them.
// REQUIRES: units that increase.
std::optional<ClockFit> fit_clock(std::span<const Arrival> arrivals, const StreamTiming& timing);

// Units that never came, as one step in the delays: from some window on all of them exceed the line
// before by more than the grid and ten standard uncertainties, those of the last four windows
// included, for what is late once comes back to the line. Beyond the first and before the last four
// windows it sees a loss of more than ClockFit::blind; of several the sum, or the largest.
struct LostUnits {
  std::uint64_t behind = 0;  // so many had come before, or up to a window more
  double seconds = 0;
  double u = 0;  // standard
};
std::optional<LostUnits> find_lost(std::span<const Arrival> arrivals, const StreamTiming& timing);

}  // namespace rig
