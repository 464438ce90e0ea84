// Instruments that take their time, next to a device that does not bear a silent host.
#include "tests/run/case_fixture.h"

namespace rig {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Picos kBearsSilence = seconds(1);
constexpr Picos kSlow = milliseconds(2400);

// Whoever cuts off shows no pulses in the second capture.
constexpr const char* kTwoCaptures = R"(
scenario: Looked at twice
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 100 Hz}
  - capture: {as: first, channels: [current], rate: 100 kHz, for: 100 ms, during: [start]}
  - capture: {as: second, channels: [current], rate: 100 kHz, for: 100 ms}
  - expect: {in: second, pulse.count: 9 .. 11}
  - expect: {status.fault: NONE}
)";
constexpr const char* kSilentHost = R"(
scenario: A host that falls silent
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 100 Hz}
  - start
  - heartbeat: off
  - capture: {as: quiet, channels: [current], rate: 100 kHz, for: 100 ms}
  - expect: {in: quiet, pulse.count: == 0}
  - expect: {status.fault: COMMS_LOSS}
)";

class SlowInstruments : public CaseTest {
 protected:
  SlowInstruments() {
    scene_.bears_silence = kBearsSilence;
    scene_.before = [this](const std::string& what) {
      if (what == "keepalive") signs_.push_back(scene_.now);
    };
  }
  auto starts() const { return std::ranges::count(scene_.log, "start"); }

  std::vector<Picos> signs_;
};

TEST_F(SlowInstruments, DeviceHearsItsHostWhileADigitizerIsArmed) {
  scene_.takes = {{"arm first", kSlow}, {"arm second", kSlow}};
  EXPECT_EQ(outcome_of(run(kTwoCaptures)), "PASS");
  ASSERT_GE(signs_.size(), 5u);
  for (std::size_t k = 1; k < signs_.size(); ++k) {
    EXPECT_LE(signs_[k] - signs_[k - 1], milliseconds(450)) << "every 400 ms";
    EXPECT_GE(signs_[k] - signs_[k - 1], milliseconds(400)) << "and not more often";
  }
  const auto first = std::ranges::find(scene_.log, "keepalive");
  EXPECT_NE(std::find(scene_.log.begin(), first, "start"), first) << "before, it may be silent";
}

TEST_F(SlowInstruments, DeviceHearsItsHostDuringALongDownload) {
  scene_.takes = {{"download", kSlow}};
  EXPECT_EQ(outcome_of(run(kTwoCaptures)), "PASS");
}

TEST_F(SlowInstruments, DeviceHearsItsHostWhileAnOperatorChangesTheLoad) {
  scene_.takes = {{"load 1 kohm", kSlow}};
  EXPECT_EQ(outcome_of(run(R"(
scenario: Another load
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 100 Hz}
  - start
  - load: 1 kohm
  - capture: {as: after, channels: [current], rate: 100 kHz, for: 100 ms}
  - expect: {in: after, pulse.count: 9 .. 11}
  - expect: {status.fault: NONE}
)")),
            "PASS");
}

TEST_F(SlowInstruments, ChangeOfTheLoadWithinACaptureDoesNotSilenceTheHostEither) {
  scene_.takes = {{"load 1 kohm", kSlow}};
  EXPECT_EQ(outcome_of(run(R"(
scenario: Another load within
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 100 Hz}
  - capture:
      as: whole
      channels: [current]
      rate: 100 kHz
      for: 4 s
      during: [start, {at: 300 ms, do: {load: 1 kohm}, as: changed}]
  - expect: {in: whole, after: 3.8 s, pulse.count: 19 .. 21}
  - expect: {status.fault: NONE}
)")),
            "PASS");
}

TEST_F(SlowInstruments, HostThatIsToBeSilentIsSilentWhateverTakesLong) {
  scene_.takes = {{"arm quiet", kSlow}, {"download", kSlow}};
  EXPECT_EQ(outcome_of(run(kSilentHost)), "PASS");
  EXPECT_EQ(signs_.size(), 0u);
}

TEST_F(SlowInstruments, SignalStopsTheDeviceAtOnceHoweverLongADownloadTakes) {
  scene_.takes = {{"download", kSlow}};
  Picos caught{};
  Picos stopped{};
  scene_.before = [&](const std::string& what) {
    if (what == "keepalive") {
      caught = interrupted_ ? caught : scene_.now;
      interrupted_ = true;
    } else if (what == "stop" && stopped == Picos(0)) {
      stopped = scene_.now;
    }
  };
  EXPECT_EQ(outcome_of(run(kTwoCaptures)), "ERROR: step 2 (capture): interrupted");
  EXPECT_GT(caught, Picos(0));
  EXPECT_LE(stopped - caught, milliseconds(50));
  EXPECT_FALSE(recorder_.outputs.back());
  expect_safe();
}

TEST_F(SlowInstruments, SignalStopsADeviceThatDoesNotAnswerItsStopAsAnError) {
  scene_.takes = {{"download", kSlow}};
  scene_.silent_to = {6};
  scene_.before = [&](const std::string& what) { interrupted_ |= what == "keepalive"; };
  const CaseRecord record = run(kTwoCaptures);
  EXPECT_EQ(step_of(record, "2").error, "interrupted");
  EXPECT_EQ(step_of(record, "2").verdict, Verdict::kError);
}

