// The events that a sync channel shows, by its edges on the clock of the samples themselves.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rig/bench/bench.h"
#include "rig/core/capture.h"

namespace rig {

class SyncTrace {
 public:
  // REQUIRES: the capture has the channel.
  SyncTrace(SyncChannel how, const CaptureInfo& info);

  // An edge lies where the level is crossed, between two samples; it counts once the signal is past
  // the level by a tenth of it. Throws RigError beyond a million edges.
  void take(const CaptureInfo& info, const Block& block);

  // The event whose instant the host knows as `at`, on the capture, to within four of its standard
  // uncertainties `u` (s): of the one edge that is there. Throws RigError when none is, or several.
  Picos event(Picos at, double u, const CaptureInfo& info) const;

  const SyncChannel& how() const { return how_; }
  // Standard uncertainty of an edge against another channel's, s: within a sample either way, for
  // inputs may be sampled one after another.
  static double edge_u(const CaptureInfo& info);

 private:
  struct Edge {
    Picos at{};  // bench clock
    bool rising = false;
  };
  bool counts(std::size_t k) const;

  SyncChannel how_;
  std::size_t channel_ = 0;
  std::optional<bool> high_;  // none: not seen since the last gap
  double last_ = 0;           // value of the sample before
  Picos end_{};
  std::vector<Edge> edges_;
};

}  // namespace rig
