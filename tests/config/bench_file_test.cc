// Bench files: what they mean, and what they may not be.
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
  gate_positive: PB1
  gate_negative: PB2
  dac: {select: PD7, step: 25 uA}
  buttons: {stop: PD2}
  signals: {led: PD5}
  analog_inputs: [{channel: 0, senses: current, volts_per_unit: 25}]
output_stage: {compliance: 150 V}
supply: {nominal: 7.4 V}
load: 1 kohm
load_u: 0.1 %
digitizer:
  max_rate: 20 MHz
  clock_error: 12 ppm
  channels:
    - {name: current, unit: A, signal: current, bits: 12, range: 150 mA, gain_u: 0.25 %}
    - {name: led, unit: logic, signal: led}
electrode: 25 cm2
load_error: -0.2 %
)";

class LoadBench : public FilesTest {
 protected:
  // The bench file with one text in it replaced by another.
  std::string file_with(const std::string& old_text, const std::string& new_text) const {
    std::string text = kBenchFile;
    const auto at = text.find(old_text);
    EXPECT_NE(at, std::string::npos) << old_text;
    text.replace(at, old_text.size(), new_text);
    return write("bench.yaml", text);
  }
  std::string error_with(const std::string& old_text, const std::string& new_text) const {
    return error_of([&] { load_bench(file_with(old_text, new_text), "", {}); });
  }
};

// Nobody's gain and zero are exact: silence about them must not give the narrowest intervals.
TEST_F(LoadBench, AChannelWithoutCalibrationIsAsSureAsAPlainOscilloscope) {
  const auto s =
      std::get<SimulatedBenchSettings>(load_bench(file_with(", gain_u: 0.25 %", ""), "", {}));
  EXPECT_DOUBLE_EQ(s.digitizer.channels.at(0).gain_u, 0.03);
  EXPECT_DOUBLE_EQ(s.digitizer.channels.at(0).offset_u, 3e-3) << "2 % of 150 mA";
}

TEST_F(LoadBench, ReadsQuantitiesInSiUnits) {
  const auto s =
      std::get<SimulatedBenchSettings>(load_bench(write("bench.yaml", kBenchFile), "", {}));
  EXPECT_EQ(s.clock_hz, 16'000'000u);
  EXPECT_EQ(s.wiring.gate_positive.port, 'B');
  EXPECT_EQ(s.wiring.gate_positive.bit, 1);
  EXPECT_DOUBLE_EQ(s.wiring.dac_step, 25e-6);
  EXPECT_DOUBLE_EQ(s.load.si(), 1000);
  EXPECT_DOUBLE_EQ(s.load_u, 1e-3);
  EXPECT_DOUBLE_EQ(s.load_error, -2e-3);
  EXPECT_DOUBLE_EQ(s.electrode_area, 25e-4);
  EXPECT_DOUBLE_EQ(s.digitizer.clock_error_ppm, 12);
  EXPECT_DOUBLE_EQ(s.digitizer.channels.at(0).range, 0.15);
  EXPECT_DOUBLE_EQ(s.digitizer.channels.at(0).gain_u, 2.5e-3);
  EXPECT_EQ(s.wiring.buttons.at(0).first, "stop");
}

TEST_F(LoadBench, ReadsSignalsThatAreThereWhileTheirPinIsLow) {
  const auto s = std::get<SimulatedBenchSettings>(
      load_bench(file_with("signals: {led: PD5}", "signals: {led: PD5, write: \"!PD7\"}"), "", {}));
  ASSERT_EQ(s.wiring.signals.size(), 2u);
  EXPECT_FALSE(s.wiring.signals[0].second.inverted);
  EXPECT_TRUE(s.wiring.signals[1].second.inverted);
  EXPECT_EQ(s.wiring.signals[1].second.bit, 7);
  EXPECT_TRUE(s.uptime.empty());
}

