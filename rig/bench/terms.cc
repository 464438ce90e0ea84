#include "rig/bench/terms.h"

#include <array>

namespace rig {
namespace {

constexpr std::array kSettings{
    SettingInfo{"amplitude", "current", "A", "current of each phase"},
    SettingInfo{"width", "time", "s", "duration of each phase"},
    SettingInfo{"gap", "time", "s", "interphase gap"},
    SettingInfo{"rate", "frequency", "Hz", "pulse repetition rate"},
    SettingInfo{"ramp_up", "time", "s", "from zero to the set amplitude"},
    SettingInfo{"ramp_down", "time", "s", "from the set amplitude to zero"},
    SettingInfo{"on_time", "time", "s", "ON part of ON/OFF cycling; 0 s: continuous"},
    SettingInfo{"off_time", "time", "s", "OFF part of ON/OFF cycling"},
    SettingInfo{"session", "time", "s", "length of the session; 0 s: no end"},
    SettingInfo{"comms_timeout", "time", "s", "silence on the link that ends the output"},
    SettingInfo{"frequency", "frequency", "Hz", "of a vibration"},
    SettingInfo{"acceleration", "acceleration", "m/s2", "of a vibration: peak, not peak to peak"},
    SettingInfo{"foot", "count", "1", "1: vibration only while a foot is on the platform"},
    SettingInfo{"dead_man", "count", "1", "1: output only while the dead-man switch is held"},
};

constexpr std::array kStatusFields{
    StatusFieldInfo{"state", "", "", "what the device is doing: IDLE, RUNNING, FAULT, ..."},
    StatusFieldInfo{"fault", "", "", "why it stopped: NONE, LEAD_OFF, OVER_CURRENT, ..."},
    StatusFieldInfo{"output", "", "", "true while output may flow"},
    StatusFieldInfo{"latched", "", "", "true while a fault waits to be cleared"},
    StatusFieldInfo{"dead_man", "", "", "true while the dead-man switch is held"},
    StatusFieldInfo{"stop_button", "", "", "true while the stop button is pressed"},
    StatusFieldInfo{"led", "", "", "what the device believes its LED shows"},
    StatusFieldInfo{"amplitude", "A", "current", "set amplitude"},
    StatusFieldInfo{"current", "A", "current",
                    "current of the last pulse as the device measured it"},
    StatusFieldInfo{"voltage", "V", "voltage",
                    "voltage of the last pulse as the device measured it"},
    StatusFieldInfo{"supply", "V", "voltage", "battery voltage as the device measured it"},
    StatusFieldInfo{"pulses", "1", "count", "pulses since start"},
    StatusFieldInfo{"foot", "", "", "true while a foot is on the platform"},
    StatusFieldInfo{"set_acceleration", "m/s2", "acceleration", "set acceleration, peak"},
    StatusFieldInfo{"acceleration", "m/s2", "acceleration",
                    "acceleration of the last cycle as the device measured it, peak"},
    StatusFieldInfo{"coil_current", "A", "current",
                    "largest current of the last cycle as the device measured it"},
    StatusFieldInfo{"drive", "V", "voltage", "amplitude of the coil's voltage, peak"},
    StatusFieldInfo{"cycles", "1", "count", "cycles of the vibration since start"},
    StatusFieldInfo{"session", "s", "time", "session time so far"},
    StatusFieldInfo{"version", "", "", "firmware version that the device last said it is: 1.0"},
};

}  // namespace

std::span<const SettingInfo> settings_of_a_stimulator() { return kSettings; }
std::span<const StatusFieldInfo> status_fields() { return kStatusFields; }

}  // namespace rig
