// Output off is a property of the bench: however a case ends, the device is told to stop, the
// current is measured to be gone, and the load is opened.
#include <new>

#include "tests/run/case_fixture.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

using SafeState = CaseTest;

TEST_F(SafeState, StopsThenMeasuresThenOpensTheLoad) {
  const CaseRecord record = run(kPulseTrain);
  const std::vector<std::string> last(scene_.log.end() - 3, scene_.log.end());
  EXPECT_EQ(last, (std::vector<std::string>{"stop", "arm safe_state", "load open"}));
  const StepRecord step = step_of(record, "end");
  EXPECT_EQ(step.kind, "safe_state");
  ASSERT_EQ(step.findings.size(), 2u);
  EXPECT_EQ(step.findings[0].quantity, "safe_state.current");
  EXPECT_EQ(step.findings[0].expected, "<= 2 mA");
  EXPECT_EQ(step.findings[1].quantity, "safe_state.time_to_zero");
  EXPECT_EQ(step.findings[1].expected, "<= 200 ms");
  EXPECT_LT(step.findings[1].measured->value, 0.05);
  EXPECT_EQ(recorder_.outputs, (std::vector<bool>{true, false})) << "who guards it is told";
  EXPECT_EQ(step.verdict, Verdict::kPass);
}

// The digitizer is armed after the stop: when nothing flows any more by then, the end of the output
// lies anywhere before, perhaps before the stop.
TEST_F(SafeState, OutputThatHadStoppedByThenIsToldAsABound) {
  scene_.takes["arm safe_state"] = milliseconds(31);
  const Finding time = step_of(run(kPulseTrain), "end").findings.at(1);
  EXPECT_EQ(time.verdict, Verdict::kPass);
  EXPECT_TRUE(time.found.starts_with("at most 3")) << time.found;
  scene_ = {};
  scene_.deaf_to_stop = true;
  const Finding seen = step_of(run(kPulseTrain), "end").findings.at(1);
  EXPECT_FALSE(seen.found.starts_with("at most")) << "the end of its last pulse was seen";
}

TEST_F(SafeState, OutputThatStoppedBeforeADigitizerThatWasArmedInTimeTakesNoTime) {
  scene_.takes["arm train"] = scene_.takes["arm safe_state"] = milliseconds(150);
  const Finding time = step_of(run(std::string(kPulseTrain) + "  - stop\n"), "end").findings.at(1);
  EXPECT_EQ(time.measured->value, 0);
  EXPECT_TRUE(time.found.starts_with("0 s")) << time.found;
}

TEST_F(SafeState, DeviceThatGoesOnAfterStopFailsAndIsCutOffByTheLoad) {
  scene_.deaf_to_stop = true;
  const CaseRecord record = run(kPulseTrain);
  EXPECT_EQ(
      outcome_of(record),
      "FAIL: step end (safe_state): safe_state.current: expected <= 2 mA, found 20 mA +- 142.6 uA");
  EXPECT_EQ(scene_.log.back(), "load open");
}

TEST_F(SafeState, WindowIsLongEnoughForTheSlowestPulseThatWasSet) {
  run(R"(
scenario: One pulse a second
steps:
  - set: {amplitude: 20 mA, width: 300 us, rate: 1 Hz}
  - start
  - expect: {status.state: IDLE}
)");
  EXPECT_EQ(scene_.armed.back().name, "safe_state");
  EXPECT_EQ(scene_.armed.back().length, milliseconds(1250));
}

TEST_F(SafeState, CaptureOfItThatEndedEarlyProvesNothing) {
  scene_.before = [this](const std::string& what) {
    if (what == "arm safe_state") scene_.ends_early = milliseconds(20);
  };
  EXPECT_EQ(outcome_of(run(kPulseTrain)),
            "ERROR: step end (safe_state): safe state not measured: the capture ended 90 ms early");
  expect_safe();
}

TEST_F(SafeState, DigitizerThatNeverEndsDoesNotHangIt) {
  scene_.before = [this](const std::string& what) {
    if (what == "arm safe_state") scene_.never_ends = true;
  };
  EXPECT_EQ(outcome_of(run(kPulseTrain)),
            "ERROR: step end (safe_state): safe state not measured: the digitizer does not end its "
            "capture");
  expect_safe();
}

