// Bench files of real instruments.
#include <gtest/gtest.h>

#include <string>

#include "rig/config/bench_file.h"
#include "tests/config/files_fixture.h"

namespace rig {
namespace {

constexpr const char* kBenchFile = R"(bench: Table 1
kind: instruments
protocol: soleus
device: {serial: /dev/ttyUSB0, baud: 115200, stop_bits: 2, flow_control: true}
load: 1 kohm
load_u: 1 %
electrode: 25 cm2
digitizer:
  usb: 1AB1:04CE:DS1ZA1
  channels:
    - {name: current, unit: A, input: 1, per_volt: 10 mA, range: 150 mA, gain_u: 1 %, offset_u: 1 mA}
    - {name: voltage, unit: V, input: 2, probe: 10, bandwidth: 20 MHz}
)";

class InstrumentBenchFile : public FilesTest {
 protected:
  std::string error_with(const std::string& old_text, const std::string& new_text) {
    std::string text = kBenchFile;
    const std::size_t at = text.find(old_text);
    EXPECT_NE(at, std::string::npos) << old_text;
    text.replace(at, old_text.size(), new_text);
    return error_of([&] { load_bench(write("bench.yaml", text), "", {}); });
  }
};

TEST_F(InstrumentBenchFile, SaysWhereDeviceAndScopeAreAndWhatIsWiredToWhat) {
  const auto s =
      std::get<InstrumentBenchSettings>(load_bench(write("bench.yaml", kBenchFile), "", {}));
  const auto& port = std::get<SerialPort>(s.device);
  EXPECT_EQ(port.path, "/dev/ttyUSB0");
  EXPECT_EQ(port.baud, 115200u);
  EXPECT_EQ(port.stop_bits, 2);
  EXPECT_TRUE(port.flow_control);
  EXPECT_TRUE(port.place.ends_with("/bench.yaml:4:18")) << port.place;
  EXPECT_EQ(std::get<UsbAddress>(s.scope).text, "1AB1:04CE:DS1ZA1");
  EXPECT_TRUE(std::get<UsbAddress>(s.scope).place.ends_with("/bench.yaml:9:8"))
      << std::get<UsbAddress>(s.scope).place;
  ASSERT_EQ(s.digitizer.channels.size(), 2u);
  const ScopeChannel& current = s.digitizer.channels[0];
  EXPECT_DOUBLE_EQ(current.units_per_volt, 0.01);
  EXPECT_DOUBLE_EQ(current.range, 0.15);
  EXPECT_DOUBLE_EQ(current.gain_u, 0.01);
  EXPECT_DOUBLE_EQ(current.offset_u, 0.001);
  const ScopeChannel& voltage = s.digitizer.channels[1];
  EXPECT_DOUBLE_EQ(voltage.probe, 10);
  EXPECT_DOUBLE_EQ(voltage.units_per_volt, 1);
  EXPECT_DOUBLE_EQ(voltage.gain_u, 0.03) << "of a scope without a calibration";
  EXPECT_GT(voltage.offset_u, 0);
  EXPECT_DOUBLE_EQ(s.load.si(), 1000);
  EXPECT_DOUBLE_EQ(s.electrode_area, 25e-4);
}

TEST_F(InstrumentBenchFile, TakesAnAccelerometerOnAnInput) {
  std::string text = kBenchFile;
  const std::string voltage = "{name: voltage, unit: V, input: 2, probe: 10, bandwidth: 20 MHz}";
  text.replace(text.find(voltage), voltage.size(),
               "{name: acceleration, unit: m/s2, input: 3, per_volt: 10 gn, range: 20 m/s2, "
               "offset_u: 10 mm/s2}");
  const auto s = std::get<InstrumentBenchSettings>(load_bench(write("bench.yaml", text), "", {}));
  const ScopeChannel& c = s.digitizer.channels[1];
  EXPECT_EQ(c.unit, "m/s2");
  EXPECT_DOUBLE_EQ(c.units_per_volt, 98.0665);
  EXPECT_DOUBLE_EQ(c.range, 20);
  EXPECT_DOUBLE_EQ(c.offset_u, 0.01);
  EXPECT_EQ(error_with("name: voltage, unit: V", "name: acceleration, unit: V"),
            "bench.yaml:12:34: expected m/s2 for channels named acceleration and no other");
  EXPECT_EQ(
      error_with("name: voltage, unit: V", "name: acceleration, unit: m/s2"),
      "bench.yaml:12:7: scope_channel needs the key 'per_volt' for an acceleration: 98.1 m/s2 "
      "of 100 mV/g");
}

TEST_F(InstrumentBenchFile, TakesAChannelThatShowsEvents) {
  std::string text = kBenchFile;
  text +=
      "    - {name: rx, unit: V, input: 3, sync: {shows: commands, level: 1.5 V, stays: 500 us, "
      "lead: 26 us}}\n"
      "    - {name: aux, unit: V, input: 4, sync: {shows: loads, edge: falling, level: 2 V}}\n"
      "load_box: operator\n";
  const auto s = std::get<InstrumentBenchSettings>(load_bench(write("bench.yaml", text), "", {}));
  EXPECT_FALSE(s.digitizer.channels[0].sync);
  const SyncChannel& rx = *s.digitizer.channels[2].sync;
  EXPECT_EQ(rx.channel, "rx");
  EXPECT_EQ(rx.shows, SyncChannel::Shows::kCommands);
  EXPECT_TRUE(rx.rising);
  EXPECT_DOUBLE_EQ(rx.level, 1.5);
  EXPECT_EQ(rx.stays, std::chrono::microseconds(500));
  EXPECT_EQ(rx.lead, std::chrono::microseconds(26));
  EXPECT_FALSE(s.digitizer.channels[3].sync->rising);
}

TEST_F(InstrumentBenchFile, RefusesAChannelThatCannotShowEvents) {
  const auto error_of_sync = [&](const std::string& sync) {
    return error_with("bandwidth: 20 MHz", "sync: " + sync);
  };
  EXPECT_EQ(error_of_sync("{shows: doors, level: 1 V}"),
            "bench.yaml:12:67: expected commands, loads, supply or buttons, found 'doors'");
  EXPECT_EQ(error_of_sync("{shows: loads, level: 1 V, edge: up}"),
            "bench.yaml:12:92: expected rising or falling, found 'up'");
  EXPECT_EQ(error_of_sync("{shows: loads}"),
            "bench.yaml:12:59: sync_channel needs the key 'level'");
  EXPECT_EQ(error_with("bandwidth: 20 MHz}",
                       "sync: {shows: loads, level: 1 V}}\n"
                       "    - {name: aux, unit: V, input: 3, sync: {shows: loads, level: 1 V}}"),
            "bench.yaml:13:44: 'voltage' shows the same events");
}

TEST_F(InstrumentBenchFile, RefusesAChannelThatShowsWhatNothingOnTheTableCanDo) {
  for (const auto& [shows, why] : {std::pair("loads", "no 'load_box' changes the load"),
                                   std::pair("buttons", "no 'load_box' presses a button"),
                                   std::pair("supply", "it has no 'supply'")}) {
    const std::string sync = std::string("sync: {shows: ") + shows + ", level: 1 V}";
    EXPECT_EQ(error_with("bandwidth: 20 MHz", sync),
              std::string("bench.yaml:12:67: nothing on this table could be shown: ") + why +
                  ", found '" + shows + "'");
  }
  EXPECT_EQ(error_with("bandwidth: 20 MHz", "sync: {shows: commands, level: 1 V}"), "no error");
}

TEST_F(InstrumentBenchFile, RefusesALoadThatTellsNothingAboutVoltageAndCurrent) {
  EXPECT_EQ(error_with("load_u: 1 %", "load_u: 21 %"),
            "bench.yaml:6:9: expected load_u up to 20 %, for voltage and current are held against "
            "the load, found '21 %'");
  EXPECT_EQ(error_with("load_u: 1 %", "load_u: 20 %"), "no error");
}

TEST_F(InstrumentBenchFile, HasNoImageToRunInPlaceOfTheDevicesOwn) {
  const std::string path = write("bench.yaml", kBenchFile);
  try {
    load_bench(path, "other.elf", {});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.what(), "--firmware: the device of " + path +
                                " is a real one and runs what was loaded into it; say it for a "
                                "simulated bench only");
  }
}

