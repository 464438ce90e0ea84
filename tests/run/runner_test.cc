// A case from its first step to its record: order, times, answers, signs of life.
#include "rig/run/pulse_store.h"
#include "tests/run/case_fixture.h"

namespace rig {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using RunCase = CaseTest;

TEST_F(RunCase, TellsTheRecorderEachStepAsItEndsAndTheCaseLast) {
  const CaseRecord record = run(kPulseTrain);
  ASSERT_EQ(recorder_.begun.size(), 1u);
  EXPECT_TRUE(recorder_.begun[0].steps.empty());
  std::vector<std::string> paths;
  for (const StepRecord& step : recorder_.steps) paths.push_back(step.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "end"}));
  ASSERT_EQ(recorder_.ended.size(), 1u);
  EXPECT_EQ(recorder_.ended[0].verdict, record.verdict);
  EXPECT_TRUE(record.complete);
  EXPECT_EQ(recorder_.captures, std::vector<std::string>{"train"})
      << "the safe state's own samples are not kept";
}

TEST_F(RunCase, RecordsWhoAnswered) {
  EXPECT_EQ(step_of(run(kPulseTrain), "0").text, "the device answers: 1234abcd firmware 1.0");
}

TEST_F(RunCase, CountsTimesFromTheBeginOfTheCase) {
  scene_.now = seconds(1000);
  scene_.output = {{Picos(0), false}};
  const CaseRecord record = run(kLeadOff);
  EXPECT_EQ(record.verdict, Verdict::kPass) << outcome_of(record);
  const StepRecord capture = step_of(record, "2");
  EXPECT_LT(capture.begun, seconds(1));
  EXPECT_EQ(capture.ended - capture.begun, milliseconds(200));
  ASSERT_EQ(capture.disturbances.size(), 1u);
  EXPECT_EQ(capture.disturbances[0].what, "load open");
  EXPECT_EQ(capture.disturbances[0].asked, capture.begun + milliseconds(100));
  EXPECT_EQ(capture.disturbances[0].achieved, capture.disturbances[0].asked);
  ASSERT_FALSE(capture.dialogue.empty());
  EXPECT_EQ(capture.dialogue[0].meaning, "start");
  EXPECT_LT(capture.dialogue[0].at, seconds(1));
  EXPECT_LT(record.bench_time, seconds(2));
}

TEST_F(RunCase, WaitsForADeviceThatTakesLongToBoot) {
  scene_.says = [this](const Bytes&, const Bytes& reply) -> std::vector<fake::Said> {
    if (scene_.now < seconds(2)) return {};
    return {{milliseconds(1), frame(reply)}};
  };
  EXPECT_EQ(outcome_of(run("scenario: Slow\nsteps: [{expect: {status.state: IDLE}}]\n")), "PASS");
}

TEST_F(RunCase, WaitsForTheDeviceAfterAPowerCycleToo) {
  Picos cycled{};
  scene_.before = [&](const std::string& what) {
    if (what == "power cycle") cycled = scene_.now;
  };
  scene_.says = [&](const Bytes&, const Bytes& reply) -> std::vector<fake::Said> {
    if (cycled > Picos(0) && scene_.now < cycled + seconds(1)) return {};
    return {{milliseconds(1), frame(reply)}};
  };
  EXPECT_EQ(
      outcome_of(run("scenario: Again\nsteps: [power: cycle, {expect: {status.state: IDLE}}]\n")),
      "PASS");
}

TEST_F(RunCase, SendsSignsOfLifeWhileTheOutputIsOn) {
  run(R"(
scenario: Long
steps:
  - wait: 2 s
  - start
  - wait: 2 s
  - stop
  - wait: 2 s
  - expect: {status.state: IDLE}
)");
  const auto beats = std::ranges::count(scene_.log, "keepalive");
  EXPECT_EQ(beats, 4) << "every 400 ms, and only between start and stop";
}

TEST_F(RunCase, SendsNoSignsOfLifeWhenTheScenarioSwitchesThemOff) {
  run("scenario: Mute\nsteps: [heartbeat: off, start, {wait: 2 s}, {expect: {status.state: "
      "IDLE}}]\n");
  EXPECT_FALSE(scene_.happened("keepalive"));
}

