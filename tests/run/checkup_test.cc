// What `rig doctor` says about a bench, good and bad.
#include "rig/run/checkup.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "rig/core/error.h"
#include "tests/fakes.h"

namespace rig {
namespace {

using State = Check::State;

class DoctorTest : public testing::Test {
 protected:
  DoctorTest() {
    scene_.facts.channels = {{.name = "current", .unit = "A"}, {.name = "voltage", .unit = "V"}};
    scene_.facts.load = Ohms(500);
    scene_.facts.custody.calibrated_until = today_ + std::chrono::days(200);
    scene_.rate_u = 10e-6;
  }
  Check look(const std::string& name, bool energise = false) {
    Bench bench = fake::open_bench(scene_);
    checks_ = check_up(bench, {.energise = energise, .today = today_, .interrupted = [this] {
                                 return interrupted_;
                               }});
    const auto found = std::ranges::find(checks_, name, &Check::name);
    return found == checks_.end() ? Check{.name = "none"} : *found;
  }

  fake::Scene scene_;
  std::chrono::sys_days today_ = std::chrono::year(2026) / 3 / 1;
  bool interrupted_ = false;
  std::vector<Check> checks_;
};

TEST_F(DoctorTest, GoodBenchIsGoodInEverythingThatIsLookedAt) {
  look("device", true);
  for (const Check& check : checks_) {
    EXPECT_EQ(check.state, State::kGood) << check.name << ": " << check.found << check.cure;
    EXPECT_EQ(check.cure, "") << check.name;
    EXPECT_NE(check.found, "") << check.name;
  }
  EXPECT_EQ(look("load", true).found, "500 ohm, the bench says 500 ohm");
  EXPECT_TRUE(scene_.happened("stop"));
}

TEST_F(DoctorTest, NothingIsEnergisedUnlessAskedFor) {
  EXPECT_EQ(look("load and clock").state, State::kAttention);
  EXPECT_FALSE(scene_.happened("start"));
}

TEST_F(DoctorTest, DeviceThatDoesNotAnswerIsBadAndTheChannelsAreLookedAtAllTheSame) {
  scene_.silent_to = {1};
  EXPECT_EQ(look("device", true).state, State::kBad);
  EXPECT_EQ(look("zero of current", true).state, State::kGood);
  EXPECT_FALSE(scene_.happened("start"));
}

TEST_F(DoctorTest, CalibrationThatEndsSoonOrHasEndedIsTold) {
  scene_.facts.custody.calibrated_until = today_ + std::chrono::days(5);
  EXPECT_EQ(look("calibration").state, State::kAttention);
  EXPECT_EQ(look("calibration").found, "good for 5 days");
  scene_.facts.custody.calibrated_until = today_ - std::chrono::days(3);
  EXPECT_EQ(look("calibration").state, State::kBad);
  EXPECT_EQ(look("calibration").found, "ended 3 days ago");
  scene_.facts.custody.calibrated_until = {};
  EXPECT_EQ(look("calibration").state, State::kAttention);
}

TEST_F(DoctorTest, OffsetBeyondWhatIsKnownOfItIsBad) {
  scene_.offset = 2e-3;
  scene_.offset_u = 10e-6;
  const Check zero = look("zero of current");
  EXPECT_EQ(zero.state, State::kBad);
  EXPECT_EQ(zero.found, "2 mA, noise 0 A r.m.s.; its offset is known to 10 uA");
  EXPECT_NE(zero.cure.find("ground loop"), std::string::npos);
}

TEST_F(DoctorTest, DigitizerThatProvesNothingOrEndsEarlyIsTold) {
  scene_.integrity_proven = false;
  EXPECT_EQ(look("digitizer").state, State::kAttention);
  scene_.loses_at = 500;
  EXPECT_EQ(look("digitizer").state, State::kBad);
}

TEST_F(DoctorTest, ClockOfADigitizerThatStreamsIsHeldAgainstTheHosts) {
  EXPECT_EQ(look("clock of the digitizer").name, "none") << "on this bench there is one clock";
  scene_.clock_fit = {.drift = 24e-6, .drift_u = 9e-6, .offset = 210e-6, .blind = 130e-6};
  EXPECT_EQ(look("clock of the digitizer").state, State::kGood);
  EXPECT_EQ(look("clock of the digitizer").found,
            "gains 24 ppm +- 18 ppm on the host's in 10 s; a block is 210 us on its way, at least; "
            "lost data may not show below 130 us");
  scene_.clock_fit->drift = -120e-6;
  EXPECT_EQ(look("clock of the digitizer").state, State::kAttention);
  EXPECT_EQ(look("clock of the digitizer").cure,
            "its data sheet says 10 ppm: hold both clocks against a known one");
}

TEST_F(DoctorTest, LoadOtherThanTheBenchSaysIsBad) {
  scene_.facts.load = Ohms(1000);
  const Check load = look("load", true);
  EXPECT_EQ(load.state, State::kBad);
  EXPECT_NE(load.found.find("a load of 500 ohm, the bench says 1 kohm"), std::string::npos)
      << load.found;
}

TEST_F(DoctorTest, OutputThatTheCurrentDoesNotShowIsBad) {
  scene_.dead_output = true;
  const Check output = look("output", true);
  EXPECT_EQ(output.state, State::kBad);
  EXPECT_EQ(output.found, "0 pulses of 5 mA, expected some 50");
  EXPECT_EQ(output.cure, "look at the wire of the channel current, its factor and its range");
}

TEST_F(DoctorTest, LoadThatTheRangesAreTooWideToTellIsSaidToBeSo) {
  scene_.scale = 3e-3;  // pulses of less than two codes
  const Check load = look("load", true);
  EXPECT_EQ(load.state, State::kAttention);
  EXPECT_NE(load.found.find("the bench says 500 ohm; these pulses tell it to "), std::string::npos)
      << load.found;
  EXPECT_EQ(load.cure, "smaller ranges of the channels current and voltage");
}

TEST_F(DoctorTest, LoadThatIsNotToldSaysWhatIsMissing) {
  scene_.facts.channels.pop_back();
  EXPECT_EQ(look("load", true).found,
            "not told: it needs the channels current and voltage, and the bench has no voltage");
  scene_.facts.channels = {{.name = "current", .unit = "A"}, {.name = "voltage", .unit = "V"}};
  scene_.scale = 2e-6;  // full scale at 4 mA
  EXPECT_EQ(look("load", true).found,
            "not told: no pulse of the output was seen whole and unclipped");
}

TEST_F(DoctorTest, ClockThatIsOffByMoreThanAPerMilleIsBad) {
  scene_.clock_off = 2e-3;
  EXPECT_EQ(look("clock", true).state, State::kBad);
}

TEST_F(DoctorTest, BenchThatCannotEndTheOutputItselfIsTold) {
  scene_.facts.capabilities.erase("load.open");
  EXPECT_EQ(look("ends of the output").state, State::kAttention);
  EXPECT_EQ(look("ends of the output").found, "the device's own stop alone");
}

TEST_F(DoctorTest, OutputThatDoesNotStopIsBad) {
  scene_.deaf_to_stop = true;
  EXPECT_EQ(look("output", true).state, State::kBad);
}

TEST_F(DoctorTest, DigitizerThatFailsWhilePulsesFlowLeavesTheOutputOff) {
  scene_.before = [this](const std::string& what) {
    if (what == "collect" && scene_.happened("start") && !scene_.happened("stop"))
      throw RigError("usb: gone");
  };
  EXPECT_EQ(look("output", true).state, State::kBad);
  EXPECT_TRUE(scene_.happened("stop"));
}

TEST_F(DoctorTest, CtrlCEndsItWithTheOutputOff) {
  interrupted_ = true;
  EXPECT_THROW(look("device", true), Interrupted);
  EXPECT_TRUE(scene_.happened("stop"));
}

}  // namespace
}  // namespace rig