TEST_F(InstrumentBenchFile, RefusesWhatCannotBeWired) {
  const std::string at = "bench.yaml:";
  EXPECT_EQ(error_with("serial: /dev/ttyUSB0,", "serial: /dev/ttyUSB0, tcp: a:1,"),
            at + "4:9: expected either 'serial' or 'tcp'");
  EXPECT_EQ(error_with("usb: 1AB1:04CE:DS1ZA1\n  ", ""),
            at + "9:3: expected either 'usb' or 'tcp'");
  EXPECT_EQ(error_with("serial:", "seriel:"),
            at + "4:10: unknown key 'seriel' in device, did you mean 'serial'?");
  EXPECT_EQ(error_with(" per_volt: 10 mA,", ""),
            at + "11:7: scope_channel needs the key 'per_volt' for a current: 10 mA of 100 ohm");
  EXPECT_EQ(error_with("per_volt: 10 mA", "per_volt: 0 mA"),
            at + "11:52: expected per_volt other than zero, found '0 mA'");
  EXPECT_EQ(error_with("input: 2", "input: 1"),
            at + "12:39: input 1 given twice, to 'current' too");
  EXPECT_EQ(error_with("input: 2", "input: 5"),
            at + "12:39: expected a whole number from 1 to 4, found '5'");
  EXPECT_EQ(error_with("name: voltage, unit: V", "name: current, unit: A, per_volt: 1 A"),
            at + "12:14: channel 'current' given twice");
  EXPECT_EQ(error_with("unit: A", "unit: V"),
            at + "11:29: expected A, the unit of a channel named current, found 'V'");
  EXPECT_EQ(error_with("unit: V", "unit: A"),
            at + "12:29: expected V, the unit of a channel named voltage, found 'A'");
  EXPECT_EQ(error_with("unit: V", "unit: W"), at + "12:29: expected A, V or m/s2, found 'W'");
}