TEST_F(RunCase, PassesARefusalThatIsExpectedAndFailsAnAcceptanceThatIsNot) {
  scene_.refuses[3] = 4;
  const std::string text = R"(
scenario: Refused
steps:
  - set: {amplitude: 100 mA}
    answer: out_of_range
  - expect: {status.state: IDLE}
)";
  EXPECT_EQ(outcome_of(run(text)), "PASS");
  scene_.refuses.clear();
  EXPECT_EQ(outcome_of(run(text)),
            "FAIL: step 1 (set): answer to set amplitude: expected out_of_range, found ok");
}

TEST_F(RunCase, JudgesAgainstTheSettingThatTheDeviceAccepted) {
  const CaseRecord record = run(R"(
scenario: Around the setting
steps:
  - set: {amplitude: 20 mA, width: 300 us, rate: 100 Hz}
  - set: {amplitude: 10 mA}
  - capture: {as: train, channels: [current], rate: 100 kHz, for: 50 ms, during: [start]}
  - expect:
      in: train
      phase1.amplitude: {nominal: set.amplitude, within: 5 %}
)");
  EXPECT_EQ(outcome_of(record), "PASS");
  EXPECT_EQ(step_of(record, "4").findings.at(0).expected,
            "9.5 mA .. 10.5 mA (set.amplitude +- 5 %)");
}

constexpr const char* kDensities = R"(
scenario: Densities
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 100 Hz}
  - capture: {as: train, channels: [current], rate: 100 kHz, for: 100 ms, during: [start]}
  - expect:
      in: train
      current.density: 1.8 A/m2 .. 2.2 A/m2
      power.density: 0.4 W/m2 .. 0.55 W/m2
)";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  return text.replace(text.find(what), what.size(), with);
}

TEST_F(RunCase, MeasuresDensitiesOnTheBenchsElectrodeAndLoad) {
  scene_.facts.load = Ohms(500);
  scene_.facts.load_u = 0.01;
  scene_.facts.electrode_area = 25e-4;
  const CaseRecord record = run(kDensities);
  EXPECT_EQ(outcome_of(record), "PASS");
  const Measurement power = *step_of(record, "3").findings.at(1).measured;
  const auto load = std::ranges::find(power.budget, "load", &std::pair<std::string, double>::first);
  ASSERT_NE(load, power.budget.end());
  EXPECT_NEAR(load->second / power.value, 0.01, 1e-4);
}

TEST_F(RunCase, MeasuresDensitiesOnTheLoadThatTheScenarioPutOn) {
  scene_.facts.load = Ohms(500);
  scene_.facts.electrode_area = 25e-4;
  scene_.facts.capabilities.insert("load.half_lifted");
  const auto densities = [this](const std::string& step) {
    return step_of(run(replaced(kDensities, "steps:\n", "steps:\n  - load: " + step + "\n")), "4")
        .findings;
  };
  const auto heavy = densities("1 kohm");
  EXPECT_NEAR(heavy.at(1).measured->value, 0.96, 0.05);
  const auto lifted = densities("half_lifted");
  EXPECT_NEAR(lifted.at(0).measured->value, 2 * heavy.at(0).measured->value, 0.01)
      << "the same current through half the area";
  const auto skin = densities("{series: 300 ohm, parallel: 2 kohm, capacitance: 50 nF}");
  EXPECT_EQ(skin.at(0).verdict, Verdict::kPass) << "a current needs no load";
  EXPECT_EQ(skin.at(1).reason,
            "the load is not known, no plain resistor, or not the same all the time");
}

TEST_F(RunCase, MeasuresNoDensityWhileTheContactChanges) {
  scene_.facts.load = Ohms(500);
  scene_.facts.electrode_area = 25e-4;
  scene_.facts.capabilities.insert("load.half_lifted");
  const CaseRecord record =
      run(replaced(kDensities, "[start]", "[start, {at: 50 ms, do: {load: half_lifted}}]"));
  EXPECT_EQ(record.verdict, Verdict::kError);
  EXPECT_EQ(step_of(record, "3").findings.at(0).reason,
            "the electrode's area is not known, or not the same all the time");
}

constexpr const char* kVibration = R"(
scenario: The plate swings
steps:
  - capture: {as: plate, channels: [acceleration], rate: 5 kHz, for: 3 s, during: [start]}
  - expect:
      in: plate
      vibration.frequency: 44 Hz .. 46 Hz
      vibration.peak: 0.204 gn +- 5 % peak
      vibration.displacement.mean: 48 um .. 52 um p-p
      vibration.thd: <= 10 %
)";

