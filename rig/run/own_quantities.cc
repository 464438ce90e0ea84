#include "rig/run/own_quantities.h"

#include <algorithm>
#include <array>

namespace rig {
namespace {

constexpr std::array kOwn{
    OwnQuantity{
        "safe_state.current", "A",
        "Largest magnitude of the current from 50 ms after the stop command (from where the "
        "digitizer began to look, if that is later) to the end of a capture that holds the "
        "slowest pulse that was set.",
        "this rig; 2 % of the largest output of the device class", "<= 2 mA"},
    OwnQuantity{
        "safe_state.time_to_zero", "s",
        "From when the stop command begins to be sent (by the guard: from when the rig "
        "died, from the last sign of life of one that hung, from the signal that one did not obey) "
        "to the end of the last pulse that a digitizer saw; of a vibrator to "
        "where its amplitude comes down to 0.1 m/s2 for good. 0 when an output that was "
        "watched from before the command had ended by then. 'at most': the digitizer was armed "
        "after the command, and nothing flowed when it began to look: that is the time until "
        "then, and the output ended anywhere before, perhaps before the command.",
        "this rig", "<= 200 ms; of a vibrator 1 s and the ramp_down that was set"},
    OwnQuantity{
        "safe_state.acceleration", "m/s2",
        "Largest amplitude of the acceleration, period by period, in the last 400 ms of the "
        "capture that looks at the stop of a vibrator: vibration.largest there.",
        "this rig; what nobody feels", "<= 0.1 m/s2 peak"},
    OwnQuantity{"CHANNEL.high", "%", "Share of the window in which the logic channel is high.",
                "this rig", "what the scenario says"},
    OwnQuantity{"status.FIELD", "",
                "What the device says of itself in its status under that name: a word, or a number "
                "with its unit. Nothing of it is measured.",
                "the device", "what the scenario says"},
    OwnQuantity{"answer to COMMAND", "", "The word that the device answered to a command.",
                "the device", "the answer that the step says, ok unless it does"},
    OwnQuantity{"device", "", "Whether the device answered at all, within its time.", "the device",
                "an answer"},
};

bool is_word(std::string_view text) {
  return !text.empty() && text.find('.') == std::string_view::npos;
}

}  // namespace

std::span<const OwnQuantity> own_quantities() { return kOwn; }

const OwnQuantity* find_own_quantity(std::string_view name) {
  const auto* exact = std::ranges::find(kOwn, name, &OwnQuantity::name);
  if (exact != kOwn.end()) return exact;
  constexpr std::string_view kHigh = ".high";
  constexpr std::string_view kStatus = "status.";
  constexpr std::string_view kAnswer = "answer to ";
  const auto row = [](std::string_view of) {
    return &*std::ranges::find(kOwn, of, &OwnQuantity::name);
  };
  if (name.starts_with(kStatus) && is_word(name.substr(kStatus.size()))) return row("status.FIELD");
  if (name.starts_with(kAnswer)) return row("answer to COMMAND");
  if (name.ends_with(kHigh) && is_word(name.substr(0, name.size() - kHigh.size()))) {
    return row("CHANNEL.high");
  }
  return nullptr;
}

}  // namespace rig