constexpr const char* kTable = R"(load_box:
  tcp: 192.168.1.8:4000
  answer: OK
  settle: 30 ms
  loads:
    - {load: 500 ohm, send: R500}
    - {load: open, send: R0}
    - {load: {series: 300 ohm, parallel: 2 kohm, capacitance: 50 nF}, send: SKIN}
  buttons: {stop: {press: K1 1, release: K1 0}}
supply: {usb: "2EC7:6500:PS1", nominal: 7.4 V, lowest: 2 V, highest: 9 V, settle: 20 ms}
)";

TEST_F(InstrumentBenchFile, LoadBoxAndSupplySayWhatEachLoadAndVoltageMeans) {
  const auto s = std::get<InstrumentBenchSettings>(
      load_bench(write("bench.yaml", std::string(kBenchFile) + kTable), "", {}));
  const auto& box = std::get<SwitchBoxSettings>(s.surroundings.load_box);
  EXPECT_EQ(std::get<TcpAddress>(box.where).text, "192.168.1.8:4000");
  EXPECT_TRUE(std::get<TcpAddress>(box.where).place.ends_with("/bench.yaml:14:8"))
      << std::get<TcpAddress>(box.where).place;
  EXPECT_EQ(box.answer, "OK");
  EXPECT_EQ(box.settle, std::chrono::milliseconds(30));
  ASSERT_EQ(box.loads.size(), 3u);
  EXPECT_EQ(box.loads[0].second, "R500");
  EXPECT_DOUBLE_EQ(std::get<SeriesLoad>(box.loads[0].first).series.si(), 500);
  EXPECT_TRUE(std::holds_alternative<OpenLoad>(box.loads[1].first));
  EXPECT_DOUBLE_EQ(std::get<SeriesLoad>(box.loads[2].first).parallel.si(), 2000);
  ASSERT_EQ(box.buttons.size(), 1u);
  EXPECT_EQ(box.buttons[0].release, "K1 0");
  const BenchSupplySettings& supply = s.surroundings.supply.value();
  EXPECT_EQ(std::get<UsbAddress>(supply.where).text, "2EC7:6500:PS1");
  EXPECT_DOUBLE_EQ(supply.nominal.si(), 7.4);
  EXPECT_DOUBLE_EQ(supply.highest.si(), 9);
  EXPECT_EQ(supply.set, "VOLT {value}");
  const auto plain = std::get<InstrumentBenchSettings>(
      load_bench(write("bench.yaml", std::string(kBenchFile) + "load_box: operator\n"), "", {}));
  EXPECT_TRUE(std::holds_alternative<OperatorSettings>(plain.surroundings.load_box));
  EXPECT_FALSE(plain.surroundings.supply);
}

