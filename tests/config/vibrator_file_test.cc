// Bench files of vibrators: what they mean, and what they may not be.
#include "rig/config/bench_file.h"

#include "tests/config/files_fixture.h"

namespace rig {
namespace {

constexpr const char* kBenchFile = R"(bench: B
kind: simulated
protocol: soleus
firmware: image.elf
mcu: atmega328p
clock: 16 MHz
wiring:
  enable: PD4
  dac: {select: PD7, step: 5 mV, zero: 2048}
  analog_inputs: [{channel: 1, senses: acceleration, volts_per_unit: 0.25, volts_at_zero: 2.5 V}]
vibrator:
  amplifier: {limit: 9 V, resistance: 0.3 ohm, damping: 5 ohm}
  coil: {resistance: 3 ohm, inductance: 1 mH, force: 11 N/A}
  platform: {mass: 1.1 kg, stiffness: 30 kN/m, damping: 50 N s/m, rocking: 2 %}
  foot: {stiffness: 20 kN/m, damping: 100 N s/m, lift_time: 50 ms}
  leg: {foot: 1 kg, leg: 4 kg, stiffness: 10 kN/m, damping: 90 N s/m}
  actuator: {mass: 0.3 kg, gap: 0.1 mm, stiffness: 500 kN/m, damping: 40 N s/m}
  accelerometer: {range: 8 m/s2, bandwidth: 400 Hz, bias: 1 m/s2, noise: 10 mm/s2, gain_error: -2 %, cross_axis: 3 %}
  force_sensor: {bandwidth: 30 Hz}
load: 5 kg
digitizer:
  max_rate: 1 MHz
  channels:
    - {name: acceleration, unit: m/s2, signal: acceleration, bits: 16, range: 50 m/s2}
    - {name: force, unit: N, signal: force, bits: 12, range: 1000 N, offset_u: 1 N}
)";

class LoadVibrator : public FilesTest {
 protected:
  std::string error_with(const std::string& old_text, const std::string& new_text) const {
    std::string text = kBenchFile;
    const auto at = text.find(old_text);
    EXPECT_NE(at, std::string::npos) << old_text;
    text.replace(at, old_text.size(), new_text);
    return error_of([&] { load_bench(write("bench.yaml", text), "", {}); });
  }
};

TEST_F(LoadVibrator, ReadsQuantitiesInSiUnits) {
  const auto s =
      std::get<SimulatedBenchSettings>(load_bench(write("bench.yaml", kBenchFile), "", {}));
  ASSERT_TRUE(s.vibrator.has_value());
  const VibratorSettings& v = *s.vibrator;
  EXPECT_DOUBLE_EQ(s.wiring.dac_step, 5e-3);
  EXPECT_EQ(s.wiring.dac_zero, 2048);
  EXPECT_DOUBLE_EQ(s.wiring.analog_inputs.at(0).volts_at_zero, 2.5);
  EXPECT_DOUBLE_EQ(v.amplifier.limit, 9);
  EXPECT_DOUBLE_EQ(v.amplifier.damping, 5);
  EXPECT_DOUBLE_EQ(v.coil.inductance, 1e-3);
  EXPECT_DOUBLE_EQ(v.coil.force, 11);
  EXPECT_DOUBLE_EQ(v.platform.mass, 1.1);
  EXPECT_DOUBLE_EQ(v.platform.stiffness, 30e3);
  EXPECT_DOUBLE_EQ(v.platform.damping, 50);
  EXPECT_DOUBLE_EQ(v.platform.rocking, 0.02);
  EXPECT_DOUBLE_EQ(v.foot.lift_time, 0.05);
  EXPECT_DOUBLE_EQ(v.leg.leg, 4);
  EXPECT_DOUBLE_EQ(v.actuator.gap, 1e-4);
  EXPECT_DOUBLE_EQ(v.accelerometer.range, 8);
  EXPECT_DOUBLE_EQ(v.accelerometer.gain_error, -0.02);
  EXPECT_DOUBLE_EQ(v.accelerometer.cross_axis, 0.03);
  EXPECT_DOUBLE_EQ(v.force_bandwidth, 30);
  EXPECT_DOUBLE_EQ(v.load, 5);
  EXPECT_EQ(s.load.si(), 0) << "no resistor";
  EXPECT_DOUBLE_EQ(s.digitizer.channels.at(0).offset_u, 1) << "2 % of 50 m/s2";
}

TEST_F(LoadVibrator, RefusesWhatCannotBeMeant) {
  struct Row {
    const char* old_text;
    const char* new_text;
    const char* error;
  };
  const std::vector<Row> rows{
      {"mass: 1.1 kg", "mass: 1.1",
       "bench.yaml:14:20: expected a mass such as '15 kg', found '1.1' (no unit)"},
      {"mass: 1.1 kg", "mass: -1.1 kg",
       "bench.yaml:14:20: expected mass from 0.05 kg to 200 kg, found '-1.1 kg'"},
      {"mass: 1.1 kg", "mass: 1.1 N",
       "bench.yaml:14:20: expected a mass such as '15 kg', found '1.1 N' (a force)"},
      {"stiffness: 30 kN/m", "stiffness: 30 N/m",
       "bench.yaml:14:39: expected stiffness from 0.1 kN/m to 100000 kN/m, found '30 N/m'"},
      {"damping: 50 N s/m", "damping: -50 N s/m",
       "bench.yaml:14:57: expected damping from 0 N s/m to 100000 N s/m, found '-50 N s/m'"},
      {"rocking: 2 %", "rocking: 200 %",
       "bench.yaml:14:76: expected rocking from 0 % to 100 %, found '200 %'"},
      {"inductance: 1 mH", "inductance: 0 mH",
       "bench.yaml:13:41: expected inductance from 0.01 mH to 1000 mH, found '0 mH'"},
      {"force: 11 N/A", "force: 11 N",
       "bench.yaml:13:54: expected a force constant such as '12 N/A', found '11 N' (a force)"},
      {"lift_time: 50 ms", "lift_time: 0 ms",
       "bench.yaml:15:61: expected lift_time from 1 ms to 10 s, found '0 ms'"},
      {"leg: 4 kg", "legg: 4 kg",
       "bench.yaml:16:21: unknown key 'legg' in leg, did you mean 'leg'?"},
      {"mass: 0.3 kg", "mass: 1.3 kg",
       "bench.yaml:17:20: expected an actuator lighter than the platform that it is part of"},
      {"gap: 0.1 mm", "gap: 100 mm",
       "bench.yaml:17:33: expected gap from 0 mm to 10 mm, found '100 mm'"},
      {"bandwidth: 400 Hz", "bandwidth: 400 kHz",
       "bench.yaml:18:45: expected bandwidth from 1 Hz to 2 kHz, found '400 kHz'"},
      {"load: 5 kg", "load: 500 ohm",
       "bench.yaml:20:7: expected a mass such as '15 kg', found '500 ohm' (a resistance)"},
      {"load: 5 kg", "load: -5 kg",
       "bench.yaml:20:7: expected 0 kg, or a mass from 0.05 kg to 200 kg, found '-5 kg'"},
      {"step: 5 mV", "step: 5 mA",
       "bench.yaml:9:28: expected a voltage such as '5 V', found '5 mA' (a current)"},
      {"zero: 2048", "zero: 4096",
       "bench.yaml:9:40: expected a whole number from 0 to 4095, found '4096'"},
      {"  enable: PD4\n", "", "bench.yaml:8:3: wiring needs the key 'enable'"},
      {"enable: PD4", "enable: PD4\n  gate_positive: PB1",
       "bench.yaml:9:18: a vibrator has no gate, but 'enable' and 'dac'"},
      {"senses: acceleration", "senses: voltage",
       "bench.yaml:10:40: expected current, acceleration, force or supply, found 'voltage'"},
      {"load: 5 kg", "output_stage: {compliance: 150 V}",
       "bench.yaml:20:15: expected either 'output_stage' or 'vibrator'"},
      {"unit: N, signal: force", "unit: N, signal: acceleration",
       "bench.yaml:25:27: expected m/s2 for the signal acceleration, found 'N'"},
      {"unit: N,", "unit: W,", "bench.yaml:25:27: expected A, V, m/s2, N or logic, found 'W'"},
      {"signal: force", "signal: fource",
       "bench.yaml:25:38: expected current, voltage, acceleration, acceleration_x or force, found "
       "'fource', did you mean 'force'?"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(error_with(row.old_text, row.new_text), row.error) << row.new_text;
}

}  // namespace
}  // namespace rig
