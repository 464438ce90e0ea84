// The table of everything that may stand in the files.
#include <array>

#include "rig/config/keys.h"

namespace rig {
namespace {

constexpr std::array kScenario{
    Key{"scenario", "text", true, "Title: a sentence that reads like the requirement."},
    Key{"verifies", "list", false, "Requirement ids of the spec."},
    Key{"firmware", "text", false,
        "Image instead of the bench file's, such as a seeded fault's; simulated benches only."},
    Key{"needs", "list", false, "Capabilities the bench must have: load.open, inject.cpu_hang."},
    Key{"tags", "list", false, "Words to filter by."},
    Key{"sweep", "map", false, "Parameter: list of values; every combination is one case."},
    Key{"rows", "list", false, "Sweep rows written out: a list of maps of parameters."},
    Key{"description", "text", false, "Free text for the report's reader."},
    Key{"steps", "steps", true, "What happens, in order."},
};
constexpr std::array kStep{
    Key{"set", "map", false, "Settings of the stimulator, each with its unit."},
    Key{"start", "any", false, "Start the output."},
    Key{"stop", "any", false, "Stop the output."},
    Key{"clear", "any", false, "Clear a latched fault."},
    Key{"save", "any", false, "Save the configuration in the device."},
    Key{"keepalive", "any", false, "One sign of life."},
    Key{"wait", "quantity:time", false, "Let time pass."},
    Key{"load", "any", false,
        "open, short, half_lifted, a resistance, {series, parallel, capacitance}, or "
        "{chatter: {open, closed, times}}; of a vibrator a mass, two_mass_leg, lifted, clamped."},
    Key{"supply", "any", false, "A voltage, or {dip: VOLTAGE, for: TIME}."},
    Key{"press", "word", false, "Press and hold a button: stop, dead_man."},
    Key{"release", "word", false, "Release a button."},
    Key{"inject", "map", false,
        "A defect of the bench's making: {cpu_hang: 1}, {main_hang: 1} (interrupts go on), "
        "{source_gain: 1.5}, {sense_offset: 5 mA}, {baud_error: 3 %}; {uptime: 49 h} preloads the "
        "device's clock; of a vibrator {rattle: 0.2 mm}, {accelerometer_gain: 0.5}, "
        "{accelerometer_open: 1}, {accelerometer_range: 4 m/s2}, {accelerometer_bias: 1 m/s2}."},
    Key{"power", "word", false, "cycle: switch the device off and on."},
    Key{"heartbeat", "any", false, "Signs of life sent in the background: an interval, or off."},
    Key{"send", "object:send", false, "Bytes as they are."},
    Key{"capture", "object:capture", false, "Sample channels while things happen."},
    Key{"expect", "object:expect", false, "Measure and judge."},
    Key{"inform", "object:inform", false, "Tell what the modelled plant did; nothing is judged."},
    Key{"repeat", "object:repeat", false, "Steps, several times."},
    Key{"include", "text", false, "A file whose `steps` are put here."},
    Key{"answer", "word", false,
        "What the device is to answer: ok (default), out_of_range, none, any, ..., or the limit of "
        "a requirement: SRS-035.answer."},
    Key{"as", "word", false, "A name for the instant of this step."},
    Key{"at", "any", false, "In `during`: a time since arming, or {pulse: N, plus: TIME}."},
    Key{"do", "any", false, "In `during`: the step to do at that moment."},
};
constexpr std::array kCapture{
    Key{"as", "word", true, "Name that `expect: {in: NAME}` refers to."},
    Key{"channels", "list", true, "Channels of the bench: current, voltage, led, ..."},
    Key{"rate", "quantity:frequency", true, "Sample rate."},
    Key{"for", "quantity:time", true, "How long, from arming."},
    Key{"segments", "object:segments", false, "Keep only a window around each trigger."},
    Key{"range", "map", false, "Channel: what it must hold either side of zero; default: widest."},
    Key{"keep", "integer", false, "How many segments to store; all are measured."},
    Key{"threshold", "quantity:current", false, "What counts as output (default 1 mA)."},
    Key{"still", "quantity:acceleration", false, "What counts as no motion (default 0.1 m/s2)."},
    Key{"during", "steps", false, "What happens while sampling."},
};
constexpr std::array kSegments{
    Key{"channel", "word", false, "Trigger channel (default current)."},
    Key{"level", "any", true, "Trigger level: the magnitude rises through it."},
    Key{"pre", "quantity:time", true, "Window before the trigger."},
    Key{"length", "quantity:time", true, "Whole window."},
};
constexpr std::array kExpect{
    Key{"in", "word", false, "Name of the capture."},
    Key{"after", "any", false, "Only pulses after this label or time since arming; the event."},
    Key{"before", "any", false, "Only pulses before this label or time since arming."},
};
constexpr std::array kInform{
    Key{"in", "word", true, "Name of the capture."},
    Key{"quantities", "list", true, "plant.ejected, plant.calf_volume, ..."},
};
constexpr std::array kRepeat{
    Key{"times", "integer", true, "How often."},
    Key{"steps", "steps", true, "What."},
};
constexpr std::array kSend{
    Key{"hex", "text", false, "Bytes in hex: \"00 05 01\"."},
    Key{"text", "text", false, "Characters; \\n is a line feed."},
    Key{"listen", "quantity:time", false, "How long to listen for an answer (default 50 ms)."},
};
constexpr std::array kChatter{
    Key{"open", "quantity:time", true, "How long the contact is open each time."},
    Key{"closed", "quantity:time", true, "How long it is closed in between."},
    Key{"times", "integer", true, "How often it opens."},
};
constexpr std::array kSuite{
    Key{"suite", "text", true, "Title."},
    Key{"spec", "text", true, "Path of the spec file."},
    Key{"bench", "text", true, "Path of the bench file to use by default."},
    Key{"faults", "text", false, "Folder of seeded faults (default: firmware_under_test/faults)."},
};
constexpr std::array kSpec{
    Key{"spec", "text", true, "What is specified."},
    Key{"edition", "any", false, "Edition of the spec."},
    Key{"requirements", "list", true, "Requirements."},
};
constexpr std::array kRequirement{
    Key{"id", "word", true, "SRS-041"},
    Key{"title", "text", true, "Short."},
    Key{"text", "text", true, "The requirement itself."},
    Key{"limits", "map", false, "Name: limit."},
    Key{"rule", "word", false, "simple, guarded or nonbinary."},
    Key{"source", "text", true, "Clause, hazard or house."},
    Key{"sure", "word", true, "How sure the source is: F, f, C, B, GK, house."},
    Key{"hazard", "text", false, "The hazard it controls."},
    Key{"verification", "text", false, "How it is shown when not by a scenario."},
};
constexpr std::array kLimit{
    Key{"nominal", "any", false, "set.NAME, or a number with its unit."},
    Key{"within", "text", false, "\"1 % + 1 us\""},
    Key{"is", "word", false, "A word to be equal to."},
    Key{"limit", "text", false, "\"<= 100 ms\", \"190 us .. 210 us\"."},
    Key{"rule", "word", false, "simple, guarded or nonbinary."},
    Key{"verifies", "word", false, "Requirement id."},
};
constexpr std::array kBench{
    Key{"bench", "text", true, "Title."},
    Key{"kind", "word", true, "simulated"},
    Key{"protocol", "word", true,
        "What the device speaks: soleus, soleus_m, sciencemode4, or a file of a text protocol."},
    Key{"firmware", "text", true, "The image: an ELF file."},
    Key{"mcu", "word", true, "atmega328p or atmega1284p."},
    Key{"clock", "quantity:frequency", true, "The controller's clock."},
    Key{"baud_error", "quantity:ratio", false, "Error of the host's side of the UART line."},
    Key{"uptime", "word", false, "The image's variable that counts milliseconds, to preload it."},
    Key{"wiring", "object:wiring", true, "Which pin does what."},
    Key{"output_stage", "object:output_stage", false, "The stimulator's output."},
    Key{"vibrator", "object:vibrator", false, "Instead of it: a platform and what drives it."},
    Key{"supply", "object:supply", false, "The battery."},
    Key{"load", "any", false,
        "At power-on (default 500 ohm); a mass on a vibrator (default 0 kg)."},
    Key{"load_u", "quantity:ratio", false, "Standard uncertainty of the load."},
    Key{"load_error", "quantity:ratio", false, "What the model's loads are off by."},
    Key{"electrode", "quantity:area", false, "Area of the smallest electrode, for densities."},
    Key{"identity", "text", false, "What the device's answer has to hold: its serial number."},
    Key{"second_heart", "object:second_heart", false, "A modelled calf behind the output."},
    Key{"digitizer", "object:digitizer", true, "Oscilloscope or DAQ."},
};
constexpr std::array kSecondHeart{
    Key{"parameters", "text", true, "The plant's parameter file, beside the bench file."},
    Key{"posture", "word", true, "supine, sitting or standing."},
};
constexpr std::array kInstrumentBench{
    Key{"bench", "text", true, "Title."},
    Key{"kind", "word", true, "instruments"},
    Key{"protocol", "word", true,
        "What the device speaks: soleus, soleus_m, sciencemode4, or a file of a text protocol."},
    Key{"device", "object:device", true, "Where the device is reached."},
    Key{"load", "quantity:resistance", false, "On the output (default 500 ohm)."},
    Key{"load_u", "quantity:ratio", false, "Standard uncertainty of the load."},
    Key{"electrode", "quantity:area", false, "Area of the smallest electrode, for densities."},
    Key{"identity", "text", false, "What the device's answer has to hold: its serial number."},
    Key{"digitizer", "object:scope", true, "Oscilloscope, sampler or logic analyzer."},
    Key{"patience", "quantity:time", false,
        "Silence of the rig, with output on, that its guard takes for a hang (default 120 ms)."},
    Key{"load_box", "any", false, "operator (somebody is asked), or a relay board of text lines."},
    Key{"supply", "object:bench_supply", false, "Of the device: a supply that speaks SCPI."},
};
constexpr std::array kLoadBox{
    Key{"serial", "text", false, "A serial port: /dev/ttyUSB1."},
    Key{"baud", "integer", false, "Bits per second of the serial port (default 38400)."},
    Key{"stop_bits", "integer", false, "1 or 2."},
    Key{"flow_control", "flag", false, "RTS/CTS."},
    Key{"tcp", "text", false, "Instead of a serial port: 192.168.1.8:4000."},
    Key{"line_end", "word", false, "Of commands: lf (default), cr or crlf."},
    Key{"answer", "text", false,
        "What it says when it has switched; without it nothing is awaited."},
    Key{"settle", "quantity:time", false, "Until the contacts are at rest (default 20 ms)."},
    Key{"loads", "list", true, "What it switches: [{load: 500 ohm, send: R500}]"},
    Key{"buttons", "map", false, "Name: {press: line, release: line}."},
};
constexpr std::array kSwitchedLoad{
    Key{"load", "any", true, "As scenarios name it: 500 ohm, open, short, {series: ...}."},
    Key{"send", "text", true, "The line that switches it on, and all others off."},
};
constexpr std::array kRelayButton{
    Key{"press", "text", true, "The line that closes its contact."},
    Key{"release", "text", true, "The line that opens it."},
};
constexpr std::array kBenchSupply{
    Key{"usb", "text", false, "USBTMC: VENDOR:PRODUCT:SERIAL as rig scan prints it."},
    Key{"tcp", "text", false, "Instead of USB: 192.168.1.6:5555."},
    Key{"nominal", "quantity:voltage", true, "Battery voltage."},
    Key{"lowest", "quantity:voltage", false, "It is never set lower (default 0 V)."},
    Key{"highest", "quantity:voltage", false, "It is never set higher (default: nominal)."},
    Key{"set", "text", false, "Default: VOLT {value}"},
    Key{"measure", "text", false, "Default: MEAS:VOLT?"},
    Key{"on", "text", false, "Default: OUTP ON"},
    Key{"off", "text", false, "Default: OUTP OFF"},
    Key{"tolerance", "quantity:ratio", false, "Of what it measures of itself (default 2 %)."},
    Key{"settle", "quantity:time", false, "Until a voltage stands (default 50 ms)."},
    Key{"discharge", "quantity:time", false, "Off, until the device has forgotten (default 1 s)."},
};
constexpr std::array kDevice{
    Key{"serial", "text", false, "A serial port or pseudo terminal: /dev/ttyUSB0."},
    Key{"baud", "integer", false, "Bits per second of the serial port (default 38400)."},
    Key{"stop_bits", "integer", false, "1 or 2."},
    Key{"flow_control", "flag", false, "RTS/CTS."},
    Key{"tcp", "text", false, "Instead of a serial port: 192.168.1.7:4000."},
};
constexpr std::array kScope{
    Key{"kind", "word", false,
        "scope (default: SCPI), hantek_6022, usb_204, usb_1608fs_plus or fx2lafw."},
    Key{"usb", "text", false, "VENDOR:PRODUCT:SERIAL as rig scan prints it."},
    Key{"tcp", "text", false, "Instead of USB: 192.168.1.5:5555."},
    Key{"pace", "quantity:time", false,
        "scope: least time between two messages (default 50 ms for a Rigol on tcp, else 0)."},
    Key{"firmware", "text", false,
        "hantek_6022 and fx2lafw: the user's firmware file, beside this one."},
    Key{"clock", "object:integrity_clock", false,
        "hantek_6022: a clock on a spare input, without which no capture is proven."},
    Key{"channels", "list", true, "What is wired to which input."},
    Key{"calibrated_until", "text", false, "Day, such as 2027-03-01; after it cases are BLOCKED."},
};
constexpr std::array kIntegrityClock{
    Key{"input", "integer", true, "Where it is wired."},
    Key{"frequency", "quantity:frequency", true,
        "1 kHz, say: a period that is no divisor of 256 samples."},
    Key{"u", "quantity:ratio", false, "Standard uncertainty of the frequency (default 0.005 %)."},
    Key{"calibration_output", "flag", false, "The instrument makes it, at its calibration output."},
};
constexpr std::array kScopeChannel{
    Key{"name", "word", true, "current, voltage, ..."},
    Key{"unit", "word", true, "A, V or m/s2; of a logic analyzer: logic."},
    Key{"input", "integer", true,
        "Input as the instrument numbers them: scopes from 1, others from 0."},
    Key{"probe", "quantity:count", false, "Attenuation of the probe (default 1)."},
    Key{"per_volt", "any", false, "What one volt at the probe means: 10 mA of a 100 ohm shunt."},
    Key{"bandwidth", "quantity:frequency", false, "-3 dB, one pole."},
    Key{"range", "any", false, "What it has to hold either side of zero; default: the widest."},
    Key{"gain_u", "quantity:ratio", false, "Standard uncertainty of the gain (default 3 %)."},
    Key{"offset_u", "any", false, "Standard uncertainty of the offset (default 2 % of the range)."},
    Key{"sync", "object:sync_channel", false, "It shows events: their instants are its edges'."},
};
constexpr std::array kSyncChannel{
    Key{"shows", "word", true, "commands, loads, supply or buttons."},
    Key{"edge", "word", false, "rising (default) or falling."},
    Key{"level", "any", false, "That the edge crosses; not of a logic channel."},
    Key{"stays", "quantity:time", false, "Only edges count after which it stays so long."},
    Key{"lead", "quantity:time", false, "From the edge to the event (default 0 s)."},
};
constexpr std::array kTextProtocol{
    Key{"protocol", "text", true, "Whose protocol this is."},
    Key{"line_end", "word", false, "Of commands: lf (default), cr or crlf."},
    Key{"timeout", "quantity:time", false, "How long an answer may take (default 200 ms)."},
    Key{"identify", "object:text_query", true,
        "Who is there: {send: '*IDN?', reply: 'ACME {id}'}."},
    Key{"set", "map", true, "Setting: {send: 'AMP {value}', unit: mA, decimals: 1}."},
    Key{"commands", "map", true, "start, stop, clear, save, keepalive: the line to send."},
    Key{"answers", "map", true, "Word: the line that means it, such as ok: OK."},
    Key{"status", "object:text_query", true, "{send: 'STAT?', reply: 'S={state} I={current mA}'}."},
};
constexpr std::array kTextQuery{
    Key{"send", "text", true, "The line."},
    Key{"reply", "text", true, "The answer, with {places}."},
};
constexpr std::array kTextSetting{
    Key{"send", "text", true, "The line, with {value}."},
    Key{"unit", "word", false, "The device's unit: mA, us, Hz."},
    Key{"decimals", "integer", false, "Digits behind the point (default 0)."},
};
constexpr std::array kWiring{
    Key{"gate_positive", "word", false, "Pin that drives the first phase: PB1."},
    Key{"gate_negative", "word", false, "Pin that drives the second phase."},
    Key{"enable", "word", false, "Pin that connects the output."},
    Key{"dac", "object:dac", false, "12-bit converter on SPI that sets the current, or voltage."},
    Key{"fixed_current", "quantity:current", false, "Set current when there is no converter."},
    Key{"uart", "integer", false, "0 or 1."},
    Key{"baud", "integer", false, "Bits per second."},
    Key{"buttons", "map", false, "Name: pin, active low."},
    Key{"signals", "map", false,
        "Name: pin, to be captured: led: PD5; !PD5: high while it is low."},
    Key{"analog_inputs", "list", false, "What the device's ADC senses."},
};
constexpr std::array kDac{
    Key{"select", "word", true, "Select pin, active low; the value is taken at its rise."},
    Key{"step", "any", true, "Current per code; of a vibrator the coil's voltage."},
    Key{"zero", "integer", false, "The code that means zero (default 0)."},
};
constexpr std::array kAnalogInput{
    Key{"channel", "integer", true, "ADC channel."},
    Key{"senses", "word", true, "current, voltage or supply; of a vibrator acceleration, force."},
    Key{"volts_per_unit", "quantity:count", true, "Volts at the pin per ampere, volt, m/s2, N."},
    Key{"volts_at_zero", "quantity:voltage", false, "Volts at the pin where it senses nothing."},
};
constexpr std::array kOutputStage{
    Key{"compliance", "quantity:voltage", false, "Highest voltage of the bridge."},
    Key{"coupling", "quantity:capacitance", false, "Coupling capacitor."},
    Key{"bleed", "quantity:resistance", false, "Across the output while it is off."},
    Key{"switch_resistance", "quantity:resistance", false, "Of the bridge."},
    Key{"insulation", "quantity:resistance", false,
        "From the high voltage to the electrode, a defect; without it, none flows."},
};
constexpr std::array kVibrator{
    Key{"amplifier", "object:amplifier", false, "What drives the coil."},
    Key{"coil", "object:coil", false, "The voice coil."},
    Key{"platform", "object:platform", false, "What moves, on its suspension."},
    Key{"foot", "object:foot", false, "Soft tissue between the platform and what stands on it."},
    Key{"leg", "object:leg", false, "What `load: two_mass_leg` puts on."},
    Key{"actuator", "object:actuator", false, "What moves with the coil, and may be loose."},
    Key{"accelerometer", "object:accelerometer", false, "The device's own."},
    Key{"force_sensor", "object:force_sensor", false, "The device's own, under the foot."},
};
constexpr std::array kAmplifier{
    Key{"limit", "quantity:voltage", false, "Highest voltage either side of zero."},
    Key{"resistance", "quantity:resistance", false, "Of its output."},
    Key{"damping", "quantity:resistance", false, "Across the coil while it is not enabled."},
};
constexpr std::array kCoil{
    Key{"resistance", "quantity:resistance", false, "Of the winding."},
    Key{"inductance", "quantity:inductance", false, "Of the winding."},
    Key{"force", "quantity:force_constant", false, "Per current; also the back-EMF per speed."},
};
constexpr std::array kPlatform{
    Key{"mass", "quantity:mass", false, "Of all that moves, with the actuator."},
    Key{"stiffness", "quantity:stiffness", false, "Of the suspension."},
    Key{"damping", "quantity:damping", false, "Of the suspension."},
    Key{"rocking", "quantity:ratio", false, "Horizontal acceleration per vertical."},
};
constexpr std::array kFoot{
    Key{"stiffness", "quantity:stiffness", false, "Of the soft tissue."},
    Key{"damping", "quantity:damping", false, "Of the soft tissue."},
    Key{"lift_time", "quantity:time", false, "For the weight to come on the platform, or off."},
};
constexpr std::array kLeg{
    Key{"foot", "quantity:mass", false, "The lower mass."},
    Key{"leg", "quantity:mass", false, "The upper mass."},
    Key{"stiffness", "quantity:stiffness", false, "Between them."},
    Key{"damping", "quantity:damping", false, "Between them."},
};
constexpr std::array kActuator{
    Key{"mass", "quantity:mass", false, "Of the part that may come loose."},
    Key{"gap", "quantity:length", false, "Between its stops; 0 mm: it is fast."},
    Key{"stiffness", "quantity:stiffness", false, "Of the stops."},
    Key{"damping", "quantity:damping", false, "Of the stops."},
};
constexpr std::array kAccelerometer{
    Key{"range", "quantity:acceleration", false, "It saturates there, either side of zero."},
    Key{"bandwidth", "quantity:frequency", false, "-3 dB, one pole."},
    Key{"bias", "quantity:acceleration", false, "What it shows at rest."},
    Key{"noise", "quantity:acceleration", false, "r.m.s."},
    Key{"gain_error", "quantity:ratio", false, "What it does wrong."},
    Key{"cross_axis", "quantity:ratio", false, "Share of the horizontal acceleration it shows."},
};
constexpr std::array kForceSensor{
    Key{"bandwidth", "quantity:frequency", false, "-3 dB, one pole."},
};
constexpr std::array kSupply{
    Key{"nominal", "quantity:voltage", false, "Battery voltage."},
    Key{"reset_below", "quantity:voltage", false, "Where the controller is held in reset."},
};
constexpr std::array kDigitizer{
    Key{"max_rate", "quantity:frequency", true, "Highest sample rate."},
    Key{"clock_error", "quantity:ratio", false, "What the model's clock does wrong (ppm)."},
    Key{"clock_u", "quantity:ratio", false, "Standard uncertainty of the clock (ppm)."},
    Key{"channels", "list", true, "Channels."},
    Key{"calibrated_until", "text", false, "Day, such as 2027-03-01; after it cases are BLOCKED."},
};
constexpr std::array kDigitizerChannel{
    Key{"name", "word", true, "current, voltage, led, ..."},
    Key{"unit", "word", true, "A, V or logic; of a vibrator also m/s2 and N."},
    Key{"signal", "word", true,
        "current, voltage, or a signal of the wiring; of a vibrator also acceleration, "
        "acceleration_x, force."},
    Key{"bits", "integer", false, "8 to 16."},
    Key{"range", "any", false, "Full scale either side of zero."},
    Key{"bandwidth", "quantity:frequency", false, "-3 dB, one pole."},
    Key{"noise", "any", false, "r.m.s."},
    Key{"gain_error", "quantity:ratio", false, "What the model does wrong."},
    Key{"offset_error", "any", false, "What the model does wrong."},
    Key{"gain_u", "quantity:ratio", false, "Standard uncertainty of the gain (default 3 %)."},
    Key{"offset_u", "any", false, "Standard uncertainty of the offset (default 2 % of the range)."},
};
constexpr std::array kFault{
    Key{"fault", "word", true, "F and a number; H and a number when the hardware is broken."},
    Key{"title", "text", true, "One line."},
    Key{"breaks", "word", true, "Requirement id."},
    Key{"caught_by", "list", true, "Beginnings of the quantities that have to notice."},
    Key{"fact", "text", false, "Where this defect is known from."},
    Key{"magnitude", "object:magnitude", false, "How large it is, when that can be chosen."},
    Key{"rare", "text", false, "When alone it shows."},
};
constexpr std::array kMagnitude{
    Key{"macro", "word", true, "Of the patched source."},
    Key{"unit", "text", true, "What one is."},
    Key{"from", "integer", true, "Does no harm."},
    Key{"to", "integer", true, "The worst."},
    Key{"default", "integer", true, "Built when nobody says otherwise."},
};
constexpr std::array kQuarantined{
    Key{"case", "text", true, "Id of a case, or of a scenario for all of its rows."},
    Key{"reason", "text", true, "Why it may still fail."},
};
constexpr std::array kPlant{
    Key{"plant", "text", true, "Title."},
    Key{"parameters", "map", true, "Groups of parameters."},
};
constexpr std::array kPlantParameter{
    Key{"value", "any", true, "A number with its unit."},
    Key{"range", "list", true, "What is plausible: [low, high]."},
    Key{"source", "text", true, "Where the value is from; or 'assumed', and why."},
};
constexpr std::array kObjects{
    ObjectKeys{"bench", "A bench file.", kBench},
    ObjectKeys{"instrument_bench", "A bench file of real instruments.", kInstrumentBench},
    ObjectKeys{"device", "Where the device is reached.", kDevice},
    ObjectKeys{"scope", "The digitizer.", kScope},
    ObjectKeys{"integrity_clock", "A clock that shows lost samples.", kIntegrityClock},
    ObjectKeys{"load_box", "A relay board that switches loads.", kLoadBox},
    ObjectKeys{"switched_load", "A load that a relay board switches.", kSwitchedLoad},
    ObjectKeys{"relay_button", "A button that a relay presses.", kRelayButton},
    ObjectKeys{"bench_supply", "The device's supply.", kBenchSupply},
    ObjectKeys{"scope_channel", "A channel of the digitizer.", kScopeChannel},
    ObjectKeys{"sync_channel", "What shows events beside the output.", kSyncChannel},
    ObjectKeys{"text_protocol", "A protocol of text lines.", kTextProtocol},
    ObjectKeys{"text_query", "A question and its answer.", kTextQuery},
    ObjectKeys{"text_setting", "How a setting is said.", kTextSetting},
    ObjectKeys{"wiring", "Wiring.", kWiring},
    ObjectKeys{"dac", "The converter that sets the current.", kDac},
    ObjectKeys{"analog_input", "An input of the device's ADC.", kAnalogInput},
    ObjectKeys{"output_stage", "The output stage.", kOutputStage},
    ObjectKeys{"vibrator", "A vibrating platform.", kVibrator},
    ObjectKeys{"amplifier", "The amplifier of a vibrator.", kAmplifier},
    ObjectKeys{"coil", "The voice coil.", kCoil},
    ObjectKeys{"platform", "The platform.", kPlatform},
    ObjectKeys{"foot", "The pad of the foot.", kFoot},
    ObjectKeys{"leg", "A leg of two masses.", kLeg},
    ObjectKeys{"actuator", "The actuator.", kActuator},
    ObjectKeys{"accelerometer", "The device's accelerometer.", kAccelerometer},
    ObjectKeys{"force_sensor", "The device's force sensor.", kForceSensor},
    ObjectKeys{"supply", "The supply.", kSupply},
    ObjectKeys{"digitizer", "The digitizer.", kDigitizer},
    ObjectKeys{"digitizer_channel", "A channel of the digitizer.", kDigitizerChannel},
    ObjectKeys{"scenario", "A scenario file.", kScenario},
    ObjectKeys{"step", "One step: one action and its modifiers.", kStep},
    ObjectKeys{"capture", "A capture.", kCapture},
    ObjectKeys{"segments", "Segmented capture.", kSegments},
    ObjectKeys{"expect", "Expectations: quantity or status.FIELD: limit.", kExpect},
    ObjectKeys{"inform", "What the modelled plant did.", kInform},
    ObjectKeys{"repeat", "A loop.", kRepeat},
    ObjectKeys{"send", "Raw bytes to the device.", kSend},
    ObjectKeys{"chatter", "A contact that opens and closes.", kChatter},
    ObjectKeys{"suite", "A suite.yaml file.", kSuite},
    ObjectKeys{"spec", "A spec file.", kSpec},
    ObjectKeys{"requirement", "A requirement.", kRequirement},
    ObjectKeys{"limit", "A limit.", kLimit},
    ObjectKeys{"fault", "The head of a seeded fault.", kFault},
    ObjectKeys{"magnitude", "How large a fault is.", kMagnitude},
    ObjectKeys{"second_heart", "A modelled calf behind the output.", kSecondHeart},
    ObjectKeys{"plant", "The parameter file of a plant.", kPlant},
    ObjectKeys{"plant_parameter", "A parameter of a plant.", kPlantParameter},
    ObjectKeys{"quarantined", "A case whose failure is known.", kQuarantined},
};

}  // namespace

std::span<const ObjectKeys> objects() { return kObjects; }

}  // namespace rig