TEST_F(SlowInstruments, LinkThatBreaksMeanwhileIsToldOnceTheDigitizerIsArmed) {
  scene_.takes = {{"arm second", kSlow}};
  scene_.before = [](const std::string& what) {
    if (what == "keepalive") throw RigError("/dev/ttyUSB0: write: No such device");
  };
  EXPECT_EQ(outcome_of(run(kTwoCaptures)),
            "ERROR: step 3 (capture): /dev/ttyUSB0: write: No such device");
  const auto armed = [&](const CaptureSetup& setup) { return setup.name == "second"; };
  EXPECT_TRUE(std::ranges::any_of(scene_.armed, armed)) << "arming was not torn apart";
  expect_safe();
}

TEST_F(SlowInstruments, DigitizerThatIsSlowToArmIsArmedBeforeTheStopThatItIsToSee) {
  scene_.takes = {{"arm first", kSlow}, {"arm second", kSlow}, {"arm safe_state", kSlow}};
  const CaseRecord record = run(kTwoCaptures);
  EXPECT_EQ(outcome_of(record), "PASS");
  const std::vector<std::string> last(scene_.log.end() - 3, scene_.log.end());
  EXPECT_EQ(last, (std::vector<std::string>{"keepalive", "stop", "load open"}));
  const Finding time = step_of(record, "end").findings.at(1);
  EXPECT_EQ(time.verdict, Verdict::kPass) << "seen, and not guessed";
}

TEST_F(SlowInstruments, SlowDigitizerSeesADeviceThatIsDeafToTheStop) {
  scene_.takes = {{"arm first", kSlow}, {"arm second", kSlow}, {"arm safe_state", kSlow}};
  scene_.deaf_to_stop = true;
  const std::string outcome = outcome_of(run(kTwoCaptures));
  EXPECT_TRUE(
      outcome.starts_with("FAIL: step end (safe_state): safe_state.current: expected <= 2 mA, "
                          "found 20 mA +- "))
      << outcome;
  EXPECT_EQ(scene_.log.back(), "load open");
}

TEST_F(SlowInstruments, CaseWithoutACaptureIsStoppedUnderTheEyesOfASlowDigitizerToo) {
  scene_.takes = {{"arm safe_state", kSlow}};
  EXPECT_EQ(outcome_of(run(R"(
scenario: Starts
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 100 Hz}
  - start
  - expect: {status.fault: NONE}
)")),
            "PASS");
}

TEST_F(SlowInstruments, DeviceThatFailedIsStoppedAtOnce) {
  scene_.takes = {{"arm first", kSlow}, {"arm second", kSlow}, {"arm safe_state", kSlow}};
  scene_.dead_output = true;
  EXPECT_EQ(run(kTwoCaptures).verdict, Verdict::kFail);
  const std::vector<std::string> last(scene_.log.end() - 3, scene_.log.end());
  EXPECT_EQ(last, (std::vector<std::string>{"stop", "arm safe_state", "load open"}));
}

// A vibrator; the one that failed is stopped before the digitizer looks.
class SlowToSeeAVibrator : public SlowInstruments {
 protected:
  SlowToSeeAVibrator() {
    scene_.facts.channels = {{.name = "acceleration", .unit = "m/s2"}};
    scene_.takes = {{"arm safe_state", kSlow}};
  }
  Finding time_of(const char* fault) {
    const CaseRecord record = run(std::string(R"(
scenario: Vibrates
steps:
  - start
  - expect: {status.fault: )") + fault +
                                  "}\n");
    return step_of(record, "end").findings.at(1);
  }
};

TEST_F(SlowToSeeAVibrator, ItsStopIsSeenAtTheEndOfACaseThatIsWell) {
  const Finding time = time_of("NONE");
  EXPECT_EQ(time.verdict, Verdict::kPass) << time.reason;
  EXPECT_LT(time.measured->value, 0.2);
  EXPECT_FALSE(time.found.starts_with("at most ")) << time.found;
}

TEST_F(SlowToSeeAVibrator, StopThatNobodySawIsNoStopThatCameTooLate) {
  const Finding time = time_of("LEAD_OFF");
  EXPECT_EQ(time.verdict, Verdict::kInconclusive);
  EXPECT_EQ(time.reason, "nothing moved any more when the digitizer began to look");
  EXPECT_TRUE(time.found.starts_with("at most ")) << time.found;
}

TEST_F(SlowInstruments, SlowDigitizerThatCannotBeArmedDoesNotKeepTheDeviceFromItsStop) {
  scene_.takes = {{"arm first", kSlow}, {"arm second", kSlow}, {"arm safe_state", kSlow}};
  scene_.before = [](const std::string& what) {
    if (what == "arm safe_state") throw RigError("tcp scope.lan: connection closed");
  };
  EXPECT_EQ(outcome_of(run(kTwoCaptures)),
            "ERROR: step end (safe_state): tcp scope.lan: connection closed");
  expect_safe();
}

}  // namespace
}  // namespace rig
