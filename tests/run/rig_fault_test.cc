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

// R6: a clock that is 100 ppm off, and known to 50 ppm (standard).
TEST_F(RigFault, TimebaseOffByItsUncertaintyIsInconclusiveAtATighterLimit) {
  EXPECT_EQ(outcome_of(run(kRhythm)), "PASS");
  scene_.rate_u = 50e-6;
  scene_.clock_off = 100e-6;
  EXPECT_EQ(run(kRhythm).verdict, Verdict::kInconclusive);
  scene_.clock_off = 0;
  EXPECT_EQ(run(kRhythm).verdict, Verdict::kInconclusive) << "nor is it believed when it is right";
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
