// The `vibrator` of a bench file: amplifier, coil, platform, what stands on it, and its sensors.
#include <string>

#include "rig/config/bench_parts.h"
#include "rig/config/keys.h"
#include "rig/config/units.h"

namespace rig {
namespace {

struct Range {
  double low = 0;
  double high = 0;
  const char* words = "";  // "from 0.05 kg to 100 kg"
};
constexpr Range kMass{0.05, 200, "from 0.05 kg to 200 kg"};
constexpr Range kStiffness{100, 1e8, "from 0.1 kN/m to 100000 kN/m"};
constexpr Range kDamping{0, 1e5, "from 0 N s/m to 100000 N s/m"};
constexpr Range kSmallResistance{0, 100, "from 0 ohm to 100 ohm"};
constexpr Range kCoilResistance{0.1, 1000, "from 0.1 ohm to 1000 ohm"};
constexpr Range kInductance{10e-6, 1, "from 0.01 mH to 1000 mH"};
constexpr Range kForce{0.1, 1000, "from 0.1 N/A to 1000 N/A"};
constexpr Range kLimit{0.1, 200, "from 0.1 V to 200 V"};
constexpr Range kShare{0, 100, "from 0 % to 100 %"};
constexpr Range kGainError{-50, 50, "from -50 % to 50 %"};
constexpr Range kLiftTime{1e-3, 10, "from 1 ms to 10 s"};
constexpr Range kGap{0, 0.01, "from 0 mm to 10 mm"};
constexpr Range kSensed{0.1, 2000, "from 0.1 m/s2 to 2000 m/s2"};
constexpr Range kBias{-100, 100, "from -100 m/s2 to 100 m/s2"};
constexpr Range kNoise{0, 100, "from 0 m/s2 to 100 m/s2"};
constexpr Range kBandwidth{1, 2000, "from 1 Hz to 2 kHz"};

// An optional quantity within its range.
void read(const Yaml& map, std::string_view key, std::string_view dimension, const Range& range,
          double& into) {
  const Yaml* node = map.find(key);
  if (node == nullptr) return;
  into = read_quantity(*node, dimension);
  if (into >= range.low && into <= range.high) return;
  throw node->error("expected " + std::string(key) + " " + range.words + ", found " +
                    node->found());
}

void read_spring(const Yaml& map, double& stiffness, double& damping) {
  read(map, "stiffness", "stiffness", kStiffness, stiffness);
  read(map, "damping", "damping", kDamping, damping);
}

void read_accelerometer(const Yaml& node, VibratorSettings::Accelerometer& a) {
  read(node, "range", "acceleration", kSensed, a.range);
  read(node, "bandwidth", "frequency", kBandwidth, a.bandwidth);
  read(node, "bias", "acceleration", kBias, a.bias);
  read(node, "noise", "acceleration", kNoise, a.noise);
  double percent = 100 * a.gain_error;
  read(node, "gain_error", "ratio", kGainError, percent);
  a.gain_error = percent / 100;
  percent = 100 * a.cross_axis;
  read(node, "cross_axis", "ratio", kShare, percent);
  a.cross_axis = percent / 100;
}

void read_platform(const Yaml& node, VibratorSettings::Platform& platform) {
  read(node, "mass", "mass", kMass, platform.mass);
  read_spring(node, platform.stiffness, platform.damping);
  double percent = 100 * platform.rocking;
  read(node, "rocking", "ratio", kShare, percent);
  platform.rocking = percent / 100;
}

void read_actuator(const Yaml& node, const VibratorSettings::Platform& platform,
                   VibratorSettings::Actuator& actuator) {
  read(node, "mass", "mass", {.low = 0.01, .high = 100, .words = "from 0.01 kg to 100 kg"},
       actuator.mass);
  if (actuator.mass >= platform.mass) {
    const Yaml* mass = node.find("mass");
    throw(mass == nullptr ? node : *mass)
        .error("expected an actuator lighter than the platform that it is part of");
  }
  read_spring(node, actuator.stiffness, actuator.damping);
  read(node, "gap", "length", kGap, actuator.gap);
}

// Calls read(part) where the file has it, checked for its keys.
template <typename Read>
void part(const Yaml& vibrator, std::string_view key, std::string_view object, const Read& read) {
  const Yaml* node = vibrator.find(key);
  if (node == nullptr) return;
  check_keys(*node, object);
  read(*node);
}

}  // namespace

double read_kilograms(const Yaml& node) {
  const double kilograms = read_quantity(node, "mass");
  if (kilograms == 0 || (kilograms >= kMass.low && kilograms <= kMass.high)) return kilograms;
  throw node.error("expected 0 kg, or a mass " + std::string(kMass.words) + ", found " +
                   node.found());
}

VibratorSettings read_vibrator(const Yaml& node) {
  check_keys(node, "vibrator");
  VibratorSettings v;
  part(node, "amplifier", "amplifier", [&v](const Yaml& of) {
    read(of, "limit", "voltage", kLimit, v.amplifier.limit);
    read(of, "resistance", "resistance", kSmallResistance, v.amplifier.resistance);
    read(of, "damping", "resistance", kCoilResistance, v.amplifier.damping);
  });
  part(node, "coil", "coil", [&v](const Yaml& of) {
    read(of, "resistance", "resistance", kCoilResistance, v.coil.resistance);
    read(of, "inductance", "inductance", kInductance, v.coil.inductance);
    read(of, "force", "force_constant", kForce, v.coil.force);
  });
  part(node, "platform", "platform", [&v](const Yaml& of) { read_platform(of, v.platform); });
  part(node, "foot", "foot", [&v](const Yaml& of) {
    read_spring(of, v.foot.stiffness, v.foot.damping);
    read(of, "lift_time", "time", kLiftTime, v.foot.lift_time);
  });
  part(node, "leg", "leg", [&v](const Yaml& of) {
    read(of, "foot", "mass", kMass, v.leg.foot);
    read(of, "leg", "mass", kMass, v.leg.leg);
    read_spring(of, v.leg.stiffness, v.leg.damping);
  });
  part(node, "actuator", "actuator",
       [&v](const Yaml& of) { read_actuator(of, v.platform, v.actuator); });
  part(node, "accelerometer", "accelerometer",
       [&v](const Yaml& of) { read_accelerometer(of, v.accelerometer); });
  part(node, "force_sensor", "force_sensor",
       [&v](const Yaml& of) { read(of, "bandwidth", "frequency", kBandwidth, v.force_bandwidth); });
  return v;
}

}  // namespace rig