TEST_F(SafeState, IsReachedWhenTheDeviceDoesNotAnswerStop) {
  scene_.silent_to = {6};
  const CaseRecord record = run(kPulseTrain);
  const StepRecord end = step_of(record, "end");
  ASSERT_EQ(end.findings.size(), 2u);
  EXPECT_EQ(end.findings[0].verdict, Verdict::kPass)
      << "the measured current counts, not the answer";
  EXPECT_EQ(end.findings[1].verdict, Verdict::kInconclusive) << "the answer was waited for";
  EXPECT_EQ(end.findings[1].reason, "nothing flowed any more when the digitizer began to look");
  expect_safe();
}

TEST_F(SafeState, InterruptedCaseIsAnErrorAndStillMeasuresThatTheOutputIsOff) {
  scene_.before = [this](const std::string& what) {
    if (what == "collect" && scene_.happened("start")) interrupted_ = true;
  };
  const CaseRecord record = run(kPulseTrain);
  EXPECT_EQ(outcome_of(record), "ERROR: step 2 (capture): interrupted");
  EXPECT_EQ(step_of(record, "end").verdict, Verdict::kPass);
  EXPECT_EQ(step_of(record, "3").path, "");
  EXPECT_TRUE(record.complete);
  expect_safe();
}

TEST_F(SafeState, InterruptedBeforeTheDeviceAnsweredIsSafeToo) {
  interrupted_ = true;
  EXPECT_EQ(outcome_of(run(kPulseTrain)), "ERROR: step 0 (boot): interrupted");
  expect_safe();
}

// What can be thrown, and where.
struct Throw {
  const char* kind;
  std::function<void()> act;
};
const std::vector<Throw>& kinds() {
  static const std::vector<Throw> all{
      {"RigError", [] { throw RigError("unplugged"); }},
      {"DeviceSilent", [] { throw DeviceSilent("silent"); }},
      {"Blocked", [] { throw Blocked("cannot"); }},
      {"Interrupted", [] { throw Interrupted("interrupted"); }},
      {"InputError", [] { throw InputError("bad"); }},
      {"logic_error", [] { throw std::logic_error("bug"); }},
      {"bad_alloc", [] { throw std::bad_alloc(); }},
  };
  return all;
}

// A link that breaks in the last moment does not keep the digitizer from looking.
TEST_F(SafeState, IsMeasuredAlsoWhenStopCannotBeSent) {
  scene_.before = [](const std::string& what) {
    if (what == "stop") throw RigError("/dev/ttyUSB0: write: No such device");
  };
  const CaseRecord record = run(kPulseTrain);
  EXPECT_EQ(outcome_of(record),
            "ERROR: step end (safe_state): /dev/ttyUSB0: write: No such device");
  ASSERT_EQ(step_of(record, "end").findings.size(), 2u);
  EXPECT_EQ(step_of(record, "end").findings[0].verdict, Verdict::kFail) << "it goes on";
  expect_safe();
}

TEST_F(SafeState, LoadThatCannotBeOpenedIsAnError) {
  scene_.before = [](const std::string& what) {
    if (what == "load open") throw RigError("relay 3 does not answer");
  };
  EXPECT_EQ(outcome_of(run(kPulseTrain)), "ERROR: step end (safe_state): relay 3 does not answer");
}

class SafeStateWhen : public CaseTest, public testing::WithParamInterface<const char*> {};

TEST_P(SafeStateWhen, SomethingIsThrownThere) {
  const Scenario scenario = load(kLeadOff);
  for (const Throw& thrown : kinds()) {
    SCOPED_TRACE(thrown.kind);
    if (std::string(GetParam()) == "hello" && std::string(thrown.kind) == "DeviceSilent") continue;
    scene_ = {};
    recorder_ = {};
    bool done = false;
    scene_.before = [&](const std::string& what) {
      if (what != GetParam() || done) return;
      done = true;
      thrown.act();
    };
    try {
      const CaseRecord record = run(scenario);
      EXPECT_TRUE(record.verdict == Verdict::kError || record.verdict == Verdict::kFail ||
                  record.verdict == Verdict::kBlocked)
          << outcome_of(record);
      EXPECT_NE(record.reason, "");
    } catch (const std::exception&) {
      for (const CaseRecord& ended : recorder_.ended) EXPECT_NE(ended.verdict, Verdict::kPass);
    }
    EXPECT_TRUE(done) << "nothing was thrown";
    expect_safe();
  }
}

INSTANTIATE_TEST_SUITE_P(Anywhere, SafeStateWhen,
                         testing::Values("hello", "set", "arm trip", "start", "collect",
                                         "load open", "stop", "arm safe_state", "wait"),
                         [](const auto& at) {
                           std::string name = at.param;
                           std::ranges::replace(name, ' ', '_');
                           return name;
                         });

}  // namespace
}  // namespace rig
