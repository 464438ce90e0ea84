// Logic channels as their edges, and what two channels do to each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rig/measure/catalog.h"

namespace rig {

// How long a logic channel was high, by its edges.
class LogicTrace {
 public:
  struct Stretch {
    Picos begin{};
    Picos end{};
    std::uint64_t samples = 0;
    bool high = false;
    std::uint32_t segment = 0;
  };

  // Throws RigError beyond four million edges.
  void take(const CaptureInfo& info, const Block& block, std::size_t channel);

  // High from the first 50 % crossing of each whole pulse to its last; a pulse that is cut is high
  // as far as it was seen. Throws RigError beyond four million edges.
  static LogicTrace of_pulses(const PulseSource& pulses, Picos begin, Picos end);

  // Share of the samples in [from, to) that are high, in %. nullopt: no sample in there.
  std::optional<double> percent_high(Picos from, Picos to) const;

  const std::vector<Stretch>& stretches() const { return stretches_; }
  // How long before a stretch its edge lies on average, and how well it is known (s).
  Picos edge_before(const CaptureInfo& info) const;
  double edge_u(const CaptureInfo& info) const;

 private:
  void append(const Stretch& stretch, const std::string& channel);

  std::vector<Stretch> stretches_;
  std::optional<double> pulse_edge_u_;  // s; not of samples, but of pulses
};

// By channel name.
class LogicTraces {
 public:
  virtual ~LogicTraces() = default;
  virtual const LogicTrace* logic(const std::string& channel) const = 0;  // nullptr: none
};

// "latency.current.to.sync", "dead_time.gate_p.to.gate_n", "overlap.gate_p.with.gate_n",
// "overlaps.gate_p.with.gate_n".
bool is_between_channels(const QuantityInfo& info);

// REQUIRES: what.channels has both names.
Measured measure_between(const QuantityName& what, const Observation& seen, const Limit* limit);

}  // namespace rig