TEST_F(RunCase, MeasuresASineOfTheAcceleration) {
  scene_.plate_hz = 45;
  EXPECT_EQ(outcome_of(run(kVibration)), "PASS");
  scene_.plate_hz = 43;
  const Finding slow = step_of(run(kVibration), "2").findings.at(0);
  EXPECT_EQ(slow.verdict, Verdict::kFail);
  EXPECT_NEAR(slow.measured->value, 43, 0.02);
  EXPECT_EQ(slow.measured->count, 3u);
}

TEST_F(RunCase, FailsAPlateThatStandsStillAndNamesTheSamples) {
  scene_.plate_hz = 0;
  const Finding finding = step_of(run(kVibration), "2").findings.at(0);
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_EQ(finding.reason, "samples 0 to 4999: no sine stands out of the noise");
}

TEST_F(RunCase, NeedsTheAccelerationForAVibration) {
  std::string text = kVibration;
  text.replace(text.find("[acceleration]"), 14, "[current]");
  EXPECT_THROW(load(text), InputError);
}

TEST_F(RunCase, MeasuresFromOneChannelToAnother) {
  const std::string text = R"(
scenario: The lamp comes with the output
steps:
  - set: {amplitude: 20 mA, width: 300 us, rate: 10 Hz}
  - capture: {as: train, channels: [current, led], rate: 100 kHz, for: 90 ms,
             during: [{at: 20 ms, do: start}]}
  - expect:
      in: train
      latency.led.to.current: -20 us .. 20 us
      latency.current.to.led.max: <= 20 us
)";
  EXPECT_EQ(outcome_of(run(text)), "PASS");
  std::string unknown = text;
  unknown.replace(unknown.find("latency.led"), 11, "latency.lde");
  try {
    load(unknown);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what())
                  .find("'latency.lde.to.current' needs channel lde, which the "
                        "capture 'train' does not have"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(RunCase, NamesADeviceThatFailsBesideTroubleOfTheRig) {
  scene_.doubts = {"both gates were on at once"};
  std::string text = kPulseTrain;
  text.replace(text.find("9 .. 11"), 7, "== 0");
  EXPECT_EQ(outcome_of(run(text)),
            "ERROR: step bench (doubts): both gates were on at once; and the device fails: step 3 "
            "(expect): pulse.count: expected == 0, found 10 +- 0");
}

TEST_F(RunCase, TracesAnAnswerToTheRequirementThatAsksForIt) {
  scene_.refuses[3] = 4;
  Spec spec{.file = "spec.yaml"};
  spec.requirements["R-2"].limits["answer"] = {
      .what = Word{"out_of_range"}, .text = "out_of_range", .requirement = "R-2", .name = "answer"};
  const Scenario scenario = load(R"(
scenario: Refused
verifies: [R-2]
steps:
  - set: {amplitude: 100 mA}
    answer: R-2.answer
  - expect: {status.state: IDLE}
)",
                                 spec);
  const CaseRecord record = run(scenario);
  EXPECT_EQ(step_of(record, "1").findings.at(0).requirement, "R-2");
}

TEST_F(RunCase, NamesTheRequirementInTheReason) {
  Scenario scenario = load("scenario: S\nsteps: [{expect: {status.state: FAULT}}]\n");
  std::get<ExpectStep>(scenario.steps[0].action).expectations[0].limit.requirement = "SRS-041";
  EXPECT_EQ(outcome_of(run(scenario)),
            "FAIL: step 1 (expect): status.state: expected FAULT, found IDLE [SRS-041]");
}

TEST(PulseStore, GivesAllPulsesInOrderAgainAndAgainAlsoBeyondItsMemory) {
  PulseStore store;
  constexpr std::uint32_t kMany = 45'000;  // 20,000 of them fit in memory
  for (std::uint32_t k = 0; k < kMany; ++k) {
    store.add({.samples = k});
    if (k != 30'000) continue;
    std::size_t seen = 0;
    store.visit([&seen](const Pulse&) { ++seen; });
    EXPECT_EQ(seen, 30'001u) << "reading in between must not disturb the writing";
  }
  for (int again = 0; again < 2; ++again) {
    std::uint32_t next = 0;
    store.visit([&next](const Pulse& pulse) { EXPECT_EQ(pulse.samples, next++); });
    EXPECT_EQ(next, kMany);
  }
}

}  // namespace
}  // namespace rig
