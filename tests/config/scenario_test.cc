// Scenarios as data: rows, steps, what they need of a bench.
#include "tests/config/files_fixture.h"

namespace rig {
namespace {

using LoadScenarios = FilesTest;

constexpr const char* kPlain = "scenario: Plain\nsteps: [{expect: {status.state: IDLE}}]\n";

TEST_F(LoadScenarios, NamesACaseByItsFileAndRow) {
  EXPECT_EQ(load(kPlain).at(0).id, "s");
  const auto deep = load_scenarios(write("safety/lead_off.yaml", kPlain), path(""), spec_);
  EXPECT_EQ(deep.at(0).id, "safety/lead_off");
  const auto rows = load(
      "scenario: R\nsweep: {amplitude: [10 mA], rate: [1 Hz]}\nsteps: [{expect: {status.state: "
      "IDLE}}]\n");
  EXPECT_EQ(rows.at(0).id, "s[amplitude=10 mA,rate=1 Hz]");
}

TEST_F(LoadScenarios, MakesACaseOfEveryCombinationInTheOrderOfTheFile) {
  const auto cases = load(R"(
scenario: Product
sweep: {a: [1 mA, 2 mA], b: [1 Hz, 2 Hz, 3 Hz]}
steps:
  - set: {amplitude: "${a}", rate: "${b}"}
  - expect: {status.state: IDLE}
)");
  ASSERT_EQ(cases.size(), 6u);
  EXPECT_EQ(cases[0].id, "s[a=1 mA,b=1 Hz]");
  EXPECT_EQ(cases[1].id, "s[a=1 mA,b=2 Hz]");
  EXPECT_EQ(cases[5].id, "s[a=2 mA,b=3 Hz]");
  const auto& set = std::get<SetStep>(cases[5].steps.at(0).action);
  EXPECT_EQ(set.values.at(0), (std::pair<std::string, double>{"amplitude", 2e-3}));
  EXPECT_EQ(set.values.at(1), (std::pair<std::string, double>{"rate", 3}));
}

TEST_F(LoadScenarios, TakesRowsAsTheyAreWritten) {
  const auto cases = load(
      "scenario: R\nrows: [{dip: 5 ms, plus: 0 us}, {dip: 50 ms}]\n"
      "steps: [{wait: \"${dip}\"}, {expect: {status.state: IDLE}}]\n");
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_EQ(cases[1].parameters,
            (std::vector<std::pair<std::string, std::string>>{{"dip", "50 ms"}}));
}

TEST_F(LoadScenarios, PutsParametersInsideTextsToo) {
  const auto cases = load(R"(
scenario: Text
sweep: {n: ["20", "30"]}
steps:
  - send: {text: "set amplitude ${n} mA ${n}\n"}
  - expect: {status.state: IDLE}
)");
  const std::vector<std::uint8_t>& bytes = std::get<SendStep>(cases.at(1).steps.at(0).action).bytes;
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "set amplitude 30 mA 30\n");
}

TEST_F(LoadScenarios, PutsParametersIntoIncludedFilesToo) {
  write("common/on.yaml", "steps: [{set: {amplitude: \"${a}\"}}, start]\n");
  const auto cases = load(
      "scenario: I\nsweep: {a: [1 mA, 2 mA]}\n"
      "steps: [{include: common/on.yaml}, {expect: {status.state: IDLE}}]\n");
  EXPECT_DOUBLE_EQ(std::get<SetStep>(cases.at(1).steps.at(0).action).values.at(0).second, 2e-3);
}

TEST_F(LoadScenarios, NumbersStepsByTheirPlace) {
  write("common/on.yaml", "steps: [start, {include: ../stop.yaml}]\n");
  write("stop.yaml", "steps: [stop]\n");
  const auto steps = load(R"(
scenario: Places
steps:
  - include: common/on.yaml
  - repeat: {times: 2, steps: [start, stop]}
  - capture: {as: c, channels: [current], rate: 1 kHz, for: 1 s, during: [start, stop]}
  - expect: {status.state: IDLE}
)")
                         .at(0)
                         .steps;
  std::vector<std::string> paths;
  paths.reserve(steps.size());
  for (const Step& step : steps) paths.push_back(step.path + " " + step.kind);
  EXPECT_EQ(paths,
            (std::vector<std::string>{"1.1 start", "1.2.1 stop", "2.1.1 start", "2.1.2 stop",
                                      "2.2.1 start", "2.2.2 stop", "3 capture", "4 expect"}));
  const auto& capture = *std::get<std::shared_ptr<CaptureStep>>(steps[6].action);
  EXPECT_EQ(capture.during.at(1).path, "3.2");
}

TEST_F(LoadScenarios, FindsOutWhatABenchHasToHave) {
  const auto scenario = load(R"(
scenario: Needs
needs: [load.short]
steps:
  - supply: 7 V
  - press: stop
  - inject: {cpu_hang: 1}
  - load: {series: 1 kohm, parallel: 2 kohm, capacitance: 50 nF}
  - capture:
      as: c
      channels: [current, led]
      rate: 1 MHz
      for: 1 s
      during:
        - {at: {pulse: 3, plus: 10 us}, do: {load: open}}
        - {at: 1 ms, do: {load: {chatter: {open: 1 ms, closed: 1 ms, times: 3}}}}
        - {at: 2 ms, do: {load: half_lifted}}
        - {at: 3 ms, do: {supply: {dip: 3 V, for: 1 ms}}}
  - expect: {in: c, pulse.count: == 0}
)")
                            .at(0);
  EXPECT_EQ(scenario.needs, (std::vector<std::string>{
                                "load.short", "supply", "button.stop", "inject.cpu_hang", "load",
                                "channel.current", "channel.led", "load.open", "moment.pulse",
                                "load.chatter", "load.half_lifted", "supply.dip"}));
}

TEST_F(LoadScenarios, TakesLimitsFromTheSpecByName) {
  const auto steps = load(R"(
scenario: Limits
verifies: [SRS-041, SRS-010]
steps:
  - set: {width: 300 us}
  - capture: {as: c, channels: [current], rate: 5 MHz, for: 1 s, during: [{start: , as: go}]}
  - expect: {in: c, after: go, output.off_latency: SRS-041.latency, status.state: SRS-041.state}
  - expect: {in: c, phase1.width: SRS-010, before: 500 ms}
)")
                         .at(0)
                         .steps;
  const auto& first = std::get<ExpectStep>(steps.at(2).action);
  EXPECT_EQ(first.after, "go");
  EXPECT_EQ(first.expectations.at(0).limit.text, "<= 100 ms");
  EXPECT_EQ(std::get<Word>(first.expectations.at(1).limit.what).text, "FAULT");
  const auto& second = std::get<ExpectStep>(steps.at(3).action);
  EXPECT_EQ(second.to, Picos(std::chrono::milliseconds(500)));
  EXPECT_EQ(second.expectations.at(0).limit.requirement, "SRS-010")
      << "its only limit needs no name";
}

TEST_F(LoadScenarios, ReadsDefectsInTheirUnitsAndAnswersFromTheSpec) {
  const auto steps = load(R"(
scenario: Defects
steps:
  - inject: {baud_error: 3 %}
  - inject: {sense_offset: 5 mA}
  - inject: {uptime: 71.5 min}
  - {start: , answer: SRS-041.state}
  - expect: {status.state: IDLE}
)")
                         .at(0)
                         .steps;
  const auto value = [&steps](std::size_t k) {
    return std::get<InjectedFault>(std::get<DisturbStep>(steps.at(k).action).what).value;
  };
  EXPECT_DOUBLE_EQ(value(0), 3);
  EXPECT_DOUBLE_EQ(value(1), 5e-3);
  EXPECT_DOUBLE_EQ(value(2), 4290);
  EXPECT_EQ(steps.at(3).answer, "FAULT");
  EXPECT_EQ(steps.at(3).requirement, "SRS-041");
  EXPECT_EQ(steps.at(3).answer_limit, "state");
}

TEST_F(LoadScenarios, ReadsEveryKindOfStep) {
  const auto steps = load(R"(
scenario: All
steps:
  - set: {amplitude: 20 mA, dead_man: 1}
  - {start: , answer: not_ready, as: tried}
  - wait: 62.5 ns
  - heartbeat: off
  - heartbeat: 100 ms
  - send: {hex: "00 05ff", listen: 1 ms}
  - power: cycle
  - release: stop
  - save
  - expect: {status.amplitude: 20 mA +- 1 uA, status.state: IDLE}
)")
                         .at(0)
                         .steps;
  EXPECT_EQ(steps.at(1).answer, "not_ready");
  EXPECT_EQ(steps.at(1).label, "tried");
  EXPECT_EQ(std::get<WaitStep>(steps.at(2).action).duration, Picos(62'500));
  EXPECT_EQ(std::get<HeartbeatStep>(steps.at(3).action).interval, Picos(0));
  EXPECT_EQ(std::get<SendStep>(steps.at(5).action).bytes, (std::vector<std::uint8_t>{0, 5, 0xff}));
  EXPECT_TRUE(std::holds_alternative<PowerCycleStep>(steps.at(6).action));
  EXPECT_EQ(steps.at(0).text, "set amplitude 20 mA, dead_man 1");
  EXPECT_EQ(steps.at(9).text, "expect: status.amplitude, status.state");
}

TEST_F(LoadScenarios, FindsTheNearestSuiteAbove) {
  write("suite.yaml", "suite: Outer\nspec: spec/s.yaml\nbench: ../b.yaml\n");
  std::filesystem::create_directories(path("a/b/c"));
  const auto outer = find_suite(path("a/b/c"));
  ASSERT_TRUE(outer.has_value());
  EXPECT_EQ(outer->title, "Outer");
  EXPECT_TRUE(std::filesystem::path(outer->spec).is_relative());
  EXPECT_EQ(std::filesystem::weakly_canonical(outer->spec), path("spec/s.yaml"));
  write("a/b/suite.yaml", "suite: Inner\nspec: s.yaml\nbench: b.yaml\n");
  EXPECT_EQ(find_suite(path("a/b/c"))->title, "Inner");
  EXPECT_EQ(find_suite(path("a"))->title, "Outer");
}

TEST_F(LoadScenarios, FindsTheSuitesOwnSeededFaults) {
  write("suite.yaml", "suite: S\nspec: s.yaml\nbench: b.yaml\n");
  EXPECT_EQ(find_suite(path(""))->faults, "");
  write("suite.yaml", "suite: S\nspec: s.yaml\nbench: b.yaml\nfaults: f\n");
  EXPECT_EQ(std::filesystem::weakly_canonical(find_suite(path(""))->faults), path("f"));
}

TEST_F(LoadScenarios, SaysWhatIsWrongWithASuite) {
  write("suite.yaml", "suite: S\nspek: s.yaml\nbench: b.yaml\n");
  const std::string error = error_of([this] { find_suite(path("")); });
  EXPECT_EQ(error.substr(error.find("suite.yaml")),
            "suite.yaml:2:1: unknown key 'spek' in suite, did you mean 'spec'?");
}

}  // namespace
}  // namespace rig
