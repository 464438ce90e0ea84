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
constexpr std::string_view kIeee1057 = "IEEE Std 1057, four-parameter fit, with harmonics";
constexpr std::string_view kWk =
    "weighting Wk of ISO 2631-1 with the parameters of ISO 8041 as a meter's manual quotes them "
    "(Larson Davis HVM200, table 3.1); the standards were not seen, and they are about a body that "
    "stands or sits on what vibrates, not about a foot alone";
constexpr std::string_view kTooShort = "the phase is missing, cut, too short or too noisy for it";

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
    QuantityInfo{"period.jitter_peak", "s", "time", false, false,
                 "Largest distance of a period of the window from their mean.", kRig},
    QuantityInfo{"period.jitter_p999", "s", "time", false, false,
                 "Distance from the mean period that 99.9 % of the periods stay within.", kRig},
    QuantityInfo{"period.cycle_to_cycle", "s", "time", false, false,
                 "Root mean square of the difference between each period and the next.", kRig},
    QuantityInfo{"period.drift", "%", "ratio", false, false,
                 "Change of the period over the window by the line of least squares, in percent of "
                 "the mean period.",
                 kRig},
    QuantityInfo{"tie.peak", "s", "time", false, false,
                 "Time-interval error: largest distance of an onset from the evenly spaced grid "
                 "that fits all onsets best.",
                 kRig},
    QuantityInfo{
        "pulse.missing", "1", "count", false, false,
        "Pulses that are missing: places where a period is 1.5 to 3.5 times the median one.", kRig},
    QuantityInfo{"pulse.extra", "1", "count", false, false,
                 "Double pulses: periods shorter than half of the median one.", kRig},
    QuantityInfo{
        "separation", "s", "time", true, false,
        "Pulse separation: from the last 50 % crossing of a pulse to the first of the next.",
        kIeee181},
    QuantityInfo{"duty", "%", "ratio", false, true,
                 "Mean pulse duration in percent of the mean period.", kIeee181},
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
    QuantityInfo{"phase1.mode", "A", "current", true, true,
                 "State level of the first phase by histogram mode, against the baseline; signed.",
                 kIeee181, kTooShort},
    QuantityInfo{"phase1.peak", "A", "current", true, true,
                 "The sample of the first phase farthest from the baseline; signed.", kRig,
                 kTooShort},
    QuantityInfo{
        "phase1.first_transition", "s", "time", true, false,
        "First transition duration of the first phase: from its 10 % to its 90 % reference "
        "level.",
        kIeee181, kTooShort},
    QuantityInfo{
        "phase1.second_transition", "s", "time", true, false,
        "Second transition duration of the first phase: from its 90 % to its 10 % reference "
        "level.",
        kIeee181, kTooShort},
    QuantityInfo{"phase1.overshoot", "%", "ratio", true, true,
                 "Largest excess over the state level within three transition durations after the "
                 "first phase's first transition, in percent of its amplitude.",
                 kIeee181, kTooShort},
    QuantityInfo{
        "phase1.undershoot", "%", "ratio", true, false,
        "Largest fall within three transition durations after the first phase's first transition, "
        "below the state level or below where the phase had come on its way to it, in "
        "percent of its amplitude.",
        kIeee181, kTooShort},
    QuantityInfo{"phase1.preshoot", "%", "ratio", true, false,
                 "Largest excursion against the direction of the first phase just before its first "
                 "transition, in percent of its amplitude.",
                 kIeee181, kTooShort},
    QuantityInfo{"phase1.aftershoot", "%", "ratio", true, false,
                 "Largest excursion beyond the baseline just after the first phase's second "
                 "transition, in percent of its amplitude.",
                 kIeee181, kTooShort},
    QuantityInfo{"phase1.droop", "%", "ratio", true, false,
                 "Loss of the first phase's state from its begin to its end, by the line of least "
                 "squares, in percent of its begin.",
                 kRig, kTooShort},
    QuantityInfo{
        "phase1.settling", "s", "time", true, false,
        "From the first phase's first 50 % crossing until it stays within 2 % of its state "
        "level.",
        kIeee181, kTooShort},
    QuantityInfo{"phase2.mode", "A", "current", true, true,
                 "State level of the second phase by histogram mode, against the baseline, counted "
                 "positive against the direction of the first.",
                 kIeee181, kTooShort},
    QuantityInfo{"phase2.peak", "A", "current", true, true,
                 "The sample of the second phase farthest from the baseline, counted positive "
                 "against the direction of the first.",
                 kRig, kTooShort},
    QuantityInfo{
        "phase2.first_transition", "s", "time", true, false,
        "First transition duration of the second phase: from its 10 % to its 90 % reference "
        "level.",
        kIeee181, kTooShort},
    QuantityInfo{
        "phase2.second_transition", "s", "time", true, false,
        "Second transition duration of the second phase: from its 90 % to its 10 % reference "
        "level.",
        kIeee181, kTooShort},
    QuantityInfo{"phase2.overshoot", "%", "ratio", true, true,
                 "Largest excess over the state level within three transition durations after the "
                 "second phase's first transition, in percent of its amplitude.",
                 kIeee181, kTooShort},
    QuantityInfo{
        "phase2.undershoot", "%", "ratio", true, false,
        "Largest fall within three transition durations after the second phase's first transition, "
        "below the state level or below where the phase had come on its way to it, in "
        "percent of its amplitude.",
        kIeee181, kTooShort},
    QuantityInfo{
        "phase2.preshoot", "%", "ratio", true, false,
        "Largest excursion against the direction of the second phase just before its first "
        "transition, in percent of its amplitude.",
        kIeee181, kTooShort},
    QuantityInfo{"phase2.aftershoot", "%", "ratio", true, false,
                 "Largest excursion beyond the baseline just after the second phase's second "
                 "transition, in percent of its amplitude.",
                 kIeee181, kTooShort},
    QuantityInfo{"phase2.droop", "%", "ratio", true, false,
                 "Loss of the second phase's state from its begin to its end, by the line of least "
                 "squares, in percent of its begin.",
                 kRig, kTooShort},
    QuantityInfo{
        "phase2.settling", "s", "time", true, false,
        "From the second phase's first 50 % crossing until it stays within 2 % of its state "
        "level.",
        kIeee181, kTooShort},
    QuantityInfo{"pulse.duration", "s", "time", true, true,
                 "From the first 50 % crossing of the pulse to the last.", kFda},
    QuantityInfo{"net_charge", "C", "charge", true, false,
                 "Integral of the current over the whole pulse, its edges and its tail as far as "
                 "it is beyond the "
                 "threshold included.",
                 kFda},
    QuantityInfo{"charge_imbalance", "%", "ratio", true, false,
                 "Net charge of the pulse in percent of its first phase's charge.", kRig},
    QuantityInfo{"rms", "A", "current", false, true,
                 "R.m.s. current over the ON time: root of the integral of i^2 over the pulses, "
                 "divided by their number and the mean period.",
                 "window not specified by any text seen; the worst case of three choices"},
    QuantityInfo{"rms.sliding_1s", "A", "current", false, true,
                 "Largest r.m.s. current over any 1 s of the window that begins with a pulse.",
                 kFda},
    QuantityInfo{"rms.sliding_5s", "A", "current", false, true,
                 "Largest r.m.s. current over any 5 s of the window that begins with a pulse.",
                 kRig},
    QuantityInfo{"current.average", "A", "current", false, true,
                 "Average current: sum of the phase charges' magnitudes over the number of pulses "
                 "and the mean period.",
                 kFda},
    QuantityInfo{"current.density", "A/m2", "density", false, true,
                 "R.m.s. current over the ON time divided by the area of the smallest electrode.",
                 kFda},
    QuantityInfo{
        "power.density", "W/m2", "power_density", false, true,
        "Load times the square of the largest r.m.s. current over 1 s, divided by the area "
        "of the smallest electrode.",
        kFda},
    QuantityInfo{
        "dc", "A", "current", false, false,
        "Mean current: the pulses' net charge per time, and the baseline just before each, "
        "which the channel's offset is part of. Of a residue below the threshold that "
        "decays between two pulses it holds what is left at the second.",
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
    QuantityInfo{"burst.pulses", "1", "count", true, false,
                 "Pulses of a burst that begins and ends in the window.", kRig},
    QuantityInfo{"burst.on_time", "s", "time", true, false,
                 "From the first onset of a burst to one period after its last onset.", kFda},
    QuantityInfo{"burst.off_time", "s", "time", true, false,
                 "From one period after the last onset of a burst to the first onset of the next.",
                 kFda},
    QuantityInfo{"ramp.up_time", "s", "time", false, false,
                 "From the first onset to the first pulse that reaches 95 % of the largest "
                 "amplitude in the window. The amplitude is seen once per pulse: it may have come "
                 "there up to a period before.",
                 kRig},
    QuantityInfo{"ramp.down_time", "s", "time", false, false,
                 "From the last pulse at 95 % of the largest amplitude to the last onset. The "
                 "amplitude may have stayed there for up to a period more.",
                 kRig},
    QuantityInfo{"ramp.largest_step", "A", "current", false, false,
                 "Largest rise of the first phase's amplitude from one pulse to the next.", kRig},
    QuantityInfo{"ramp.slope", "A/s", "slope", false, false,
                 "Slope of the line of least squares through the first phases' amplitudes while "
                 "they rise, from the first onset to 95 % of the largest.",
                 kRig},
    QuantityInfo{"ramp.falls", "1", "count", false, false,
                 "Steps down by more than their uncertainty while the amplitude rises: 0 for a "
                 "monotonic ramp.",
                 kRig},
    QuantityInfo{"train.duration", "s", "time", false, true,
                 "From the first onset in the window to the end of the last activity.", kRig},
    QuantityInfo{"envelope.largest", "A", "current", false, true,
                 "Largest magnitude of the first phases' amplitudes in the window.", kRig},
    QuantityInfo{"envelope.smallest", "A", "current", false, false,
                 "Smallest magnitude of the first phases' amplitudes in the window.", kRig},
    QuantityInfo{"envelope.depth", "%", "ratio", false, false,
                 "Modulation depth: difference of the largest and the smallest amplitude in the "
                 "window over their sum.",
                 kRig},
    QuantityInfo{"envelope.period", "s", "time", false, false,
                 "Modulation period: from one rise of the amplitude through the middle of its "
                 "range to the next, on average over the window.",
                 kRig},
    QuantityInfo{"latency.A.to.B", "s", "time", true, false,
                 "From each event of channel A to the next of channel B: onsets of pulses on "
                 "current, rising edges of a logic channel, such as latency.current.to.sync.",
                 kRig},
    QuantityInfo{"dead_time.A.to.B", "s", "time", true, false,
                 "From each falling edge of the logic channel A to the next rising edge of B, such "
                 "as the two gates of a bridge.",
                 kRig},
    QuantityInfo{"overlap.A.with.B", "s", "time", false, false,
                 "Longest time that the logic channels A and B are high at once, such as the two "
                 "gates of a bridge.",
                 kRig},
    QuantityInfo{"overlaps.A.with.B", "1", "count", false, false,
                 "How often the logic channels A and B are high at once.", kRig},
    QuantityInfo{"vibration.frequency", "Hz", "frequency", true, false,
                 "Frequency of the sine that fits the acceleration best, window by window of 1 s.",
                 kIeee1057},
    QuantityInfo{"vibration.peak", "m/s2", "acceleration", true, false,
                 "Amplitude (peak, not peak to peak) of the sine that fits the acceleration best, "
                 "window by window of 1 s.",
                 kIeee1057},
    QuantityInfo{"vibration.peak_to_peak", "m/s2", "acceleration", true, false,
                 "Twice the amplitude of the sine that fits the acceleration best, window by "
                 "window of 1 s.",
                 kIeee1057},
    QuantityInfo{"vibration.rms", "m/s2", "acceleration", true, false,
                 "R.m.s. of the acceleration's sine and its harmonics up to the 10th, without "
                 "offset and noise, window by window of 1 s.",
                 kRig},
    QuantityInfo{"vibration.thd", "%", "ratio", true, false,
                 "Total harmonic distortion: root of the sum of the squares of the harmonics 2 to "
                 "10 (as far as the sample rate carries them), in percent of the fundamental; the "
                 "noise's share is taken off.",
                 kRig},
    QuantityInfo{"vibration.offset", "m/s2", "acceleration", true, false,
                 "Mean about which the acceleration's sine swings.", kIeee1057},
    QuantityInfo{"vibration.displacement", "m", "length", true, false,
                 "Peak-to-peak displacement of the fundamental: twice the acceleration's "
                 "amplitude over (2 pi f)^2.",
                 kRig},
    QuantityInfo{"vibration.harmonic2", "%", "ratio", true, false,
                 "Second harmonic of the acceleration in percent of the fundamental, window by "
                 "window of 1 s; the noise's share is taken off.",
                 kRig},
    QuantityInfo{"vibration.harmonic3", "%", "ratio", true, false,
                 "Third harmonic of the acceleration in percent of the fundamental, window by "
                 "window of 1 s; the noise's share is taken off.",
                 kRig},
    QuantityInfo{"vibration.harmonic4", "%", "ratio", true, false,
                 "Fourth harmonic of the acceleration in percent of the fundamental, window by "
                 "window of 1 s; the noise's share is taken off.",
                 kRig},
    QuantityInfo{"vibration.harmonic5", "%", "ratio", true, false,
                 "Fifth harmonic of the acceleration in percent of the fundamental, window by "
                 "window of 1 s; the noise's share is taken off.",
                 kRig},
    QuantityInfo{"vibration.weighted", "m/s2", "acceleration", true, false,
                 "Frequency-weighted r.m.s. acceleration: the sine and its harmonics up to the "
                 "10th, each with the weighting Wk at its frequency, window by window of 1 s.",
                 kWk},
    QuantityInfo{"vibration.exposure_8h", "m/s2", "acceleration", false, false,
                 "Daily exposure A(8): root of the integral of the squared frequency-weighted "
                 "acceleration over the windows of 1 s, divided by 8 h; as if the rest of the day "
                 "were still.",
                 kWk},
    QuantityInfo{"vibration.drift", "%", "ratio", false, false,
                 "Change of the acceleration's amplitude over the window by the line of least "
                 "squares, in percent of its mean.",
                 kRig},
    QuantityInfo{"vibration.largest", "m/s2", "acceleration", false, false,
                 "Largest amplitude (peak) in the window, period by period: that of a sine with "
                 "the same r.m.s. about its mean over one period of the vibration (of 20 Hz where "
                 "the capture shows none).",
                 kRig},
    QuantityInfo{"vibration.overshoot", "%", "ratio", false, false,
                 "Excess of the largest amplitude, period by period, over the mean amplitude of "
                 "the last quarter of the window, in percent of the latter.",
                 kRig},
    QuantityInfo{"vibration.surge", "%", "ratio", false, false,
                 "Largest amplitude after the event, period by period, in percent of the mean "
                 "amplitude of the half second before it: what a lifted foot or a new load does.",
                 kRig},
    QuantityInfo{"vibration.ramp_up", "s", "time", false, false,
                 "From where the amplitude, period by period, leaves 10 % of its mean over the "
                 "last quarter of the window to where it first comes to 90 %.",
                 kIeee181},
    QuantityInfo{"vibration.ramp_down", "s", "time", false, false,
                 "From where the amplitude, period by period, leaves 90 % of its mean over the "
                 "first quarter of the window for good to where it comes to 10 %.",
                 kIeee181},
    QuantityInfo{"vibration.ring_down", "s", "time", false, false,
                 "Time constant of a free decay: by the line of least squares through the "
                 "logarithms of the half cycles' extremes from the event, or from the begin of "
                 "the window, until they come down to the capture's `still` or to the noise.",
                 kRig},
    QuantityInfo{"vibration.stop_time", "s", "time", false, true,
                 "From the event to where the amplitude, from half cycle to half cycle about where "
                 "it rests at last, comes down to the capture's `still` (0.1 m/s2 unless it says) "
                 "for good; 0 when it does not exceed it after the event.",
                 kRig},
    QuantityInfo{"cross_axis.A.to.B", "%", "ratio", true, false,
                 "Amplitude of channel A at the frequency of channel acceleration in percent of "
                 "that of channel B, window by window of 1 s, such as "
                 "cross_axis.acceleration_x.to.acceleration; the noise's share is taken off.",
                 kRig},
};