TEST_F(InstrumentBenchFile, LoadBoxAndSupplyThatCannotBeUsedAreRefusedWhereTheyStand) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"load_box: hand\n",
       "bench.yaml:13:11: expected operator or a map of a relay board, found 'hand'"},
      {"load_box: {tcp: 'a:1', loads: []}\n",
       "bench.yaml:13:31: expected loads such as [{load: 500 ohm, send: R500}], found an empty "
       "list"},
      {"load_box: {tcp: 'a:1', loads: [{load: 500, send: R}]}\n",
       "bench.yaml:13:39: expected a resistance such as '500 ohm', found '500' (no unit)"},
      {"load_box: {tcp: 'a:1', loads: [{load: half_lifted, send: R}]}\n",
       "bench.yaml:13:39: expected a resistance, open or short, found 'half_lifted'"},
      {"load_box: {loads: [{load: open, send: R}]}\n",
       "bench.yaml:13:11: expected either 'serial' or 'tcp'"},
      {"supply: {tcp: 'a:1', nominal: 12 V, highest: 9 V}\n",
       "bench.yaml:13:31: expected the nominal voltage from the lowest to the highest, found '12 "
       "V'"},
      {"supply: {tcp: 'a:1', nominal: 7 V, set: VOLT}\n",
       "bench.yaml:13:41: expected a command with {value} in it, found 'VOLT'"},
      {"patience: 50 ms\n",
       "bench.yaml:13:11: expected a patience from 120 ms to 10 s, found '50 ms'"},
      {"supply: {tcp: 'a:1'}\n", "bench.yaml:13:9: bench_supply needs the key 'nominal'"},
  };
  for (const auto& [text, complaint] : cases) {
    EXPECT_EQ(
        error_of([&] { load_bench(write("bench.yaml", std::string(kBenchFile) + text), "", {}); }),
        complaint);
  }
}

constexpr const char* kSamplerFile = R"(bench: Table 2
kind: instruments
protocol: soleus
device: {serial: /dev/ttyUSB0}
digitizer:
  kind: hantek_6022
  usb: 04B5:6022
  firmware: dso6022be.hex
  clock: {input: 2, frequency: 1 kHz, u: 0.002 %, calibration_output: true}
  channels:
    - {name: current, unit: A, input: 1, per_volt: 10 mA}
)";

class SamplerBenchFile : public InstrumentBenchFile {
 protected:
  SamplerBenchFile() { write("dso6022be.hex", ":00000001FF"); }
  InstrumentBenchSettings load(const std::string& text) {
    return std::get<InstrumentBenchSettings>(load_bench(write("bench.yaml", text), "", {}));
  }
  static std::string with(const std::string& old_text, const std::string& new_text) {
    std::string text = kSamplerFile;
    const std::size_t at = text.find(old_text);
    EXPECT_NE(at, std::string::npos) << old_text;
    return text.replace(at, old_text.size(), new_text);
  }
  std::string refusal(const std::string& old_text, const std::string& new_text) {
    return error_of([&] { load(with(old_text, new_text)); });
  }
};

TEST_F(SamplerBenchFile, NamesTheFirmwareAndTheClock) {
  const auto s = load(kSamplerFile);
  const auto& sampler = std::get<UsbSampler>(s.scope);
  EXPECT_EQ(sampler.kind, UsbSampler::Kind::kHantek6022);
  EXPECT_EQ(sampler.usb.text, "04B5:6022");
  EXPECT_EQ(sampler.firmware, path("dso6022be.hex"));
  EXPECT_TRUE(sampler.firmware_place.ends_with("/bench.yaml:8:13")) << sampler.firmware_place;
  ASSERT_TRUE(sampler.clock);
  EXPECT_EQ(sampler.clock->input, 2);
  EXPECT_DOUBLE_EQ(sampler.clock->hertz, 1000);
  EXPECT_DOUBLE_EQ(sampler.clock->u, 20e-6);
  EXPECT_TRUE(sampler.clock->own);
  EXPECT_DOUBLE_EQ(s.digitizer.channels[0].offset_u, 0.02 * 0.05) << "of 5 V";
}

