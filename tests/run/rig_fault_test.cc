// Faults of the rig itself (facts/domain.md 8.2, R..) that no other test holds: none may be PASS.
#include "tests/run/case_fixture.h"

namespace rig {
namespace {

using RigFault = CaseTest;

constexpr const char* kRhythm = R"(
scenario: Rhythm
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 100 Hz}
  - capture: {as: train, channels: [current], rate: 1 MHz, for: 500 ms, during: [start]}
  - expect: {in: train, period.mean: 9.9991 ms .. 10.0009 ms}
)";

// R5: what a channel reads while the device has no power is the bench's own.
TEST_F(RigFault, GroundLoopThatShiftsTheBaselineIsAnErrorBeforeAnythingIsEnergised) {
  scene_.facts.capabilities.insert("power");
  scene_.facts.channels = {{.name = "current", .unit = "A"}, {.name = "led", .unit = "logic"}};
  EXPECT_EQ(outcome_of(run(kRhythm)), "PASS");
  EXPECT_EQ(scene_.armed.front().channels, std::vector<std::string>{"current"});
  scene_.log.clear();
  scene_.offset = 0.5e-3;
  scene_.offset_u = 10e-6;
  EXPECT_EQ(
      outcome_of(run(kRhythm)),
      "ERROR: step 0 (boot): channel 'current' reads 500 uA while the device has no power; its "
      "offset is known to 10 uA");
  EXPECT_FALSE(scene_.happened("start"));
  scene_.offset_u = 0.2e-3;
  EXPECT_NE(run(kRhythm).verdict, Verdict::kError) << "an offset that is known to be so large";
}

TEST_F(RigFault, ZeroThatLosesSamplesIsAnError) {
  scene_.facts.capabilities.insert("power");
  scene_.facts.channels = {{.name = "current", .unit = "A"}};
  scene_.loses_at = 1000;
  EXPECT_EQ(outcome_of(run(kRhythm)),
            "ERROR: step 0 (boot): samples were lost while the zero of the channels was measured");
}

// R6: a clock that is 100 ppm off, and known to 50 ppm (standard).
TEST_F(RigFault, TimebaseOffByItsUncertaintyIsInconclusiveAtATighterLimit) {
  EXPECT_EQ(outcome_of(run(kRhythm)), "PASS");
  scene_.rate_u = 50e-6;
  scene_.clock_off = 100e-6;
  EXPECT_EQ(run(kRhythm).verdict, Verdict::kInconclusive);
  scene_.clock_off = 0;
  EXPECT_EQ(run(kRhythm).verdict, Verdict::kInconclusive) << "nor is it believed when it is right";
}

// R7: by its samples alone a digitizer that missed a trigger looks like a device that left a pulse
// out, so it is the device that fails; what it shows never passes.
TEST_F(RigFault, TriggerThatMissesTheFirstPulseNeverPassesItsCount) {
  constexpr const char* kFirst = R"(
scenario: The first pulse
steps:
  - set: {amplitude: 20 mA, width: 300 us, gap: 100 us, rate: 100 Hz}
  - capture:
      as: train
      channels: [current]
      rate: 100 kHz
      for: 100 ms
      segments: {level: 1 mA, pre: 1 ms, length: 5 ms}
      during: [start]
  - expect: {in: train, pulse.count: 10 .. 10}
)";
  EXPECT_EQ(outcome_of(run(kFirst)), "PASS");
  scene_.blind = std::chrono::milliseconds(8);
  const CaseRecord record = run(kFirst);
  EXPECT_EQ(record.verdict, Verdict::kFail) << outcome_of(record);
}

// R12: too few samples in a pulse to tell its width. Refused before anything is energised, and
// should the digitizer have another rate than was asked for, it passes nothing.
TEST_F(RigFault, SampleRateTooLowForThePulsePassesNoWidth) {
  std::string text = kPulseTrain;
  Scenario scenario = load(text);
  std::get<std::shared_ptr<CaptureStep>>(scenario.steps[1].action)->setup.rate = {10'000, 1};
  const Finding width = step_of(run(scenario), "3").findings.at(2);
  EXPECT_EQ(width.quantity, "phase1.width");
  EXPECT_EQ(width.verdict, Verdict::kInconclusive);
  text.replace(text.find("100 kHz"), 7, "10 kHz ");
  EXPECT_THROW(load(text), InputError);
}

}  // namespace
}  // namespace rig
