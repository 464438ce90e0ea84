// The seam. Everything above it is the same for a table of instruments and for a simulated bench;
// only instruments/ and fixtures/simulated stand below it.
//
// Arm first, then make the device do something, then collect: that order is the whole concurrency
// design above the seam. A simulated bench lives only inside wait, read and collect.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "rig/bench/text_protocol.h"
#include "rig/core/capture.h"
#include "rig/core/clock_fit.h"
#include "rig/core/units.h"

namespace rig {

// Time as the bench lives it: the wall clock, or the cycle counter of a simulated device.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Picos now() const = 0;
  virtual void wait_until(Picos when) = 0;
};

// A byte stream to the device under test.
class Link {
 public:
  virtual ~Link() = default;
  // Returns the instant when the last stop bit will have left.
  virtual Picos write(std::span<const std::byte> bytes) = 0;

  // Reads what has arrived, waiting for at least one byte. Returns 0 when the timeout passes.
  virtual std::size_t read(std::span<std::byte> into, Picos timeout) = 0;

  // Standard uncertainty of what write() returns, s.
  virtual double instant_u() const { return 0; }
};

struct Trigger {
  std::string channel;
  double level = 0;  // in the channel's unit; fires when the magnitude rises through it
};

struct CaptureSetup {
  std::string name;
  std::vector<std::string> channels;
  SampleRate rate;
  std::map<std::string, double> ranges;  // at least so much either side of zero; none: widest
  Picos length{};                        // from arming
  std::optional<Trigger> trigger;        // none: continuous; else one segment per trigger
  Picos pre_trigger{};
  Picos segment_length{};  // including pre_trigger
};

class Digitizer {
 public:
  virtual ~Digitizer() = default;

  // Starts sampling and returns the settings as read back. Throws Blocked for a channel or a rate
  // that this instrument does not have.
  virtual CaptureInfo arm(const CaptureSetup& setup) = 0;

  // Hands over every sample taken before `until`, or before the end of the capture, in order.
  // Returns false once the capture is complete. Throws RigError when the instrument fails.
  virtual bool collect(Picos until, BlockSink& sink) = 0;

  // How its clock ran against the bench clock in the capture that was completed last; nullopt where
  // nothing tells, or both are one.
  virtual std::optional<ClockFit> clock_fit() const = 0;
};

// When a disturbance is to happen: at an instant of the bench clock, or so long after the onset of
// the n-th output pulse (1 = the first) that begins after the call.
struct Moment {
  Picos at{};
  std::uint32_t pulse = 0;  // 0: `at` is an instant; else `at` counts from that pulse's onset
};

struct SeriesLoad {  // Rs + (Rp || C); Rp = 0: a plain resistor Rs
  Ohms series;
  Ohms parallel;
  Farads capacitance;
};
struct OpenLoad {};
struct ShortLoad {};
struct ChatterLoad {  // the contact opens and closes again, starting open
  Picos open{};
  Picos closed{};
  std::uint32_t times = 1;
};
struct HalfLifted {};  // half the electrode's area has come off: R doubles, C halves
struct DummyMass {     // on the platform of a vibrator, through the pad of a foot
  double kilograms = 0;
};
struct TwoMassLeg {};  // the leg that the bench file describes
struct FootLifted {};
struct ClampedPlatform {};  // held fast, whatever stands on it
using Load = std::variant<SeriesLoad, OpenLoad, ShortLoad, ChatterLoad, HalfLifted, DummyMass,
                          TwoMassLeg, FootLifted, ClampedPlatform>;

struct SupplyLevel {
  Volts volts;
};
struct SupplyDip {
  Volts to;
  Picos duration{};
};
using SupplyChange = std::variant<SupplyLevel, SupplyDip>;

struct ButtonChange {
  std::string button;  // "stop", "dead_man"
  bool pressed = false;
};

// A defect that only some benches can make: "cpu_hang", "source_gain" with its factor,
// "baud_error" in percent, "sense_offset", "uptime" and the rest in SI.
struct InjectedFault {
  std::string name;
  double value = 0;
};

using Disturbance = std::variant<Load, SupplyChange, ButtonChange, InjectedFault>;

struct Applied {
  Disturbance what;
  Picos asked{};     // the instant it was to happen
  Picos achieved{};  // the instant it happened
  double u = 0;      // s, standard uncertainty of `achieved`
};

// Load box, supply, buttons: what the bench does to the device apart from talking to it.
class Surroundings {
 public:
  virtual ~Surroundings() = default;

  // Now, when `when` is not in the future; else at that moment, while the clock goes on.
  virtual void apply(const Disturbance& what, const Moment& when) = 0;

  // What has happened since the last call, in order.
  virtual std::vector<Applied> take_applied() = 0;

  // Facts about the device that the bench itself noticed and that make its results doubtful:
  // "firmware uses phase-correct PWM (timer 1), which this bench does not model".
  virtual std::vector<std::string> take_doubts() = 0;

  // Everything as at power-on: load of the bench file, nominal supply, buttons released; the
  // device without power long enough to forget, then with power.
  virtual void power_cycle() = 0;
};

// What has to be so before anything that the bench shows counts.
struct Custody {
  std::string identity;  // what the device's answer has to hold, such as its serial number
  std::optional<std::chrono::sys_days> calibrated_until;  // the digitizer; the day itself included
};

// A channel of the digitizer that shows events beside the output: the line by which the device is
// told something, an auxiliary contact of a relay. The events' instants are taken from its edges.
struct SyncChannel {
  enum class Shows : std::uint8_t { kCommands, kLoads, kSupply, kButtons };
  std::string channel;
  Shows shows = Shows::kCommands;
  bool rising = true;
  double level = 0.5;  // that an edge crosses, in the channel's unit
  Picos stays{};       // only edges count after which it stays so long: the last of a message
  Picos lead{};        // the event comes so long after its edge
};

// Passive facts about a bench.
struct BenchFacts {
  std::string title;
  std::string protocol;                       // "soleus"
  std::optional<TextProtocol> text_protocol;  // when it is none of the rig's own
  std::string firmware_sha256;                // empty: not known
  std::string firmware_file;
  std::set<std::string> capabilities;  // "load.open", "inject.cpu_hang"
  std::vector<Channel> channels;       // what the digitizer offers
  double max_rate_hz = 0;
  Ohms load;                                                     // at power-on
  double load_u = 0;                                             // relative standard uncertainty
  double electrode_area = 0;                                     // m2, smallest; 0: not known
  std::vector<std::pair<std::string, std::string>> instruments;  // for the record
  Custody custody;
  std::vector<SyncChannel> syncs;
  bool one_at_a_time = false;  // it exists once: cases cannot run side by side
  bool stays_powered = false;  // the device lives on between cases, with what it has latched
};

struct Bench {
  BenchFacts facts;
  std::unique_ptr<Clock> clock;
  std::unique_ptr<Link> link;
  std::unique_ptr<Digitizer> digitizer;
  std::unique_ptr<Surroundings> surroundings;
};

}  // namespace rig