TEST_F(SamplerBenchFile, KnowsTheInputsOfEachKind) {
  const std::string rest = "  channels:\n    - {name: led, unit: logic, input: 15}\n";
  const std::string head =
      "bench: B\nkind: instruments\nprotocol: soleus\n"
      "device: {serial: /dev/ttyUSB0}\ndigitizer:\n";
  const auto logic = load(head + "  kind: fx2lafw\n  usb: 0925:3881\n" + rest);
  EXPECT_EQ(std::get<UsbSampler>(logic.scope).kind, UsbSampler::Kind::kFx2lafw);
  EXPECT_EQ(logic.digitizer.channels[0].unit, "logic");
  const auto mcc = load(head +
                        "  kind: usb_204\n  usb: 09DB:0114\n  channels:\n"
                        "    - {name: voltage, unit: V, input: 0}\n");
  EXPECT_EQ(std::get<UsbSampler>(mcc.scope).kind, UsbSampler::Kind::kUsb204);
  EXPECT_EQ(mcc.digitizer.channels[0].input, 0);
}

TEST_F(SamplerBenchFile, SaysHowFastAScopeIsSpokenTo) {
  const std::string head =
      "bench: B\nkind: instruments\nprotocol: soleus\ndevice: {serial: /dev/ttyUSB0}\n"
      "digitizer:\n  tcp: 192.168.1.5:5555\n";
  const std::string rest = "  channels:\n    - {name: voltage, unit: V, input: 1}\n";
  EXPECT_FALSE(load(head + rest).digitizer.pace) << "as its dialect says";
  EXPECT_EQ(load(head + "  pace: 0 ms\n" + rest).digitizer.pace, Picos(0));
  EXPECT_EQ(load(head + "  pace: 20 ms\n" + rest).digitizer.pace,
            Picos(std::chrono::milliseconds(20)));
  EXPECT_EQ(refusal("usb: 04B5:6022", "usb: 04B5:6022\n  pace: 20 ms"),
            "bench.yaml:8:9: a digitizer of the kind hantek_6022 has no 'pace'");
}

TEST_F(SamplerBenchFile, RefusesWhatTheKindDoesNotHave) {
  EXPECT_EQ(refusal("kind: hantek_6022", "kind: hantek"),
            "bench.yaml:6:9: expected scope, hantek_6022, usb_204, usb_1608fs_plus or fx2lafw, "
            "found 'hantek'");
  EXPECT_EQ(refusal("kind: hantek_6022", "kind: usb_204"),
            "bench.yaml:8:13: a digitizer of the kind usb_204 has no 'firmware'");
  EXPECT_EQ(refusal("kind: hantek_6022", "kind: fx2lafw"),
            "bench.yaml:9:10: a digitizer of the kind fx2lafw has no 'clock'");
  EXPECT_EQ(refusal("  usb: 04B5:6022\n", ""),
            "bench.yaml:6:3: digitizer needs the key 'usb' for its kind");
  EXPECT_EQ(refusal("usb: 04B5:6022", "tcp: a:1"),
            "bench.yaml:7:8: a digitizer of the kind hantek_6022 has no 'tcp'");
  EXPECT_EQ(refusal("dso6022be.hex", "none.hex"), "bench.yaml:8:13: no such file: none.hex");
  EXPECT_EQ(refusal("input: 2", "input: 1"),
            "bench.yaml:9:18: input 1 given twice, to 'current' too");
  EXPECT_EQ(refusal("input: 1", "input: 3"),
            "bench.yaml:11:39: expected a whole number from 1 to 2, found '3'");
  EXPECT_EQ(refusal("frequency: 1 kHz, ", ""),
            "bench.yaml:9:10: integrity_clock needs the key 'frequency'");
  EXPECT_EQ(error_of([&] {
              load(
                  "bench: B\nkind: instruments\nprotocol: soleus\ndevice: {serial: /dev/x}\n"
                  "digitizer:\n  kind: fx2lafw\n  usb: 0925:3881\n  channels:\n"
                  "    - {name: led, unit: V, input: 1}\n");
            }),
            "bench.yaml:9:25: expected logic, for a logic analyzer has nothing else, found 'V'");
}

}  // namespace
}  // namespace rig
