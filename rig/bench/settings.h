// A bench as data: what its file says. Passive; config/ reads it, app/ opens it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "rig/bench/bench.h"
#include "rig/bench/plant.h"
#include "rig/bench/text_protocol.h"
#include "rig/core/units.h"

namespace rig {

struct PinName {
  char port = 'B';
  int bit = 0;
  bool inverted = false;  // signals only: high means that the pin is low
};

struct DigitizerChannelSettings {
  std::string name;
  std::string unit;    // "A", "V", "m/s2", "N", "logic"
  std::string signal;  // "current", "acceleration", ... of the stage, or a wired pin: "led"
  int bits = 12;
  double range = 0;  // full scale either side of zero, in the unit
  double bandwidth_hz = 0;
  double noise = 0;         // r.m.s., in the unit
  double gain_error = 0;    // what the model does wrong, relative
  double offset_error = 0;  // what the model does wrong, in the unit
  double gain_u = 0;        // what the calibration says about it: standard, relative
  double offset_u = 0;      // standard, in the unit
};

struct DigitizerSettings {
  double max_rate_hz = 20e6;
  double clock_error_ppm = 0;  // what the model does wrong
  double clock_u_ppm = 50;     // what the data sheet says: standard
  std::vector<DigitizerChannelSettings> channels;
};

// Where each function of the stimulator sits on its controller.
struct Wiring {
  PinName gate_positive{'B', 1};
  PinName gate_negative{'B', 2};
  bool has_enable = false;
  PinName enable;
  bool has_dac = false;  // none: the set current is fixed
  PinName dac_select{'D', 7};
  double dac_step = 0;  // A of a stimulator, V of a vibrator, per code of a 12-bit word on SPI
  int dac_zero = 0;     // the code that means zero
  Amps fixed_current;
  int uart = 0;
  std::uint32_t baud = 38400;
  std::vector<std::pair<std::string, PinName>> buttons;  // active low
  std::vector<std::pair<std::string, PinName>> signals;  // "led", "sync"
  struct AnalogInput {
    int channel = 0;
    std::string senses;  // "current", "voltage", "acceleration", "force", "supply"
    double volts_per_unit = 0;
    double volts_at_zero = 0;
  };
  std::vector<AnalogInput> analog_inputs;
};

struct OutputStageSettings {
  Volts compliance{150};
  Farads coupling{22e-6};
  Ohms bleed{100e3};  // across the output while no gate is on
  Ohms switch_resistance{10};
  Ohms insulation{0};  // from the rail to the electrode; 0: perfect
};

// A platform under the sole of a foot, driven by a voice coil. SI units; what is not known of a
// real device is assumed, and the bench file says so.
struct VibratorSettings {
  struct Amplifier {  // a voltage source
    double limit = 10;
    double resistance = 0.2;  // of its output
    double damping = 4;       // ohm, across the coil while it is not enabled
  };
  struct Coil {
    double resistance = 4;
    double inductance = 0.8e-3;
    double force = 12;  // N/A, and V s/m of back-EMF
  };
  struct Platform {
    double mass = 1.2;  // with the actuator
    double stiffness = 35e3;
    double damping = 68;
    double rocking = 0;  // horizontal acceleration per vertical
  };
  struct Foot {  // the soft tissue between the platform and what stands on it
    double stiffness = 30e3;
    double damping = 250;
    double lift_time = 0.1;  // s, for its weight to go on the platform or off
  };
  struct Leg {  // two masses, one on the other
    double foot = 1.5;
    double leg = 6;
    double stiffness = 12e3;
    double damping = 150;
  };
  struct Actuator {  // what moves with the coil; loose, it goes through a gap between two stops
    double mass = 0.2;
    double stiffness = 1e6;
    double damping = 60;
    double gap = 0;  // m; 0: it is fast
  };
  struct Accelerometer {     // the device's own, about its rest
    double range = 10;       // m/s2, either side; it saturates there
    double bandwidth = 500;  // Hz, one pole
    double bias = 0;
    double noise = 0;       // r.m.s.
    double gain_error = 0;  // relative
    double cross_axis = 0;  // share of the horizontal acceleration that it shows
  };
  Amplifier amplifier;
  Coil coil;
  Platform platform;
  Foot foot;
  Leg leg;
  Actuator actuator;
  Accelerometer accelerometer;
  double force_bandwidth = 20;  // Hz, of the sensor under the foot
  double load = 0;              // kg, at power-on; 0: nothing stands on it
};

struct SupplySettings {
  Volts nominal{7.4};
  Volts reset_below{4.0};  // where the controller's brown-out detector holds it
};

struct SimulatedBenchSettings {
  std::string title;
  std::string protocol;
  std::optional<TextProtocol> text_protocol;  // when it is none of the rig's own
  std::string firmware;                       // path of the image, resolved
  std::string mcu;
  std::uint64_t clock_hz = 16'000'000;
  double baud_error = 0;  // of the host's side, relative
  std::string uptime;     // the image's 32-bit variable that counts milliseconds; empty: not known
  Wiring wiring;
  OutputStageSettings output;
  std::optional<VibratorSettings> vibrator;  // instead of the output stage
  std::optional<PlantBench> plant;           // behind the output
  SupplySettings supply;
  DigitizerSettings digitizer;
  Ohms load{500};
  double load_u = 0;          // relative, standard
  double load_error = 0;      // what the model's load box does wrong, relative
  double electrode_area = 0;  // m2, of the smallest electrode; 0: not known
  Custody custody;
};

// Where an instrument or a device is reached. `place`: where the bench file says so,
// "table.yaml:7:8".
struct SerialPort {
  std::string path;  // "/dev/ttyUSB0", or a pseudo terminal
  std::uint32_t baud = 38400;
  int stop_bits = 1;
  bool flow_control = false;  // RTS/CTS
  std::string place = {};
};
struct TcpAddress {
  std::string text;  // "192.168.1.5:5555"
  std::string place = {};
};
struct UsbAddress {
  std::string text;  // "1AB1:04CE:DS1ZA1"
  std::string place = {};
};

// A clock on a spare input, by which lost samples are noticed.
struct IntegrityClock {
  int input = 2;
  double hertz = 1000;
  double u = 50e-6;  // standard, relative
  bool own = false;  // the instrument makes it itself, at its calibration output
};

// A digitizer on USB that streams samples and speaks a protocol of its own.
struct UsbSampler {
  enum class Kind : std::uint8_t { kHantek6022, kUsb204, kUsb1608fsPlus, kFx2lafw };
  Kind kind = Kind::kHantek6022;
  UsbAddress usb;
  std::string firmware;  // path of the user's file; empty: it is loaded, or there is none
  std::string firmware_place = {};  // where the bench file names it
  std::optional<IntegrityClock> clock;
};

struct ScopeChannel {
  std::string name;           // "current"
  std::string unit;           // "A", "V", "m/s2"; "logic": a bit
  int input = 1;              // as the instrument numbers them
  double probe = 1;           // its attenuation
  double units_per_volt = 1;  // of the shunt or divider: 0.01 A/V for 100 ohm
  double range = 0;           // held either side of zero unless a capture says; 0: the widest
  double gain_u = 0.03;       // relative, standard, of all of it
  double offset_u = 0;        // in the unit, standard
  double bandwidth_hz = 0;
  std::optional<SyncChannel> sync;  // it shows events
};

struct ScopeSettings {
  std::vector<ScopeChannel> channels;
  std::optional<Picos> pace;  // least time between two messages; none: as its dialect says
};

// A relay board that understands lines of text: it switches loads and presses buttons.
struct SwitchBoxSettings {
  std::variant<SerialPort, TcpAddress> where;
  std::string line_end = "\n";
  std::string answer;  // what it says when it has done so; empty: it says nothing
  Picos settle{};      // from its answer until the contacts are at rest
  std::vector<std::pair<Load, std::string>> loads;
  struct Button {
    std::string name;
    std::string press;
    std::string release;
  };
  std::vector<Button> buttons;
};

// Somebody who connects what the rig asks for, and says when it is done.
struct OperatorSettings {};

// A supply that speaks SCPI.
struct BenchSupplySettings {
  std::variant<UsbAddress, TcpAddress> where;
  Volts nominal{0};
  Volts lowest{0};
  Volts highest{0};
  std::string set = "VOLT {value}";
  std::string measure = "MEAS:VOLT?";
  std::string on = "OUTP ON";
  std::string off = "OUTP OFF";
  double tolerance = 0.02;  // relative: what it measures of what was set
  Picos settle{};           // from a command until the voltage stands
  Picos discharge{};        // without power, until the device has forgotten
};

struct SurroundingsSettings {
  std::variant<std::monostate, SwitchBoxSettings, OperatorSettings> load_box;
  std::optional<BenchSupplySettings> supply;
};

struct InstrumentBenchSettings {
  std::string title;
  std::string protocol;
  std::optional<TextProtocol> text_protocol;  // when it is none of the rig's own
  std::variant<SerialPort, TcpAddress> device;
  std::variant<UsbAddress, TcpAddress, UsbSampler> scope;
  ScopeSettings digitizer;
  SurroundingsSettings surroundings;
  // A rig that gives no sign of life for so long, while output is commanded, has hung.
  Picos patience = std::chrono::milliseconds(120);
  Ohms load{500};
  double load_u = 0;          // relative, standard
  double electrode_area = 0;  // m2, of the smallest electrode; 0: not known
  Custody custody;
};

using BenchSettings = std::variant<SimulatedBenchSettings, InstrumentBenchSettings>;

}  // namespace rig