TEST_F(LoadBench, LooksForTheImageBesideTheFileThenWhereImagesAreBuilt) {
  const std::string bench = write("benches/bench.yaml", kBenchFile);
  const auto image = [&](const std::string& firmware) {
    const auto settings = load_bench(bench, firmware, {path("built")});
    return std::get<SimulatedBenchSettings>(settings).firmware;
  };
  EXPECT_EQ(image(""), path("benches/image.elf")) << "where it will be said to be missing";
  write("built/image.elf", "x");
  EXPECT_EQ(image(""), path("built/image.elf"));
  write("benches/image.elf", "x");
  EXPECT_EQ(image(""), path("benches/image.elf"));
  EXPECT_EQ(image("other.elf"), "other.elf") << "what is asked for on the command line wins";
}

TEST_F(LoadBench, RefusesWhatCannotBeMeant) {
  struct Row {
    const char* old_text;
    const char* new_text;
    const char* error;
  };
  const std::vector<Row> rows{
      {"kind: simulated", "kind: real",
       "bench.yaml:2:7: expected the kind of bench: simulated or instruments; found 'real'"},
      {"bench: B", "benhc: B",
       "bench.yaml:1:1: unknown key 'benhc' in bench, did you mean 'bench'?"},
      {"mcu: atmega328p\n", "", "bench.yaml:1:1: bench needs the key 'mcu'"},
      {"16 MHz", "16",
       "bench.yaml:6:8: expected a frequency such as '35 Hz', found '16' (no unit)"},
      {"16 MHz", "16 GHz", "bench.yaml:6:8: expected a frequency such as '35 Hz', found '16 GHz'"},
      {"16 MHz", "1 Hz", "bench.yaml:6:8: expected a clock from 1 kHz to 40 MHz, found '1 Hz'"},
      {"PB1", "PE1", "bench.yaml:8:18: expected a pin such as PB1, found 'PE1'"},
      {"PB1", "PB8", "bench.yaml:8:18: expected a pin such as PB1, found 'PB8'"},
      {"PB1", "[PB1]", "bench.yaml:8:18: expected a pin such as PB1, found a list"},
      {"gate_negative", "gate_negativ",
       "bench.yaml:9:3: unknown key 'gate_negativ' in wiring, did you mean 'gate_negative'?"},
      {", step: 25 uA", "", "bench.yaml:10:8: dac needs the key 'step'"},
      {"{stop: PD2}", "[PD2]", "bench.yaml:11:12: expected pins such as {led: PD5}, found a list"},
      {"{led: PD5}", "PD5", "bench.yaml:12:12: expected pins such as {led: PD5}, found 'PD5'"},
      {"[{channel: 0, senses: current, volts_per_unit: 25}]", "{}",
       "bench.yaml:13:18: expected a list of analog inputs, found an empty map"},
      {"channel: 0", "channel: 9",
       "bench.yaml:13:29: expected a whole number from 0 to 7, found '9'"},
      {"senses: current", "senses: curent",
       "bench.yaml:13:40: expected current, voltage or supply, found 'curent', did you mean "
       "'current'?"},
      {"compliance: 150 V", "compliance: 150 mA",
       "bench.yaml:14:28: expected a voltage such as '5 V', found '150 mA' (a current)"},
      {"compliance: 150 V", "complience: 150 V",
       "bench.yaml:14:16: unknown key 'complience' in output_stage, did you mean 'compliance'?"},
      {"compliance: 150 V", "coupling: 0 uF",
       "bench.yaml:14:26: expected coupling above zero, found '0 uF'"},
      {"compliance: 150 V", "bleed: -1 ohm",
       "bench.yaml:14:23: expected bleed above zero, found '-1 ohm'"},
      {"load: 1 kohm", "load: 0 ohm", "bench.yaml:16:7: expected load above zero, found '0 ohm'"},
      {"electrode: 25 cm2", "electrode: 0 cm2",
       "bench.yaml:24:12: expected electrode above zero, found '0 cm2'"},
      {"electrode: 25 cm2", "electrode: 25 cm",
       "bench.yaml:24:12: expected an area such as '25 cm2', found '25 cm'"},
      {"load_u: 0.1 %", "load_u: -1 %",
       "bench.yaml:17:9: expected load_u of zero or more, found '-1 %'"},
      {"load_error: -0.2 %", "load_error: -100 %",
       "bench.yaml:25:13: expected load_error above -100 %, found '-100 %'"},
      {"max_rate: 20 MHz", "max_rate: 0 Hz",
       "bench.yaml:19:13: expected max_rate above zero, found '0 Hz'"},
      {"signal: current", "signal: curent",
       "bench.yaml:22:40: expected current or voltage, found 'curent', did you mean 'current'?"},
      {"unit: A", "unit: W", "bench.yaml:22:29: expected A, V or logic, found 'W'"},
      {"unit: A", "unit: V",
       "bench.yaml:22:29: expected A, the unit of a channel named current, found 'V'"},
      {"bits: 12", "bits: 24",
       "bench.yaml:22:55: expected a whole number from 8 to 16, found '24'"},
      {", bits: 12", "", "bench.yaml:22:7: digitizer_channel needs the key 'bits'"},
      {"range: 150 mA", "range: 150 V",
       "bench.yaml:22:66: expected a current such as '20 mA', found '150 V' (a voltage)"},
      {"range: 150 mA", "range: 0 mA", "bench.yaml:22:66: expected range above zero, found '0 mA'"},
      {"gain_u: 0.25 %", "noise: -1 mA",
       "bench.yaml:22:81: expected noise of zero or more, found '-1 mA'"},
      {"unit: logic, signal: led", "unit: logic, signal: lamp",
       "bench.yaml:23:40: nothing in wiring.signals is called 'lamp'"},
      {"name: led", "name: current", "bench.yaml:23:14: channel 'current' given twice"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(error_with(row.old_text, row.new_text), row.error) << row.new_text;
}

TEST_F(LoadBench, ReadsWhoseTheBenchIsAndUntilWhenItIsCalibrated) {
  const auto custody = [this](const std::string& line) {
    return std::get<SimulatedBenchSettings>(
               load_bench(file_with("  max_rate: 20 MHz", line + "\n  max_rate: 20 MHz"), "", {}))
        .custody;
  };
  using namespace std::chrono_literals;
  EXPECT_EQ(custody("  calibrated_until: 2028-02-29").calibrated_until,
            std::chrono::sys_days(2028y / 2 / 29));
  EXPECT_FALSE(custody("").calibrated_until.has_value());
  EXPECT_EQ(std::get<SimulatedBenchSettings>(
                load_bench(file_with("electrode: 25 cm2", "identity: SN 0042"), "", {}))
                .custody.identity,
            "SN 0042");
  for (const char* bad :
       {"2027-02-29", "2027-13-01", "01.03.2027", "2027-3-1", "2027-03-01T00", "soon"}) {
    EXPECT_EQ(
        error_with("  max_rate: 20 MHz",
                   std::string("  calibrated_until: ") + bad + "\n  max_rate: 20 MHz"),
        std::string("bench.yaml:19:21: expected a day such as 2027-03-01, found '") + bad + "'");
  }
}

TEST_F(LoadBench, RefusesADigitizerWithoutChannels) {
  std::string text = kBenchFile;
  text.erase(text.find("  channels:"));
  EXPECT_EQ(error_of([&] { load_bench(write("b.yaml", text), "", {}); }),
            "b.yaml:19:3: digitizer needs the key 'channels'");
  EXPECT_EQ(error_of([&] { load_bench(write("b.yaml", text + "  channels: []\n"), "", {}); }),
            "b.yaml:21:13: expected a list of channels, found an empty list");
}

}  // namespace
}  // namespace rig
