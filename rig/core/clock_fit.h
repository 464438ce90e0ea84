// How the sample clock of a digitizer that streams ran against the host's, as the arrivals of its
// blocks tell it.
#pragma once

#include <cstdint>

namespace rig {

struct ClockFit {
  double drift = 0;         // relative: by so much the digitizer's clock is faster than the host's
  double drift_u = 0;       // standard
  double offset = 0;        // s: from a sample to its arrival, at least
  double offset_u = 0;      // standard
  double residual_rms = 0;  // s, of the earliest arrivals about the line
  double residual_max = 0;  // s
  std::uint64_t arrivals = 0;
  std::uint64_t points = 0;  // the earliest of each window, through which the line goes
  double blind = 0;          // s: lost data that lasted no longer may not show
};

}  // namespace rig
