// Measures the one pulse inside a stretch of samples. Internal to measure/.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "rig/core/capture.h"
#include "rig/measure/edges.h"
#include "rig/measure/pulses.h"

namespace rig {

// Code: std::int16_t, which every type of 8 and 16 bits fits into, or float.
template <typename Code>
struct Region {
  const Channel* current = nullptr;  // null: not captured
  const Channel* voltage = nullptr;
  std::span<const Code> current_codes;     // a few quiet samples, the pulse, quiet samples
  std::span<const Code> voltage_codes;     // as long, or empty
  std::size_t lead = 0;                    // quiet samples in front, at most
  double baseline = 0;                     // code: the quiet level in front
  double noise = 0;                        // codes: standard deviation in front
  std::optional<double> voltage_baseline;  // codes: likewise; none without quiet samples
  double voltage_noise = 0;                // codes: likewise
  double threshold = 1;                    // codes above baseline that are output
  double step = 0;                         // s per sample
  const PulseCriteria* criteria = nullptr;
  EdgeWindows* edges = nullptr;          // filled when not null
  std::function<Picos(double)> time_at;  // bench clock of a fractional row
};

// Everything of a Pulse but where its region lies, and whether it was cut.
template <typename Code>
Pulse measure_region(const Region<Code>& region);

}  // namespace rig
