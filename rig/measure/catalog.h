// The quantities a scenario can ask for, by name, and how each is taken from the pulses of a
// capture. Adding one is a row in catalog.cc and a test.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/core/capture.h"
#include "rig/core/verdict.h"
#include "rig/measure/pulses.h"

namespace rig {

class LogicTraces;
class MotionTracks;
class SineTrack;

// Gives every pulse of a capture in order; may be called more than once.
class PulseSource {
 public:
  virtual ~PulseSource() = default;
  virtual void visit(const std::function<void(const Pulse&)>& each) const = 0;
};

// The part of a capture that an expectation is about.
struct Observation {
  const CaptureInfo* info = nullptr;
  const CaptureTotals* totals = nullptr;
  const PulseSource* pulses = nullptr;
  const LogicTraces* logic = nullptr;
  const SineTrack* sine = nullptr;  // of the channel named acceleration
  const MotionTracks* motion = nullptr;
  Picos from{};  // bench clock; pulses with their onset in [from, to) count
  Picos to{};
  std::optional<Picos> event;   // bench clock: what a latency counts from
  double event_u = 0;           // s, standard uncertainty of the event's instant
  double quiet_current = 1e-3;  // A: the threshold that the pulses were found with
  double quiet_voltage = 3.0;   // V
  double still = 0.1;           // m/s2: what counts as no motion
  double electrode_area = 0;    // m2 of the smallest electrode; 0: not known
  double load = 0;              // ohm; 0: not known
  double load_u = 0;            // relative, standard
};

// Over the pulses of the observation:
//   kEvery  the value with the least margin to the limit (the largest, without one): the verdict
//           on it is the verdict on every pulse
//   kMean, kMin, kMax, kFirst, kLast, kSd
enum class Statistic { kEvery, kMean, kMin, kMax, kFirst, kLast, kSd };

struct QuantityInfo {
  std::string_view name;
  std::string_view unit;        // SI base unit
  std::string_view dimension;   // as config/units.h names it: "time", "current", ...
  bool per_pulse = false;       // takes a statistic suffix: "phase1.width.mean"
  bool magnitude = false;       // a clipped or cut capture gives a lower bound of it
  std::string_view definition;  // one or two sentences for `rig explain`
  std::string_view source;      // standard and clause, or "this rig"
  std::string_view needs = "it needs channel voltage and a first phase";  // of a pulse without it
};

std::span<const QuantityInfo> quantities();

// Whether a device that puts nothing out keeps an upper limit on it; of the others silence is a
// missing value.
bool is_zero_in_silence(const QuantityInfo& info);

struct QuantityName {
  const QuantityInfo* info = nullptr;
  Statistic statistic = Statistic::kEvery;
  std::string first = {};  // channels that stand for A and B in the name
  std::string second = {};
};

// "phase1.width", "phase1.width.mean", "latency.current.to.sync". nullopt: no such quantity.
std::optional<QuantityName> find_quantity(std::string_view name);

struct Measured {
  std::optional<Measurement> value;
  std::string why_not;         // when there is no value: one line
  bool device_silent = false;  // there was nothing to measure because no pulse came
  bool lower_bound = false;    // clipped or cut: the true magnitude is at least this
  bool upper_bound = false;    // faster than the samples show: the true value is at most this
  std::string doubt;           // why it is a bound
};

// Takes `what` from the observation. `limit` (same unit) only steers which pulse decides.
// Where samples are missing, only what a pulse has by itself can be told, of the pulses elsewhere.
// Standard uncertainty: sample clock, noise of the capture itself, edge interpolation, gain and
// offset calibration, quantisation; for means also the scatter (type A). GUM 4.2, 4.3, 5.1.
Measured measure(const QuantityName& what, const Observation& seen, const Limit* limit);

}  // namespace rig
