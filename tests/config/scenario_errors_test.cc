// What a scenario may not be, with the exact words in which it is told.
#include "tests/config/files_fixture.h"

namespace rig {
namespace {

using ScenarioError = FilesTest;

struct Row {
  const char* text;
  const char* error;
};

constexpr const char* kTail = "\n  - expect: {status.state: IDLE}\n";

TEST_F(ScenarioError, InTheHead) {
  const std::vector<Row> rows{
      {"[]", "s.yaml:1:1: expected a map (A scenario file.), found an empty list"},
      {"just words", "s.yaml:1:1: expected a map (A scenario file.), found 'just words'"},
      {"scenario: S", "s.yaml:1:1: scenario needs the key 'steps'"},
      {"steps: [start]", "s.yaml:1:1: scenario needs the key 'scenario'"},
      {"scenario: S\nstep: [start]",
       "s.yaml:2:1: unknown key 'step' in scenario, did you mean 'steps'?"},
      {"scenario: S\nqqqqqqqqq: 1\nsteps: [start]",
       "s.yaml:2:1: unknown key 'qqqqqqqqq' in scenario"},
      {"scenario: [S]\nsteps: [start]", "s.yaml:1:11: expected a title, found a list"},
      {"scenario:\nsteps: [start]", "s.yaml:2:1: expected a title, found nothing"},
      {"scenario: S\nsteps: []", "s.yaml:2:8: expected a list of steps, found an empty list"},
      {"scenario: S\nsteps: start", "s.yaml:2:8: expected a list of steps, found 'start'"},
      {"scenario: S\nsteps: [start]",
       "s.yaml:2:8: this scenario expects nothing: a run of it could not pass"},
      {"scenario: S\nverifies: [SRS-042]\nsteps: [start]",
       "s.yaml:2:11: no requirement 'SRS-042' in spec.yaml, did you mean 'SRS-041'?"},
      {"scenario: S\nverifies: {a: b}\nsteps: [start]",
       "s.yaml:2:11: expected a list of requirement ids, found a map"},
      {"scenario: S\ntags: [[a]]\nsteps: [start]", "s.yaml:2:8: expected tags, found a list"},
  };
  for (const Row& row : rows) EXPECT_EQ(error_in(row.text), row.error) << row.text;
}

TEST_F(ScenarioError, InTheSweep) {
  const std::vector<Row> rows{
      {"sweep: {}",
       "s.yaml:2:8: expected parameters such as {amplitude: [10 mA, 40 mA]}, found an empty map"},
      {"sweep: [a]",
       "s.yaml:2:8: expected parameters such as {amplitude: [10 mA, 40 mA]}, found a list"},
      {"sweep: {a: 1 mA}", "s.yaml:2:12: expected a list of values for 'a', found '1 mA'"},
      {"sweep: {a: []}", "s.yaml:2:12: expected a list of values for 'a', found an empty list"},
      {"sweep: {a: [[1]]}", "s.yaml:2:13: expected a value, found a list"},
      {"sweep: {a: [1]}\nrows: [{a: 1}]", "s.yaml:3:7: a scenario has a sweep or rows, not both"},
      {"rows: []", "s.yaml:2:7: expected a list of rows, found an empty list"},
      {"rows: [a]", "s.yaml:2:8: expected a row such as {rate: 1 Hz}, found 'a'"},
      {"rows: [{}]", "s.yaml:2:8: expected a row such as {rate: 1 Hz}, found an empty map"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(error_in("scenario: S\n" + std::string(row.text) +
                       "\nsteps: [{expect: {status.state: IDLE}}]\n"),
              row.error)
        << row.text;
  }
}

TEST_F(ScenarioError, SweepOfMoreThanAMillionRows) {
  std::string values = "[";
  for (int k = 0; k < 101; ++k) values += (k == 0 ? "" : ", ") + std::to_string(k) + " mA";
  values += "]";
  EXPECT_EQ(error_in("scenario: S\nsweep: {a: " + values + ", b: " + values + ", c: " + values +
                     "}\nsteps: [start]\n"),
            "s.yaml:2:8: the sweep has more than 1000000 rows");
}

TEST_F(ScenarioError, ParameterThatNoSweepHas) {
  const std::string head = "scenario: S\nsweep: {amplitude: [1 mA]}\nsteps:\n  - ";
  EXPECT_EQ(error_in(head + "wait: \"${amplitud}\"" + kTail),
            "s.yaml:4:11: no sweep parameter 'amplitud', did you mean 'amplitude'?");
  EXPECT_EQ(error_in(head + "wait: \"${amplitude\"" + kTail),
            "s.yaml:4:11: expected a } after '${amplitude'");
  EXPECT_EQ(error_in("scenario: S\nsteps:\n  - wait: \"${t}\"" + std::string(kTail)),
            "s.yaml:3:11: no sweep parameter 't'");
}

TEST_F(ScenarioError, InAnyRowAndNotOnlyInTheFirst) {
  EXPECT_EQ(
      error_in("scenario: S\nsweep: {a: [1 mA, 2 mV]}\nsteps:\n  - set: {amplitude: \"${a}\"}" +
               std::string(kTail)),
      "s.yaml:4:22: expected a current such as '20 mA', found '2 mV' (a voltage)");
}

TEST_F(ScenarioError, InAStep) {
  const std::vector<Row> rows{
      {"strat", "s.yaml:3:5: unknown step 'strat', did you mean 'start'?"},
      {"strat:", "s.yaml:3:5: unknown key 'strat' in step, did you mean 'start'?"},
      {"[start]",
       "s.yaml:3:5: expected a map (One step: one action and its modifiers.), found a list"},
      {"", "s.yaml:4:3: expected a map (One step: one action and its modifiers.), found nothing"},
      {"{as: x}", "s.yaml:3:5: this step does nothing"},
      {"{start: , stop: }", "s.yaml:3:15: a step does one thing: 'start' and 'stop' are two"},
      {"{start: 5 s}", "s.yaml:3:13: 'start' takes nothing, found '5 s'"},
      {"{stop: {now: 1}}", "s.yaml:3:12: 'stop' takes nothing, found a map"},
      {"set:", "s.yaml:4:3: expected settings such as {amplitude: 20 mA}, found nothing"},
      {"set: {}", "s.yaml:3:10: expected settings such as {amplitude: 20 mA}, found an empty map"},
      {"set: {amplitud: 20 mA}",
       "s.yaml:3:11: unknown setting 'amplitud', did you mean 'amplitude'?"},
      {"set: {amplitude: 20}",
       "s.yaml:3:22: expected a current such as '20 mA', found '20' (no unit)"},
      {"set: {amplitude: 20 us}",
       "s.yaml:3:22: expected a current such as '20 mA', found '20 us' (a time)"},
      {"set: {amplitude: [20 mA]}",
       "s.yaml:3:22: expected a current such as '20 mA', found a list"},
      {"wait: 5", "s.yaml:3:11: expected a time such as '200 us', found '5' (no unit)"},
      {"wait: -5 s", "s.yaml:3:11: expected a time from 0 s to 100 days, found '-5 s'"},
      {"load: 0 ohm",
       "s.yaml:3:11: expected a resistance above 0 ohm and up to 1000 Mohm, found '0 ohm'"},
      {"load: opened", "s.yaml:3:11: expected a resistance such as '500 ohm', found 'opened'"},
      {"load: 500 kg",
       "s.yaml:3:11: expected 0 kg, or a mass from 0.05 kg to 200 kg, found '500 kg'"},
      {"load: [open]", "s.yaml:3:11: expected a load such as '500 ohm' or open, found a list"},
      {"load: {series: 300 ohm}",
       "s.yaml:3:11: expected {series: 300 ohm, parallel: 2 kohm, capacitance: 50 nF}"},
      {"load: {series: 300 ohm, parallel: 2 kohm, capacitance: 0 nF}",
       "s.yaml:3:60: expected a capacitance above 0 F"},
      {"load: {chatter: {open: 1 ms, closed: 1 ms, times: 0}}",
       "s.yaml:3:55: expected a whole number from 1 to 10000, found '0'"},
      {"load: {chatter: {open: 1 ms, closed: 1 ms}}", "s.yaml:3:21: chatter needs the key 'times'"},
      {"load: {chatter: {open: 1 ms, closed: 1 ms, times: 1}, series: 1 ohm}",
       "s.yaml:3:11: expected {chatter: ...} alone"},
      {"supply: {dip: 3 V}", "s.yaml:3:13: expected a voltage or {dip: 5 V, for: 20 ms}"},
      {"supply: 3 A", "s.yaml:3:13: expected a voltage such as '5 V', found '3 A' (a current)"},
      {"supply: -3 V", "s.yaml:3:13: expected a voltage from 0 V to 1 kV, found '-3 V'"},
      {"inject: {cpu_hangs: 1}",
       "s.yaml:3:14: unknown defect 'cpu_hangs', did you mean 'cpu_hang'?"},
      {"inject: {sense_offset: 5}",
       "s.yaml:3:28: expected a current such as '20 mA', found '5' (no unit)"},
      {"inject: {rattle: -1 mm}", "s.yaml:3:22: expected a gap from 0 mm to 10 mm, found '-1 mm'"},
      {"inject: {accelerometer_range: 0 m/s2}",
       "s.yaml:3:35: expected a range from 0.1 m/s2 to 2000 m/s2, found '0 m/s2'"},
      {"inject: {}",
       "s.yaml:3:13: expected one defect such as {source_gain: 1.5}, found an empty map"},
      {"press: [stop]", "s.yaml:3:12: expected a button, found a list"},
      {"power: off", "s.yaml:3:12: expected cycle, found 'off'"},
      {"heartbeat: sometimes", "s.yaml:3:16: expected a time such as '200 us', found 'sometimes'"},
      {"send: {hex: \"00 0\"}",
       "s.yaml:3:17: expected bytes in hex such as '00 05 01', found '00 0'"},
      {"send: {hex: \"xx\"}", "s.yaml:3:17: expected bytes in hex such as '00 05 01', found 'xx'"},
      {"send: {hex: \"+1\"}", "s.yaml:3:17: expected bytes in hex such as '00 05 01', found '+1'"},
      {"send: {hex: \"00\", text: a}", "s.yaml:3:11: expected one of hex or text"},
      {"send: {}", "s.yaml:3:11: expected one of hex or text"},
      {"send: {hex: \"00\", listn: 1 s}",
       "s.yaml:3:23: unknown key 'listn' in send, did you mean 'listen'?"},
      {"repeat: {times: 0, steps: [start]}",
       "s.yaml:3:21: expected a whole number from 1 to 1000000, found '0'"},
      {"repeat: {times: 1.5, steps: [start]}",
       "s.yaml:3:21: expected a whole number from 1 to 1000000, found '1.5'"},
      {"repeat: {times: 2}", "s.yaml:3:13: repeat needs the key 'steps'"},
      {"repeat: {times: 1000000, steps: [start]}", "s.yaml:3:13: more than 10000 steps"},
      {"{do: start}", "s.yaml:3:5: `do` needs `at`"},
      {"{at: 1 s, do: start}", "s.yaml:3:19: `at` has a meaning only inside `during`"},
      {"{at: 1 s, do: {strat: }}",
       "s.yaml:3:20: unknown key 'strat' in step, did you mean 'start'?"},
      {"{at: 1 s, do: {include: x.yaml}}", "s.yaml:3:20: 'include' cannot stand inside `do`"},
      {"{at: 1 s, do: {do: start}}", "s.yaml:3:20: 'do' cannot stand inside `do`"},
      {"{at: 1 s, start: , do: stop}",
       "s.yaml:3:15: a step does one thing: 'start' and 'do' are two"},
      {"{wait: 1 s, answer: refused}", "s.yaml:3:25: a wait has no answer"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(error_in("scenario: S\nsteps:\n  - " + std::string(row.text) + kTail), row.error)
        << row.text;
  }
}

TEST_F(ScenarioError, InACapture) {
  const std::vector<Row> rows{
      {"{}", "s.yaml:3:14: capture needs the key 'as'"},
      {"{as: a b, channels: [x], rate: 1 kHz, for: 1 s}",
       "s.yaml:3:19: expected a name of letters, digits, _ and -, found 'a b'"},
      {"{as: ../x, channels: [x], rate: 1 kHz, for: 1 s}",
       "s.yaml:3:19: expected a name of letters, digits, _ and -, found '../x'"},
      {"{as: a, channels: [], rate: 1 kHz, for: 1 s}",
       "s.yaml:3:32: expected at least one channel"},
      {"{as: a, channels: [x, y, x], rate: 1 kHz, for: 1 s}",
       "s.yaml:3:32: channel 'x' given twice"},
      {"{as: a, channels: [x], rate: 1 kHz, for: 1 s, chanels: 1}",
       "s.yaml:3:60: unknown key 'chanels' in capture, did you mean 'channels'?"},
      {"{as: a, channels: [x], rate: 0 Hz, for: 1 s}",
       "s.yaml:3:43: expected a sample rate from 1 Hz to 10 GHz, found '0 Hz'"},
      {"{as: a, channels: [x], rate: 1 s, for: 1 s}",
       "s.yaml:3:43: expected a frequency such as '35 Hz', found '1 s' (a time)"},
      {"{as: a, channels: [x], rate: 1 kHz, for: 0 s}", "s.yaml:3:55: expected a time above zero"},
      {"{as: a, channels: [x], rate: 1 kHz, for: 1 s, keep: -1}",
       "s.yaml:3:66: expected a whole number from 1 to 1000000, found '-1'"},
      {"{as: a, channels: [x], rate: 1 kHz, for: 1 s, threshold: 0 mA}",
       "s.yaml:3:71: expected a threshold above zero, found '0 mA'"},
      {"{as: a, channels: [x], rate: 1 kHz, for: 1 s, range: {y: 1 mA}}",
       "s.yaml:3:68: 'y' is not captured here, did you mean 'x'?"},
      {"{as: a, channels: [x], rate: 1 kHz, for: 1 s, range: {x: -1 mA}}",
       "s.yaml:3:71: expected a range above zero, found '-1 mA'"},
      {"{as: a, channels: [x], rate: 1 MHz, for: 1 s, segments: {level: 1 mA, pre: 1 ms, length: 1 "
       "ms}}",
       "s.yaml:3:70: the window before the trigger is as long as the whole segment"},
      {"{as: a, channels: [x], rate: 1 MHz, for: 1 s, segments: {level: 1 V, pre: 1 ms, length: 2 "
       "ms}}",
       "s.yaml:3:78: expected a current such as '20 mA', found '1 V' (a voltage)"},
      {"{as: a, channels: [x], rate: 1 MHz, for: 1 s, segments: {level: 1 mA, pre: 1 ms}}",
       "s.yaml:3:70: segments needs the key 'length'"},
      {"{as: a, channels: [x], rate: 1 kHz, for: 1 s, segments: {level: 1 mA, pre: 1 ms, length: 2 "
       "ms}}",
       "s.yaml:3:5: a segment of 2 ms has fewer than 8 samples"},
      {"{as: a, channels: [x], rate: 1 kHz, for: 1 s, during: [{at: 1 s, do: start}]}",
       "s.yaml:3:83: this happens after the end of the capture (1 s)"},
      {"{as: a, channels: [x], rate: 1 kHz, for: 1 s, during: [{at: 5 ms, do: start}, {at: 4 ms, "
       "do: stop}]}",
       "s.yaml:3:107: `at` goes back in time: the step before is later"},
      {"{as: a, channels: [x], rate: 1 kHz, for: 1 s, during: [{power: cycle}]}",
       "s.yaml:3:70: a power cannot stand inside `during`"},
      {"{as: a, channels: [x], rate: 1 kHz, for: 1 s, during: [{at: {pulse: 1, plus: 1 us}, do: "
       "start}]}",
       "s.yaml:3:102: only load, supply, press, release and inject can wait for a pulse"},
      {"{as: a, channels: [x], rate: 1 kHz, for: 1 s, during: [{at: {pulse: 0, plus: 1 us}, do: "
       "{load: open}}]}",
       "s.yaml:3:82: expected a whole number from 1 to 1000000000, found '0'"},
      {"{as: a, channels: [x], rate: 1 kHz, for: 1 s, during: [{at: {pulse: 1}, do: {load: "
       "open}}]}",
       "s.yaml:3:74: expected a time or {pulse: N, plus: TIME}"},
      {"{as: a, channels: [x], rate: 1 kHz, for: 1 s, during: [{expect: {in: a, pulse.count: == "
       "0}}]}",
       "s.yaml:3:70: no capture named 'a' before this step"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(error_in("scenario: S\nsteps:\n  - capture: " + std::string(row.text) + kTail),
              row.error)
        << row.text;
  }
}

TEST_F(ScenarioError, InAnExpectation) {
  const std::string head =
      "scenario: S\nsteps:\n  - set: {width: 300 us}\n"
      "  - capture: {as: c, channels: [current, led], rate: 1 MHz, for: 1 s, during: [{start: , "
      "as: go}]}\n"
      "  - expect: ";
  const std::vector<Row> rows{
      {"{}", "s.yaml:5:13: this step expects nothing"},
      {"{in: c}", "s.yaml:5:13: this step expects nothing"},
      {"IDLE", "s.yaml:5:13: expected quantities and limits, found 'IDLE'"},
      {"{status.stat: IDLE}",
       "s.yaml:5:14: unknown quantity 'status.stat', did you mean 'status.state'?"},
      {"{doubts: none}", "s.yaml:5:14: unknown quantity 'doubts'"},
      {"{in: c, phase1.widht: <= 1 s}",
       "s.yaml:5:21: unknown quantity 'phase1.widht', did you mean 'phase1.width'?"},
      {"{in: c, rate.mean: <= 1 Hz}", "s.yaml:5:21: unknown quantity 'rate.mean'"},
      {"{pulse.count: == 0}",
       "s.yaml:5:14: 'pulse.count' is measured in a capture: add `in: NAME`"},
      {"{led.high: == 0 %}", "s.yaml:5:14: 'led.high' is measured in a capture: add `in: NAME`"},
      {"{in: d, pulse.count: == 0}", "s.yaml:5:5: no capture named 'd' before this step"},
      {"{in: c, after: gone, pulse.count: == 0}",
       "s.yaml:5:5: nothing is labelled 'gone' (`as: gone`)"},
      {"{in: c, after: 5, pulse.count: == 0}",
       "s.yaml:5:28: expected a time such as '200 us', found '5' (no unit)"},
      {"{in: c, after: 1 s, pulse.count: == 0}",
       "s.yaml:5:5: the window begins after the end of the capture (1 s)"},
      {"{in: c, before: 1.1 s, pulse.count: == 0}",
       "s.yaml:5:5: the window ends after the end of the capture (1 s)"},
      {"{in: c, after: 0.6 s, before: 0.5 s, pulse.count: == 0}",
       "s.yaml:5:5: the window ends before it begins"},
      {"{in: c, output.off_latency: SRS-041.latency}",
       "s.yaml:5:21: 'output.off_latency' counts from an event: add `after: LABEL`"},
      {"{in: c, phase1.width: SRS-011}",
       "s.yaml:5:35: no requirement 'SRS-011' in spec.yaml, did you mean 'SRS-010'?"},
      {"{in: c, phase1.width: SRS-010.widht}",
       "s.yaml:5:35: requirement 'SRS-010' has no limit 'widht', it has: SRS-010.width"},
      {"{in: c, phase1.width: SRS-041}",
       "s.yaml:5:35: requirement 'SRS-041' has no limit 'limit', it has: SRS-041.latency, "
       "SRS-041.state"},
      {"{in: c, phase1.width: SRS-099}",
       "s.yaml:5:35: requirement 'SRS-099' has no limit 'limit', it has: none"},
      {"{in: c, phase1.amplitude: SRS-010}",
       "s.yaml:5:39: 'phase1.amplitude' is a current, but its limit 'set.width +- 1 % + 1 us' is a "
       "time"},
      {"{in: c, rate: <= 5}",
       "s.yaml:5:27: 'rate' is a frequency, but its limit '<= 5' is a plain number"},
      {"{in: c, rate: FAST}",
       "s.yaml:5:27: expected a limit for a frequency such as '<= 35 Hz', found 'FAST'"},
      {"{status.state: <= 5}", "s.yaml:5:28: 'status.state' is a word, found a number: '<= 5'"},
      {"{status.state: }", "s.yaml:5:28: expected a limit such as '<= 100 ms', found nothing"},
      {"{in: c, pulse.count: {limit: == 0, verifies: SRS-9}}",
       "s.yaml:5:34: no requirement 'SRS-9' in spec.yaml"},
      {"{in: c, phase1.amplitude: {nominal: set.amplitude, within: 1 %}}",
       "s.yaml:5:21: the limit 'set.amplitude +- 1 %' needs set.amplitude, which no step before "
       "has set"},
      {"{in: c, voltage.peak: <= 1 V}",
       "s.yaml:5:21: 'voltage.peak' needs channel voltage, which the capture 'c' does not have"},
      {"{in: c, sync.high: <= 1 %}",
       "s.yaml:5:21: 'sync.high' needs channel sync, which the capture 'c' does not have"},
  };
  for (const Row& row : rows) EXPECT_EQ(error_in(head + row.text + "\n"), row.error) << row.text;
}

TEST_F(ScenarioError, InPhysicalSense) {
  EXPECT_EQ(error_in("scenario: S\nsteps:\n  - set: {width: 450 us, gap: 100 us, rate: 1 kHz}" +
                     std::string(kTail)),
            "s.yaml:3:5: a pulse of 1 ms does not fit into a period of 1 ms");
  EXPECT_EQ(
      error_in(
          "scenario: S\nsteps:\n  - set: {width: 450 us, rate: 1 kHz}\n  - set: {gap: 200 us}" +
          std::string(kTail)),
      "s.yaml:4:5: a pulse of 1.1 ms does not fit into a period of 1 ms")
      << "settings of earlier steps count";
  EXPECT_EQ(error_in("scenario: S\nsteps:\n  - set: {amplitude: -1 mA}" + std::string(kTail)),
            "s.yaml:3:5: amplitude is below zero");
  EXPECT_EQ(error_in("scenario: S\nsteps:\n  - set: {rate: 0 Hz}" + std::string(kTail)),
            "s.yaml:3:5: the rate is zero");
  EXPECT_EQ(error_in("scenario: S\nsteps:\n  - set: {width: 450 us, gap: 100 us, rate: 1 kHz}\n    "
                     "answer: out_of_range" +
                     std::string(kTail)),
            "no error")
      << "a setting that the device is to refuse may be nonsense";
  EXPECT_EQ(
      error_in(R"(scenario: S
steps:
  - capture: {as: c, channels: [current], rate: 100 kHz, for: 1 s, during: [start]}
  - expect: {in: c, phase1.width: 298 us .. 302 us}
)"),
      "s.yaml:4:21: the limit of phase1.width, +- 2 us, cannot be resolved at 100 kHz: U would be "
      "8.165 us");
}

TEST_F(ScenarioError, CapturesThatWouldMissPulsesAndStillBeSilent) {
  const auto error_of_capture = [this](const std::string& how, const std::string& wanted) {
    return error_in(R"(scenario: S
steps:
  - set: {amplitude: 40 mA, width: 300 us, rate: 50 Hz}
  - capture:
      as: c
      channels: [current]
      for: 1 s
      during: [start, {at: 500 ms, do: {set: {width: 50 us}}, as: narrow}]
      )" + how + "\n  - expect: {in: c, after: narrow, " +
                    wanted + "}\n");
  };
  const std::string slow =
      "'current.peak' may miss phases of 50 us at 99 kHz: expected at least 100 kHz";
  EXPECT_EQ(error_of_capture("rate: 99 kHz", "current.peak: <= 1 mA"), "s.yaml:10:36: " + slow);
  EXPECT_EQ(error_of_capture("rate: 100 kHz", "current.peak: <= 1 mA"), "no error");
  const std::string high = "rate: 1 MHz\n      segments: {level: 20 mA, pre: 60 us, length: 1 ms}";
  EXPECT_EQ(
      error_of_capture(high, "pulse.count: == 0"),
      "s.yaml:11:36: 'pulse.count' needs every pulse, and segments from 20 mA on see no smaller "
      "ones: expected a level of at most 1 mA");
  EXPECT_EQ(
      error_of_capture(high, "output.off_latency: <= 1 ms"),
      "s.yaml:11:36: 'output.off_latency' needs every pulse, and segments from 20 mA on see no "
      "smaller ones: expected a level of at most 1 mA");
  EXPECT_EQ(error_of_capture(high, "phase1.width: 40 us .. 60 us"), "no error")
      << "of the pulses that are seen";
}

TEST_F(ScenarioError, DensitiesOnABenchThatDoesNotKnowItsElectrode) {
  const Scenario scenario = load(R"(scenario: S
steps:
  - capture: {as: c, channels: [current], rate: 100 kHz, for: 1 s, during: [start]}
  - expect: {in: c, rms: <= 50 mA, current.density: <= 2 mA/cm2}
)")
                                .front();
  EXPECT_EQ(error_of([&] { check_on_bench(scenario, {.load = Ohms(500)}); }),
            "s.yaml:4:36: 'current.density' needs the electrode's area: add `electrode: 25 cm2` "
            "(that of the smallest one) to the bench file");
  EXPECT_EQ(error_of([&] { check_on_bench(scenario, {.electrode_area = 25e-4}); }), "no error");
}

TEST_F(ScenarioError, InIncludedFiles) {
  const std::string head = "scenario: S\nsteps:\n  - include: ";
  EXPECT_EQ(error_in(head + "none.yaml" + kTail), "none.yaml: no such file");
  write("a.yaml", "steps: [{include: b.yaml}]\n");
  write("b.yaml", "steps: [{include: a.yaml}]\n");
  EXPECT_EQ(error_in(head + "a.yaml" + kTail), "b.yaml:1:19: 'a.yaml' includes itself");
  EXPECT_EQ(error_in(head + "s.yaml" + kTail), "s.yaml:3:14: 's.yaml' includes itself");
  EXPECT_EQ(error_in(head + "./x/../s.yaml" + kTail), "s.yaml:3:14: 's.yaml' includes itself");
  write("c.yaml", "steps: [start]\nmore: 1\n");
  EXPECT_EQ(error_in(head + "c.yaml" + kTail), "c.yaml:1:1: an included file has one key, `steps`");
  write("d.yaml", "steps: [strat]\n");
  EXPECT_EQ(error_in(head + "d.yaml" + kTail),
            "d.yaml:1:9: unknown step 'strat', did you mean 'start'?");
}

TEST_F(ScenarioError, IncludesThatMultiplyAreStopped) {
  write("f0.yaml", "steps: [start]\n");
  for (int k = 1; k < 25; ++k) {
    const std::string twice = std::to_string(k - 1);
    std::string text = "steps: [{include: f" + twice + ".yaml}, ";
    text += "{include: f" + twice + ".yaml}]\n";
    write("f" + std::to_string(k) + ".yaml", text);
  }
  const std::string error =
      error_in("scenario: S\nsteps:\n  - include: f24.yaml" + std::string(kTail));
  EXPECT_NE(error.find(": more than 10000 steps"), std::string::npos) << error;
}

TEST_F(ScenarioError, IsOneLineWhateverTheFileHolds) {
  for (const char* text :
       {"scenario: S\nsteps: [\"a\\nb\"]\n", "scenario: S\n\"a\\nb\": 1\nsteps: [start]\n",
        "scenario: S\nsteps: [{expect: {in: \"a\\nb\", pulse.count: == 0}}]\n",
        "scenario: S\nsteps: [{expect: {\"a\\nb.high\": == 0 %}}]\n",
        "scenario: S\nsteps: [{wait: |\n  1\n  2\n}]\n",
        "scenario: S\nsteps: [{include: \"a\\nb\"}]\n",
        "scenario: S\nsteps: [{at: 1 s, \"do\": {\"x\\ny\": 1}}]\n"}) {
    const std::string error = error_in(text);
    EXPECT_NE(error, "no error") << text;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
}

}  // namespace
}  // namespace rig