constexpr std::array kStatistics{
    std::pair{std::string_view(".mean"), Statistic::kMean},
    std::pair{std::string_view(".min"), Statistic::kMin},
    std::pair{std::string_view(".max"), Statistic::kMax},
    std::pair{std::string_view(".first"), Statistic::kFirst},
    std::pair{std::string_view(".last"), Statistic::kLast},
    std::pair{std::string_view(".sd"), Statistic::kSd},
};

// "latency.current.to.sync" for "latency.A.to.B". Channels have no dot in their names.
std::optional<QuantityName> between_channels(std::string_view name) {
  for (const QuantityInfo& info : kQuantities) {
    const auto a = info.name.find(".A.");
    if (a == std::string_view::npos || !name.starts_with(info.name.substr(0, a + 1))) continue;
    const std::string_view link = info.name.substr(a + 2, info.name.size() - a - 3);  // ".to."
    const std::string_view rest = name.substr(a + 1);
    const auto at = rest.find(link);
    if (at == std::string_view::npos) continue;
    const std::string_view first = rest.substr(0, at);
    const std::string_view second = rest.substr(at + link.size());
    const auto is_channel = [](std::string_view word) {
      return !word.empty() && word.find('.') == std::string_view::npos;
    };
    if (!is_channel(first) || !is_channel(second)) continue;
    return QuantityName{.info = &info, .first = std::string(first), .second = std::string(second)};
  }
  return std::nullopt;
}

const QuantityInfo* by_name(std::string_view name) {
  const auto* found = std::ranges::find(kQuantities, name, &QuantityInfo::name);
  return found == kQuantities.end() ? nullptr : &*found;
}

}  // namespace

std::span<const QuantityInfo> quantities() { return kQuantities; }

bool is_zero_in_silence(const QuantityInfo& info) {
  constexpr std::array<std::string_view, 4> kZero{"pulse.count", "current.peak", "voltage.peak",
                                                  "vibration.largest"};
  return std::ranges::find(kZero, info.name) != kZero.end();
}

std::optional<QuantityName> find_quantity(std::string_view name) {
  if (std::optional<QuantityName> between = between_channels(name)) return between;
  if (const QuantityInfo* info = by_name(name)) return QuantityName{.info = info};
  for (const auto& [suffix, statistic] : kStatistics) {
    if (!name.ends_with(suffix)) continue;
    if (auto between = between_channels(name.substr(0, name.size() - suffix.size()));
        between && between->info->per_pulse) {
      between->statistic = statistic;
      return between;
    }
    const QuantityInfo* info = by_name(name.substr(0, name.size() - suffix.size()));
    if (info != nullptr && info->per_pulse)
      return QuantityName{.info = info, .statistic = statistic};
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
