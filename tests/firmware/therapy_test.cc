// The state machine: what may start, what goes on, and everything that ends it.
#include "logic/therapy.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "device_fixture.h"

namespace {

using TherapyTest = DeviceTest;

TEST_F(TherapyTest, IsIdleWithZeroAmplitudeAfterBoot) {
  EXPECT_EQ(therapy.state(), State::kSelfTest);
  EXPECT_EQ(therapy.start(), Status::kWrongState);
  boot();
  EXPECT_EQ(therapy.state(), State::kIdle);
  EXPECT_EQ(device.params.get(Param::kAmplitude), 0);
  PulsePlan none{};
  EXPECT_FALSE(therapy.plan(none));
}

TEST_F(TherapyTest, StartsFromOneMilliampUpwards) {
  boot();
  set(Param::kAmplitude, 999);
  EXPECT_EQ(therapy.start(), Status::kNotReady);
  set(Param::kAmplitude, 1000);
  EXPECT_EQ(therapy.start(), Status::kOk);
  EXPECT_EQ(therapy.start(), Status::kWrongState) << "it runs already";
}

TEST_F(TherapyTest, DoesNotStartWithTheStopButtonPressed) {
  boot();
  set(Param::kAmplitude, 20000);
  inputs.stop_pressed = true;
  tick(4);
  EXPECT_EQ(therapy.start(), Status::kNotReady);
}

TEST_F(TherapyTest, NeedsTheDeadManWhenRequired) {
  boot();
  set(Param::kAmplitude, 20000);
  set(Param::kDeadManRequired, 1);
  EXPECT_EQ(therapy.start(), Status::kNotReady);
  inputs.dead_man_held = true;
  tick(4);
  EXPECT_EQ(therapy.start(), Status::kOk);
}

TEST_F(TherapyTest, DoesNotStartWhenTheRampsDoNotFitTheOnTime) {
  boot();
  set(Param::kAmplitude, 20000);
  set(Param::kOnTime, 1000);
  set(Param::kRampUp, 600);
  set(Param::kRampDown, 401);
  EXPECT_EQ(therapy.start(), Status::kNotReady);
  set(Param::kRampDown, 400);
  EXPECT_EQ(therapy.start(), Status::kOk);
}

TEST_F(TherapyTest, PlansThePulseThatIsSet) {
  run();
  const PulsePlan next = plan();
  EXPECT_EQ(next.width_ticks, 600);
  EXPECT_EQ(next.gap_ticks, 200);
  EXPECT_EQ(next.dac_code, 800);
  EXPECT_EQ(next.period_ticks, 57142u);
  EXPECT_EQ(next.trip_above, over_current_counts(20000));
  EXPECT_EQ(next.trip_below, lead_off_counts(20000));
}

TEST_F(TherapyTest, NeverLetsTheGatesTouch) {
  run();
  set(Param::kGap, 0);
  EXPECT_EQ(plan().gap_ticks, kDeadTicks);
}

TEST_F(TherapyTest, TakesChangesWithTheNextPulse) {
  run();
  pulse();
  set(Param::kWidth, 200);
  set(Param::kAmplitude, 10000);
  set(Param::kRate, 50000);
  const PulsePlan next = pulse();
  EXPECT_EQ(next.width_ticks, 400);
  EXPECT_EQ(next.dac_code, 400);
  EXPECT_EQ(next.period_ticks, 40000u);
}

TEST_F(TherapyTest, RampsUpPulseByPulse) {
  boot();
  set(Param::kAmplitude, 20000);
  set(Param::kRate, 40000);
  set(Param::kRampUp, 100);
  ASSERT_EQ(therapy.start(), Status::kOk);
  EXPECT_EQ(therapy.state(), State::kRampUp);
  for (const int code : {200, 400, 600}) {
    EXPECT_EQ(pulse().dac_code, code);
    EXPECT_EQ(therapy.state(), State::kRampUp);
  }
  EXPECT_EQ(pulse().dac_code, 800);
  EXPECT_EQ(therapy.state(), State::kRunning);
}

class CyclingTest : public DeviceTest {
 protected:
  CyclingTest() {
    boot();
    set(Param::kAmplitude, 20000);
    set(Param::kRate, 10000);
    set(Param::kOnTime, 600);
    set(Param::kOffTime, 500);
    set(Param::kRampUp, 200);
    set(Param::kRampDown, 200);
    set(Param::kCommsTimeout, 10000);
    EXPECT_EQ(therapy.start(), Status::kOk);
  }
};

TEST_F(CyclingTest, PutsOutWholeBurstsWithRestsBetween) {
  for (int burst = 0; burst < 3; ++burst) {
    std::vector<int> codes;
    for (int k = 0; k < 6; ++k) {
      const PulsePlan next = pulse();
      codes.push_back(next.dac_code);
      EXPECT_EQ(next.period_ticks, k == 5 ? 200000 + 500 * kTicksPerMs : 200000u);
    }
    EXPECT_EQ(codes, (std::vector{400, 800, 800, 800, 800, 400}));
    EXPECT_EQ(therapy.state(), State::kResting);
  }
  EXPECT_EQ(therapy.pulses(), 18u);
}

TEST_F(CyclingTest, EndsAtOnceWhenTheSessionEndsInARest) {
  set(Param::kSession, 1000);
  for (int k = 0; k < 6; ++k) pulse();
  tick(1000);
  EXPECT_EQ(therapy.state(), State::kIdle);
}

TEST_F(CyclingTest, EndsWithTheRampThatRunsAnyway) {
  set(Param::kSession, 1000);
  for (int k = 0; k < 5; ++k) pulse();
  ASSERT_EQ(therapy.state(), State::kRampDown);
  tick(1000);
  EXPECT_EQ(pulse().dac_code, 400);
  EXPECT_EQ(therapy.state(), State::kIdle);
}

TEST_F(CyclingTest, RestsNoTimeWhenOffTimeIsZero) {
  set(Param::kOffTime, 0);
  for (int k = 0; k < 6; ++k) pulse();
  EXPECT_EQ(therapy.state(), State::kRampDown);
  EXPECT_EQ(pulse().dac_code, 400);
  EXPECT_EQ(therapy.state(), State::kRampUp);
}

class SessionTest : public DeviceTest {
 protected:
  SessionTest() {
    boot();
    set(Param::kAmplitude, 20000);
    set(Param::kRate, 10000);
    set(Param::kSession, 5000);
    set(Param::kCommsTimeout, 10000);
  }
};

TEST_F(SessionTest, EndsAtItsTimeAndNotBefore) {
  ASSERT_EQ(therapy.start(), Status::kOk);
  tick(4999);
  EXPECT_EQ(therapy.state(), State::kRunning);
  tick(1);
  EXPECT_EQ(therapy.state(), State::kIdle);
  EXPECT_EQ(therapy.fault(), Fault::kNone);
  EXPECT_EQ(therapy.session_ms(), 5000u);
  EXPECT_EQ(device.params.get(Param::kAmplitude), 20000) << "kept until the next reset";
}

TEST_F(SessionTest, EndsWithTheRampDown) {
  set(Param::kRampDown, 400);
  ASSERT_EQ(therapy.start(), Status::kOk);
  pulse();
  tick(5000);
  EXPECT_EQ(therapy.state(), State::kRampDown);
  for (const int code : {800, 600, 400, 200}) {
    EXPECT_EQ(therapy.state(), State::kRampDown);
    EXPECT_EQ(pulse().dac_code, code);
  }
  EXPECT_EQ(therapy.state(), State::kIdle);
}

TEST_F(SessionTest, RampDownNeverRisesAgain) {
  set(Param::kRampUp, 1000);
  set(Param::kRampDown, 400);
  ASSERT_EQ(therapy.start(), Status::kOk);
  pulse();
  EXPECT_EQ(pulse().dac_code, 160);
  tick(5000);
  set(Param::kAmplitude, 100000);
  for (const int code : {160, 120, 80, 40}) EXPECT_EQ(pulse().dac_code, code);
  EXPECT_EQ(therapy.state(), State::kIdle);
}

TEST_F(SessionTest, EndsEvenWhenTheLastPulseWasLeftOut) {
  set(Param::kRampDown, 200);
  ASSERT_EQ(therapy.start(), Status::kOk);
  pulse();
  tick(5000);
  plan();
  plan();  // neither came out
  PulsePlan none{};
  EXPECT_FALSE(therapy.plan(none));
  EXPECT_EQ(therapy.state(), State::kIdle);
}

TEST_F(SessionTest, HasNoLimitAtZero) {
  set(Param::kSession, 0);
  ASSERT_EQ(therapy.start(), Status::kOk);
  for (int i = 0; i < 1000; ++i) {
    therapy.heard();
    tick(9000);
  }
  EXPECT_EQ(therapy.state(), State::kRunning);
}

TEST_F(SessionTest, CountsAcrossTheWrapOfTheClock) {
  inputs.now_ms = UINT32_MAX - 2000;
  tick();
  ASSERT_EQ(therapy.start(), Status::kOk);
  tick(4999);
  EXPECT_EQ(therapy.state(), State::kRunning);
  EXPECT_EQ(therapy.session_ms(), 4999u);
  tick(1);
  EXPECT_EQ(therapy.state(), State::kIdle);
}

// Brings the therapy into each of its active states and stops it there.
class StopTest : public DeviceTest, public testing::WithParamInterface<State> {
 protected:
  void reach(State wanted) {
    boot();
    set(Param::kAmplitude, 20000);
    set(Param::kRate, 10000);
    set(Param::kRampUp, 200);
    set(Param::kRampDown, 200);
    set(Param::kOnTime, 600);
    set(Param::kOffTime, 500);
    ASSERT_EQ(therapy.start(), Status::kOk);
    for (int k = 0; k < 10 && therapy.state() != wanted; ++k) pulse();
    ASSERT_EQ(therapy.state(), wanted);
  }
  void expect_stopped() {
    EXPECT_EQ(therapy.state(), State::kIdle);
    EXPECT_EQ(therapy.fault(), Fault::kNone);
    PulsePlan none{};
    EXPECT_FALSE(therapy.plan(none));
    therapy.pulse_done({100, 100});  // the pulse that was running
    EXPECT_EQ(therapy.state(), State::kIdle);
  }
};

TEST_P(StopTest, CommandEndsIt) {
  reach(GetParam());
  therapy.stop();
  expect_stopped();
}

TEST_P(StopTest, ButtonEndsIt) {
  reach(GetParam());
  inputs.stop_pressed = true;
  tick(4);
  expect_stopped();
  inputs.stop_pressed = false;
  tick(4);
  expect_stopped();
}

TEST_P(StopTest, EveryFaultEndsItAndTakesTheAmplitudeBack) {
  for (int fault = 1; fault <= 8; ++fault) {
    reach(GetParam());
    therapy.latch(static_cast<Fault>(fault));
    EXPECT_EQ(therapy.state(), State::kFault);
    EXPECT_EQ(device.params.get(Param::kAmplitude), 0);
    PulsePlan none{};
    EXPECT_FALSE(therapy.plan(none));
    EXPECT_EQ(therapy.start(), Status::kFaultLatched);
    tick(60000);
    EXPECT_EQ(therapy.fault(), static_cast<Fault>(fault)) << "no fault goes by itself";
    ASSERT_EQ(therapy.clear(), Status::kOk);
    EXPECT_EQ(therapy.start(), Status::kNotReady) << "the amplitude has to be set again";
  }
}

INSTANTIATE_TEST_SUITE_P(Active, StopTest,
                         testing::Values(State::kRampUp, State::kRunning, State::kResting,
                                         State::kRampDown));

TEST_F(TherapyTest, StopInIdleAndFaultChangesNothing) {
  boot();
  therapy.stop();
  EXPECT_EQ(therapy.state(), State::kIdle);
  therapy.latch(Fault::kLeadOff);
  therapy.stop();
  EXPECT_EQ(therapy.state(), State::kFault);
}

TEST_F(TherapyTest, OneBadPulseIsLeadOff) {
  run();
  const PulsePlan next = plan();
  therapy.pulse_done({next.trip_below, 100});
  EXPECT_EQ(therapy.state(), State::kRunning);
  plan();
  therapy.pulse_done({static_cast<std::uint16_t>(next.trip_below - 1), 100});
  EXPECT_EQ(therapy.state(), State::kFault);
  EXPECT_EQ(therapy.fault(), Fault::kLeadOff);
}

TEST_F(TherapyTest, LeadOffIsHeldAgainstThePulseOfTheRampNotAgainstTheSetting) {
  boot();
  set(Param::kAmplitude, 20000);
  set(Param::kRate, 40000);
  set(Param::kRampUp, 200);
  ASSERT_EQ(therapy.start(), Status::kOk);
  EXPECT_EQ(plan().trip_below, 0) << "2.5 mA: below the amplitude that is watched";
  therapy.pulse_done({0, 0});
  EXPECT_EQ(therapy.state(), State::kRampUp);
  EXPECT_EQ(plan().trip_below, lead_off_counts(5000));
}

TEST_F(TherapyTest, AFaultAfterAFaultDoesNotHideTheFirst) {
  run();
  therapy.latch(Fault::kOverCurrent);
  therapy.latch(Fault::kBrownOut);
  EXPECT_EQ(therapy.fault(), Fault::kOverCurrent);
}

TEST_F(TherapyTest, BrownOutIsClearedOnlyWithTheSupplyBack) {
  run();
  inputs.supply = kSupplyMinimum - 1;
  tick(4);
  therapy.latch(Fault::kBrownOut);
  EXPECT_EQ(therapy.clear(), Status::kFaultLatched);
  inputs.supply = kSupplyMinimum;
  tick(4);
  EXPECT_EQ(therapy.state(), State::kFault);
  EXPECT_EQ(therapy.clear(), Status::kOk);
}

TEST_F(TherapyTest, ReleasedDeadManEndsItWhenRequired) {
  run();
  tick(4);
  EXPECT_EQ(therapy.state(), State::kRunning) << "not required, not held";
  therapy.stop();
  set(Param::kDeadManRequired, 1);
  inputs.dead_man_held = true;
  tick(4);
  EXPECT_EQ(therapy.state(), State::kIdle);
  ASSERT_EQ(therapy.start(), Status::kOk);
  inputs.dead_man_held = false;
  tick(4);
  EXPECT_EQ(therapy.fault(), Fault::kDeadMan);
  EXPECT_EQ(therapy.clear(), Status::kFaultLatched);
  inputs.dead_man_held = true;
  tick(4);
  EXPECT_EQ(therapy.state(), State::kFault) << "holding again does not resume";
  EXPECT_EQ(therapy.clear(), Status::kOk);
}

TEST_F(TherapyTest, SilenceForTheTimeoutIsCommsLoss) {
  run();
  tick(999);
  EXPECT_EQ(therapy.state(), State::kRunning);
  therapy.heard();
  tick(999);
  EXPECT_EQ(therapy.state(), State::kRunning);
  tick(1);
  EXPECT_EQ(therapy.fault(), Fault::kCommsLoss);
}

TEST_F(TherapyTest, CommsLossIsSeenAcrossTheWrapOfTheClock) {
  inputs.now_ms = UINT32_MAX - 500;
  run();
  tick(999);
  EXPECT_EQ(therapy.state(), State::kRunning);
  tick(1);
  EXPECT_EQ(therapy.fault(), Fault::kCommsLoss);
}

TEST_F(TherapyTest, SilenceInIdleIsNoFault) {
  boot();
  tick(100000);
  EXPECT_EQ(therapy.state(), State::kIdle);
}

}  // namespace
