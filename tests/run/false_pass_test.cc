// Every way in which a rig is known to have passed a device that it had not tested (or not found
// good), as reported from OpenHTF, OpenTAP, twister, KernelCI, pytest-embedded, labgrid, libiio.
// None may be PASS, and each has the verdict of whoever is to blame.
#include <limits>

#include "rig/evidence/summary.h"
#include "tests/run/case_fixture.h"

namespace rig {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using FalsePass = CaseTest;

ExpectStep& expect_of(Scenario& scenario, std::size_t step) {
  return std::get<ExpectStep>(scenario.steps[step].action);
}

TEST_F(FalsePass, IsNotSeenWhereEverythingIsGood) {
  EXPECT_EQ(outcome_of(run(kPulseTrain)), "PASS");
  scene_ = {};
  EXPECT_EQ(outcome_of(run(kLeadOff)), "PASS");
}

// openhtf PR #770: a validator throws, and the measurement passes.
TEST_F(FalsePass, MeasurementThatCannotBeJudgedIsAnError) {
  Scenario scenario = load(kPulseTrain);
  expect_of(scenario, 2).expectations[0].limit.what = Around{.setting = "session", .percent = 1};
  EXPECT_EQ(outcome_of(run(scenario)),
            "ERROR: step 3 (expect): the limit needs set.session, which no step has set");
}

TEST_F(FalsePass, BugOfTheRigItselfIsNoVerdictAtAllAndTheBenchIsSafe) {
  Scenario scenario = load(kPulseTrain);
  expect_of(scenario, 2).expectations[0].limit.what = Word{"a word where a number has to stand"};
  EXPECT_THROW(run(scenario), std::logic_error);
  EXPECT_TRUE(recorder_.ended.empty());
  expect_safe();
}

TEST_F(FalsePass, NotANumberIsAnError) {
  scene_.gain_u = std::numeric_limits<double>::quiet_NaN();
  const CaseRecord record = run(kPulseTrain);
  EXPECT_EQ(record.verdict, Verdict::kError);
  const Finding amplitude = step_of(record, "3").findings.at(1);
  EXPECT_EQ(amplitude.verdict, Verdict::kError);
  EXPECT_EQ(amplitude.reason, "not a number: nothing was measured");
}

TEST_F(FalsePass, EnergyWithoutAVoltageIsAnError) {
  Scenario scenario = load(R"(
scenario: Energy without a voltage
steps:
  - set: {amplitude: 20 mA, width: 300 us, rate: 100 Hz}
  - capture: {as: train, channels: [current, voltage], rate: 100 kHz, for: 50 ms, during: [start]}
  - expect: {in: train, energy: <= 1 mJ}
)");
  EXPECT_EQ(outcome_of(run(scenario)), "PASS");
  std::get<std::shared_ptr<CaptureStep>>(scenario.steps[1].action)->setup.channels = {"current"};
  EXPECT_EQ(
      outcome_of(run(scenario)),
      "ERROR: step 3 (expect): 'energy' needs channel voltage, which the capture 'train' does "
      "not have");
}

// labgrid, pulseview, libiio: a capture truncated or altered, and measured anyway.
TEST_F(FalsePass, CaptureThatEndedEarlyIsAnError) {
  scene_.ends_early = milliseconds(60);
  EXPECT_EQ(outcome_of(run(kPulseTrain)), "ERROR: step 2 (capture): the capture ended 40 ms early");
  EXPECT_EQ(step_of(recorder_.ended.at(0), "3").path, "") << "nothing may be measured in it";
}

TEST_F(FalsePass, CaptureWithoutAnySampleIsAnError) {
  scene_.ends_early = Picos(0);
  EXPECT_EQ(run(kPulseTrain).verdict, Verdict::kError);
}

TEST_F(FalsePass, LostSamplesAreAnErrorOfEveryMeasurementInTheCapture) {
  scene_.loses_at = 2000;
  const CaseRecord record = run(kPulseTrain);
  EXPECT_EQ(outcome_of(record),
            "ERROR: step 3 (expect): pulse.count: expected 9 .. 11, found nothing: samples 2000 "
            "to 2049 are missing");
  for (const Finding& finding : step_of(record, "3").findings) {
    EXPECT_EQ(finding.verdict, Verdict::kError) << finding.quantity;
  }
}

TEST_F(FalsePass, LostSamplesDoNotExcuseAPulseThatIsBadElsewhere) {
  scene_.loses_at = 2000;
  std::string text = kPulseTrain;
  text.replace(text.find("20 mA +- 5 %"), 12, "30 mA +- 5 %");
  const StepRecord step = step_of(run(text), "3");
  EXPECT_EQ(step.findings.at(1).quantity, "phase1.amplitude");
  EXPECT_EQ(step.findings.at(1).verdict, Verdict::kFail);
  EXPECT_EQ(step.findings.at(2).quantity, "phase1.width");
  EXPECT_EQ(step.findings.at(2).verdict, Verdict::kError) << "a good one elsewhere proves nothing";
  EXPECT_EQ(step.findings.at(2).reason, "samples 2000 to 2049 are missing");
}

TEST_F(FalsePass, LostSamplesAreAnErrorOfALogicLevelToo) {
  scene_.loses_at = 7000;
  const StepRecord step = step_of(run(kPulseTrain), "4");
  ASSERT_EQ(step.findings.size(), 1u);
  EXPECT_EQ(step.findings[0].quantity, "led.high");
  EXPECT_EQ(step.findings[0].verdict, Verdict::kError);
  EXPECT_EQ(step.findings[0].reason, "samples 7490 to 7539 are missing");
}

TEST_F(FalsePass, ClippedAmplitudeInsideTheLimitIsAnErrorAndBeyondItAFailure) {
  scene_.scale = 5e-6;  // full scale at 10.2 mA
  const std::string text = R"(
scenario: Clipped
steps:
  - set: {amplitude: 20 mA, width: 300 us, rate: 100 Hz}
  - capture: {as: train, channels: [current], rate: 100 kHz, for: 50 ms, during: [start]}
  - expect: {in: train, current.peak: <= )";
  EXPECT_EQ(
      outcome_of(run(text + "15 mA}")),
      "ERROR: step 3 (expect): current.peak: expected <= 15 mA, found 10.24 mA +- 11.48 uA; the "
      "capture was clipped or cut: the true value is at least this (samples 0 to 69 of current "
      "are clipped, and 4 more stretches)");
  EXPECT_EQ(run(text + "5 mA}").verdict, Verdict::kFail);
}

TEST_F(FalsePass, DirectCurrentOfAClippedCaptureIsAnErrorOnEitherSideOfItsLimit) {
  scene_.scale = 5e-6;  // full scale at 10.2 mA: both phases are cut alike, and look balanced
  const std::string text = R"(
scenario: Clipped
steps:
  - set: {amplitude: 20 mA, width: 300 us, rate: 100 Hz}
  - capture: {as: train, channels: [current], rate: 100 kHz, for: 50 ms, during: [start]}
  - expect: {in: train, dc: )";
  EXPECT_EQ(run(text + "-1 mA .. 1 mA}").verdict, Verdict::kError);
  EXPECT_EQ(run(text + "3 mA .. 4 mA}").verdict, Verdict::kError);
}

TEST_F(FalsePass, DigitizerThatCannotProveItsIntegrityPassesNothing) {
  scene_.integrity_proven = false;
  const CaseRecord record = run(kPulseTrain);
  EXPECT_EQ(record.verdict, Verdict::kInconclusive);
  EXPECT_EQ(step_of(record, "3").findings.at(0).reason,
            "the digitizer cannot prove that no sample was lost");
  EXPECT_EQ(step_of(record, "4").findings.at(0).verdict, Verdict::kInconclusive) << "led.high";
}

TEST_F(FalsePass, DeviceOtherThanTheBenchFileNamesIsAnError) {
  scene_.facts.custody.identity = "1234abcd";
  EXPECT_EQ(outcome_of(run(kPulseTrain)), "PASS");
  scene_.facts.custody.identity = "77";
  const CaseRecord record = run(kPulseTrain);
  EXPECT_EQ(record.verdict, Verdict::kError);
  EXPECT_EQ(record.reason.find("step 0 (boot): the bench file names a device '77', found '"), 0u)
      << record.reason;
}

TEST_F(FalsePass, CalibrationThatHasEndedBlocks) {
  const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  scene_.facts.custody.calibrated_until = today + std::chrono::days(1);
  EXPECT_EQ(outcome_of(run(kPulseTrain)), "PASS");
  using namespace std::chrono_literals;
  scene_.facts.custody.calibrated_until = 2026y / 3 / 1;
  EXPECT_EQ(
      outcome_of(run(kPulseTrain)),
      "BLOCKED: the calibration of the digitizer of the bench 'Fake bench' ended on 2026-03-01");
}

TEST_F(FalsePass, EventThatNeverHappenedIsAnError) {
  scene_.ignores_disturbances = true;
  EXPECT_EQ(outcome_of(run(kLeadOff)), "ERROR: step 3 (expect): 'lifted' never happened");
}

TEST_F(FalsePass, CutOffWithNothingToCutOffIsAFailure) {
  scene_.dead_output = true;
  EXPECT_EQ(
      outcome_of(run(kLeadOff)),
      "FAIL: step 3 (expect): output.off_latency: expected <= 10 ms, found nothing: no output "
      "before the event: nothing was there to be cut off");
}

TEST_F(FalsePass, EventBeforeTheCaptureBeganIsAnError) {
  EXPECT_EQ(outcome_of(run(R"(
scenario: The cut-off was not watched
steps:
  - set: {amplitude: 20 mA, width: 300 us, rate: 100 Hz}
  - start
  - {load: open, as: lifted}
  - wait: 50 ms
  - capture: {as: late, channels: [current, voltage], rate: 100 kHz, for: 50 ms}
  - expect: {in: late, after: lifted, pulse.count: == 0}
)")),
            "ERROR: step 6 (expect): the window begins 50 ms before the capture");
}

TEST_F(FalsePass, WindowThatReachesBeyondTheCaptureIsAnError) {
  EXPECT_EQ(outcome_of(run(R"(
scenario: Half of the window was not watched
steps:
  - set: {amplitude: 20 mA, width: 300 us, rate: 100 Hz}
  - capture: {as: early, channels: [current], rate: 100 kHz, for: 50 ms}
  - wait: 50 ms
  - {start: , as: started}
  - expect: {in: early, before: started, pulse.count: == 0}
)"))
                .substr(0, 49),
            "ERROR: step 5 (expect): the window ends 51.82 ms ");
}

TEST_F(FalsePass, LogicChannelThatWasNotCapturedIsAnError) {
  Scenario scenario = load(kPulseTrain);
  std::get<std::shared_ptr<CaptureStep>>(scenario.steps[1].action)->setup.channels = {"current"};
  EXPECT_EQ(
      outcome_of(run(scenario)),
      "ERROR: step 4 (expect): 'led.high' needs channel led, which the capture 'train' does not "
      "have");
}

TEST_F(FalsePass, AnalogChannelHasNoLogicLevel) {
  Scenario scenario = load(kPulseTrain);
  expect_of(scenario, 3).expectations[0].quantity = "voltage.high";
  EXPECT_EQ(outcome_of(run(scenario)),
            "ERROR: step 4 (expect): the capture has no logic channel 'voltage'");
}

TEST_F(FalsePass, CurrentThatWasNotCapturedIsAnErrorAndNotZero) {
  Scenario scenario = load(R"(
scenario: No current to be seen
steps:
  - set: {amplitude: 20 mA, width: 300 us, rate: 100 Hz}
  - capture: {as: train, channels: [current, voltage, led], rate: 100 kHz, for: 50 ms, during: [start]}
  - expect: {in: train, current.peak: <= 1 mA}
)");
  EXPECT_EQ(run(scenario).verdict, Verdict::kFail);
  std::get<std::shared_ptr<CaptureStep>>(scenario.steps[1].action)->setup.channels = {"led"};
  EXPECT_EQ(outcome_of(run(scenario)),
            "ERROR: step 3 (expect): 'current.peak' needs channel current, which the capture "
            "'train' does not have");
}

// kernelci #451, twister #80332: nothing ran, nothing was checked.
TEST_F(FalsePass, CaseThatCheckedNothingIsInconclusive) {
  Scenario scenario = load(kPulseTrain);
  scenario.steps.resize(2);
  EXPECT_EQ(outcome_of(run(scenario)), "INCONCLUSIVE: nothing was checked");
}

TEST_F(FalsePass, ExpectStepWithoutExpectationsCountsAsNothingChecked) {
  Scenario scenario = load(kPulseTrain);
  scenario.steps.resize(3);
  expect_of(scenario, 2).expectations.clear();
  EXPECT_EQ(outcome_of(run(scenario)), "INCONCLUSIVE: nothing was checked");
}

// opentap #12: a retry clears the error.
TEST_F(FalsePass, PassOnRetryIsFlakyAndNeverPlainPass) {
  scene_.dead_output = true;
  const CaseRecord first = run(kPulseTrain);
  EXPECT_EQ(first.verdict, Verdict::kFail);
  scene_.dead_output = false;
  attempt_ = 2;
  const CaseRecord second = run(kPulseTrain);
  EXPECT_EQ(second.attempt, 2);
  EXPECT_EQ(verdict_of(second), Verdict::kFlaky);

  const RunRecord both{.planned = {first.id}, .cases = {first, second}, .finished = true};
  EXPECT_EQ(run_verdict(both), Verdict::kFlaky);
  EXPECT_EQ(exit_code(both), 4);
}

// twister #41440: skipped, therefore passed.
TEST_F(FalsePass, BenchThatLacksACapabilityBlocksBeforeAnythingIsEnergised) {
  scene_.facts.capabilities.erase("load.open");
  EXPECT_EQ(outcome_of(run(kLeadOff)), "BLOCKED: the bench 'Fake bench' lacks: load.open");
  EXPECT_TRUE(scene_.log.empty()) << scene_.log.front();
}

TEST_F(FalsePass, CapabilityFoundMissingOnlyWhileRunningBlocksInSafeState) {
  scene_.before = [](const std::string& what) {
    if (what == "arm train") throw Blocked("the digitizer samples at most 50 kHz");
  };
  EXPECT_EQ(outcome_of(run(kPulseTrain)),
            "BLOCKED: step 2 (capture): the digitizer samples at most 50 kHz");
  expect_safe();
}

// pytest-embedded 2.7.0: an earlier stage failed, and the test passed.
TEST_F(FalsePass, RefusedCommandEndsTheCaseAsAFailure) {
  scene_.refuses[5] = 7;
  const CaseRecord record = run(kPulseTrain);
  EXPECT_EQ(outcome_of(record),
            "FAIL: step 2 (capture): answer to start: expected ok, found not_ready");
  EXPECT_EQ(step_of(record, "3").path, "") << "later steps would rest on sand";
  expect_safe();
}

TEST_F(FalsePass, FailedExpectationIsNotHealedByLaterOnes) {
  scene_.state = 6;
  const CaseRecord record = run(R"(
scenario: First bad, then good
steps:
  - expect: {status.state: IDLE}
  - expect: {status.fault: NONE}
)");
  EXPECT_EQ(outcome_of(record), "FAIL: step 1 (expect): status.state: expected IDLE, found FAULT");
  EXPECT_EQ(step_of(record, "2").verdict, Verdict::kPass);
}

TEST_F(FalsePass, OneFailureAmongManyPassesFails) {
  const CaseRecord record = run(R"(
scenario: One of three
steps:
  - expect: {status.state: IDLE, status.fault: LEAD_OFF, status.output: "false"}
)");
  EXPECT_EQ(outcome_of(record),
            "FAIL: step 1 (expect): status.fault: expected LEAD_OFF, found NONE");
}

// twister PR #46132: the output of the test before was judged.
TEST_F(FalsePass, LateAnswerOfTheStepBeforeIsNotTakenForThisOnes) {
  scene_.says = [](const Bytes& written, const Bytes& reply) -> std::vector<fake::Said> {
    if (written.size() > 1 && written[1] == 8) return {{milliseconds(210), frame(reply)}};
    if (written.size() > 1 && written[1] == 9) return {};
    return {{milliseconds(1), frame(reply)}};
  };
  EXPECT_EQ(outcome_of(run(R"(
scenario: Late
steps:
  - keepalive:
    answer: none
  - save
  - expect: {status.state: IDLE}
)")),
            "FAIL: step 2 (save): answer to save: expected ok, found none");
}

TEST_F(FalsePass, LateTextOfTheStepBeforeIsNotTakenForThisOnes) {
  const Bytes ok{'o', 'k', '\n'};
  scene_.says = [&ok](const Bytes& written, const Bytes& reply) -> std::vector<fake::Said> {
    if (written == Bytes{'a', '\n'}) return {{milliseconds(60), ok}};
    if (written == Bytes{'b', '\n'}) return {};
    return {{milliseconds(1), frame(reply)}};
  };
  EXPECT_EQ(outcome_of(run(R"(
scenario: Late text
steps:
  - send: {text: "a\n", listen: 50 ms}
    answer: none
  - wait: 50 ms
  - send: {text: "b\n", listen: 50 ms}
    answer: ok
  - expect: {status.state: IDLE}
)")),
            "FAIL: step 3 (send): answer to raw bytes: expected ok, found none");
}

// twister #82331: another device was exercised.
TEST_F(FalsePass, AnotherDeviceAfterAPowerCycleIsAnError) {
  scene_.before = [this](const std::string& what) {
    if (what == "power cycle") scene_.build = "deadbeef";
  };
  EXPECT_EQ(
      outcome_of(run(R"(
scenario: Swapped
steps:
  - power: cycle
  - expect: {status.state: IDLE}
)")),
      "ERROR: step 1 (power): another device answers: expected '1234abcd firmware 1.0', found "
      "'deadbeef firmware 1.0'");
}

TEST_F(FalsePass, WrongProtocolRevisionIsAFailureOfTheDevice) {
  scene_.revision = 2;
  EXPECT_EQ(outcome_of(run(kPulseTrain)),
            "FAIL: step 0 (boot): device: expected an answer, found the device speaks protocol "
            "revision 2, this rig speaks 1");
}

TEST_F(FalsePass, SilentDeviceIsAFailureInBoundedTime) {
  scene_.says = [](const Bytes&, const Bytes&) { return std::vector<fake::Said>{}; };
  EXPECT_EQ(outcome_of(run(kPulseTrain)),
            "FAIL: step 0 (boot): device: expected an answer, found the device does not answer "
            "'hello' within 200 ms");
  EXPECT_LE(scene_.now, seconds(6));
  expect_safe();
}

TEST_F(FalsePass, DeviceThatFallsSilentLaterIsAFailure) {
  scene_.silent_to = {2};
  EXPECT_EQ(outcome_of(run(kPulseTrain)),
            "FAIL: step 5 (expect): status.state: expected IDLE, found the device does not answer "
            "'status' within 200 ms");
}

TEST_F(FalsePass, StatusAnsweredWithARefusalIsAFailure) {
  scene_.says = [](const Bytes& written, Bytes reply) -> std::vector<fake::Said> {
    if (written[1] == 2) reply[2] = 5;  // wrong_state, and yet all the data
    return {{milliseconds(1), frame(reply)}};
  };
  EXPECT_EQ(outcome_of(run(kPulseTrain)),
            "FAIL: step 5 (expect): status.state: expected IDLE, found the device answers 'status' "
            "with wrong_state");
}

TEST_F(FalsePass, DoubtOfTheBenchAboutItselfIsAnError) {
  scene_.doubts = {"the firmware uses phase-correct PWM", "both gates were on at once"};
  EXPECT_EQ(outcome_of(run(kPulseTrain)),
            "ERROR: step bench (doubts): the firmware uses phase-correct PWM; both gates were on "
            "at once");
}

TEST_F(FalsePass, BenchThatCannotBeOpenedIsAnError) {
  const Scenario scenario = load(kPulseTrain);
  for (const auto& open :
       {std::function<Bench()>([]() -> Bench { throw RigError("no bench"); }),
        std::function<Bench()>([]() -> Bench { throw InputError("no bench"); })}) {
    const CaseRecord record =
        run_case({.scenario = scenario}, open, recorder_, [] { return false; });
    EXPECT_EQ(outcome_of(record), "ERROR: no bench");
  }
  EXPECT_EQ(recorder_.ended.size(), 2u);
}

TEST_F(FalsePass, RecordThatCannotBeWrittenIsAnErrorInSafeState) {
  recorder_.full = true;
  EXPECT_EQ(outcome_of(run(kPulseTrain)), "ERROR: events.jsonl: write: No space left on device");
  expect_safe();
}

TEST_F(FalsePass, DigitizerThatNeverEndsItsCaptureIsAnErrorInBoundedTime) {
  scene_.never_ends = true;
  EXPECT_EQ(outcome_of(run(kPulseTrain)),
            "ERROR: step 2 (capture): the digitizer does not end its capture");
  EXPECT_LE(scene_.now, seconds(20));
}

}  // namespace
}  // namespace rig
