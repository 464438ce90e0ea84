#include "rig/measure/catalog.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "rig/measure/evaluate.h"

namespace rig {
namespace {

constexpr std::string_view kIeee181 = "IEEE Std 181 term, algorithm of this rig";
constexpr std::string_view kFda =
    "formula as in FDA guidance 'Powered Muscle Stimulator 510(k)s' (1999), section 3";
constexpr std::string_view kRig = "this rig";

constexpr std::array kQuantities{
    QuantityInfo{"pulse.count", "1", "count", false, false,
                 "Number of output pulses whose onset lies in the window.", kRig},
    QuantityInfo{"pulse.phases", "1", "count", true, false,
                 "Number of phases of the pulse: runs of one sign on the current channel.", kRig},
    QuantityInfo{"phase1.width", "s", "time", true, true,
                 "Duration of the first phase between its 50 % crossings.", kIeee181},
    QuantityInfo{"phase2.width", "s", "time", true, true,
                 "Duration of the second phase between its 50 % crossings; 0 when it is missing.",
                 kIeee181},
    QuantityInfo{"width.difference", "s", "time", true, false,
                 "Duration of the first phase minus that of the second.", kRig},
    QuantityInfo{"gap", "s", "time", true, false,
                 "Interphase gap: from the trailing 50 % crossing of the first phase to the "
                 "leading one of the second.",
                 kIeee181},
    QuantityInfo{"period", "s", "time", true, false,
                 "Time from the onset of a pulse to the onset of the next, within bursts and "
                 "between them.",
                 kIeee181},
    QuantityInfo{"period.jitter", "s", "time", false, false,
                 "Standard deviation of the periods of the window.", kRig},
    QuantityInfo{"rate", "Hz", "frequency", false, false,
                 "Pulse repetition rate: pulses per time from the first onset to the last.", kRig},
    QuantityInfo{"phase1.amplitude", "A", "current", true, true,
                 "State level of the first phase against the baseline before the pulse; signed.",
                 kIeee181},
    QuantityInfo{"phase2.amplitude", "A", "current", true, true,
                 "State level of the second phase against the baseline before the pulse, counted "
                 "positive against the direction of the first.",
                 kIeee181},
    QuantityInfo{"current.peak", "A", "current", false, true,
                 "Largest magnitude of the output current in the window; without a pulse, zero "
                 "within the detection threshold.",
                 kRig},
    QuantityInfo{"voltage.peak", "V", "voltage", false, true,
                 "Largest magnitude of the electrode voltage during the pulses of the window.",
                 kFda},
    QuantityInfo{"baseline", "A", "current", true, false,
                 "Mean current just before the pulse, as the digitizer shows it.", kRig},
    QuantityInfo{"phase1.charge", "C", "charge", true, true,
                 "Integral of the current over the first phase.", kFda},
    QuantityInfo{"phase2.charge", "C", "charge", true, true,
                 "Integral of the current over the second phase, counted positive against the "
                 "direction of the first.",
                 kFda},
    QuantityInfo{"net_charge", "C", "charge", true, false,
                 "Integral of the current over the whole pulse, edges and tail included.", kFda},
    QuantityInfo{"charge_imbalance", "%", "ratio", true, false,
                 "Net charge of the pulse in percent of its first phase's charge.", kRig},
    QuantityInfo{"rms", "A", "current", false, true,
                 "R.m.s. current over the ON time: root of the integral of i^2 over the pulses, "
                 "divided by their number and the mean period.",
                 "window not specified by any text seen; the worst case of three choices"},
    QuantityInfo{"dc", "A", "current", false, false,
                 "Mean current from the pulses' net charge: sum of net charges over the time from "
                 "the first onset to the last.",
                 kFda},
    QuantityInfo{"energy", "J", "energy", true, true,
                 "Integral of voltage times current over the pulse. Needs channel voltage.", kFda},
    QuantityInfo{"output.off_latency", "s", "time", false, true,
                 "From the event to the end of the last output activity on any channel.", kRig},
    QuantityInfo{"output.pulses_after", "1", "count", false, false,
                 "Number of pulses whose onset lies after the event.", kRig},
    QuantityInfo{"output.energy_after", "J", "energy", false, true,
                 "Energy of all pulses that end after the event. Needs channel voltage.", kRig},
    QuantityInfo{"output.charge_after", "C", "charge", false, true,
                 "Sum of the phase charges' magnitudes of all pulses that end after the event.",
                 kRig},
    QuantityInfo{"burst.count", "1", "count", false, false,
                 "Number of bursts that begin and end in the window.", kRig},
    QuantityInfo{"burst.pulses", "1", "count", false, false,
                 "Pulses per burst; the burst farthest from the others decides.", kRig},
    QuantityInfo{"burst.on_time", "s", "time", false, false,
                 "From the first onset of a burst to one period after its last onset.", kFda},
    QuantityInfo{"burst.off_time", "s", "time", false, false,
                 "From one period after the last onset of a burst to the first onset of the next.",
                 kFda},
    QuantityInfo{"ramp.up_time", "s", "time", false, false,
                 "From the first onset to the first pulse that reaches 95 % of the largest "
                 "amplitude in the window.",
                 kRig},
    QuantityInfo{"ramp.down_time", "s", "time", false, false,
                 "From the last pulse at 95 % of the largest amplitude to the last onset.", kRig},
    QuantityInfo{"ramp.largest_step", "A", "current", false, false,
                 "Largest rise of the first phase's amplitude from one pulse to the next.", kRig},
    QuantityInfo{"train.duration", "s", "time", false, true,
                 "From the first onset in the window to the end of the last activity.", kRig},
};

constexpr std::array kStatistics{
    std::pair{std::string_view(".mean"), Statistic::kMean},
    std::pair{std::string_view(".min"), Statistic::kMin},
    std::pair{std::string_view(".max"), Statistic::kMax},
    std::pair{std::string_view(".first"), Statistic::kFirst},
    std::pair{std::string_view(".last"), Statistic::kLast},
    std::pair{std::string_view(".sd"), Statistic::kSd},
};

const QuantityInfo* by_name(std::string_view name) {
  const auto* found = std::ranges::find(kQuantities, name, &QuantityInfo::name);
  return found == kQuantities.end() ? nullptr : &*found;
}

}  // namespace

std::span<const QuantityInfo> quantities() { return kQuantities; }

std::optional<QuantityName> find_quantity(std::string_view name) {
  if (const QuantityInfo* info = by_name(name)) return QuantityName{.info = info};
  for (const auto& [suffix, statistic] : kStatistics) {
    if (!name.ends_with(suffix)) continue;
    const QuantityInfo* info = by_name(name.substr(0, name.size() - suffix.size()));
    if (info != nullptr && info->per_pulse) return QuantityName{info, statistic};
  }
  return std::nullopt;
}

std::string_view statistic_name(Statistic statistic) {
  if (statistic == Statistic::kEvery) return "every";
  for (const auto& [suffix, value] : kStatistics) {
    if (value == statistic) return suffix.substr(1);
  }
  return "?";
}

}  // namespace rig
