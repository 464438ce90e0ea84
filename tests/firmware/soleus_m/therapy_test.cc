// What may start, what goes on, what ends it.
#include "logic/therapy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "logic/device.h"
#include "logic/limits.h"
#include "logic/packets.h"

namespace {

struct PretendedBoard {
  static bool store(const std::uint8_t* /*image*/) { return true; }
  static std::uint8_t output_flags() { return kFlagOutput; }
  static std::uint8_t self_test() { return 0; }
  static std::uint16_t stack_free() { return 1000; }
};

class VibratorTest : public testing::Test {
 protected:
  VibratorTest() {
    std::uint8_t blank[kImageSize];
    std::fill_n(blank, kImageSize, std::uint8_t{0xFF});
    device.boot(kPowerOnReset, 0, blank);
    tick();
  }

  void tick(std::uint32_t ms = 0) {
    inputs.now_ms += ms;
    therapy.tick(inputs);
  }
  void set(Param param, std::int32_t value) {
    ASSERT_EQ(device.set(static_cast<std::uint8_t>(param), value), Status::kOk);
  }
  void start() {
    set(Param::kAcceleration, 9806650);  // 0.1 g
    ASSERT_EQ(therapy.start(), Status::kOk);
  }
  // Cycles of 20 ms in which the platform gives what it is asked for, times `gain`.
  void run(int cycles, double gain = 1) {
    for (int k = 0; k < cycles; ++k) {
      therapy.heard();
      tick(20);
      const auto a = static_cast<std::uint32_t>(platform_gain * gain * therapy.drive());
      therapy.cycle_done({.acceleration = a, .peak = a, .current_ma = 300});
    }
  }
  std::uint32_t acceleration() const { return therapy.motion().acceleration; }

  double platform_gain = 4;
  const Platform platform{PretendedBoard::store, PretendedBoard::output_flags,
                          PretendedBoard::self_test, PretendedBoard::stack_free, "01234567"};
  Device device{platform};
  Therapy& therapy = device.therapy;
  Inputs inputs{.now_ms = 0,
                .supply = 757,
                .stop_pressed = false,
                .dead_man_held = false,
                .foot_present = true};
};

TEST_F(VibratorTest, StartsSoftlyAndHoldsTheLevel) {
  start();
  EXPECT_EQ(therapy.drive(), 0) << "the first cycle moves nothing";
  EXPECT_EQ(therapy.state(), State::kRampUp);
  run(25);
  EXPECT_NEAR(acceleration(), 4903, 980) << "half of the ramp";
  run(75);
  EXPECT_EQ(therapy.state(), State::kRunning);
  EXPECT_NEAR(acceleration(), 9807, 100);
}

TEST_F(VibratorTest, StopsSoftlyAndTheSecondStopAtOnce) {
  start();
  run(100);
  therapy.stop();
  EXPECT_EQ(therapy.state(), State::kRampDown);
  run(8);
  EXPECT_NEAR(acceleration(), 4903, 1230);
  run(10);
  EXPECT_EQ(therapy.state(), State::kIdle);
  EXPECT_EQ(therapy.fault(), Fault::kNone);
  start();
  run(100);
  therapy.stop();
  therapy.stop();
  EXPECT_EQ(therapy.state(), State::kIdle);
}

TEST_F(VibratorTest, StopsAtOnceByItsButton) {
  start();
  run(10);
  inputs.stop_pressed = true;
  tick(4);
  EXPECT_EQ(therapy.state(), State::kIdle);
  EXPECT_EQ(therapy.start(), Status::kNotReady) << "while it is pressed";
}

TEST_F(VibratorTest, DoesNotStartWithoutLevelFootOrDeadMan) {
  EXPECT_EQ(therapy.start(), Status::kNotReady) << "no acceleration set";
  set(Param::kAcceleration, 9806650);
  inputs.foot_present = false;
  tick();
  EXPECT_EQ(therapy.start(), Status::kNotReady);
  set(Param::kFootRequired, 0);
  EXPECT_EQ(therapy.start(), Status::kOk);
  therapy.halt();
  set(Param::kDeadManRequired, 1);
  EXPECT_EQ(therapy.start(), Status::kNotReady);
}

TEST_F(VibratorTest, EndsASessionWithItsRamp) {
  set(Param::kSession, 3000);
  start();
  run(149);
  EXPECT_EQ(therapy.state(), State::kRunning);
  run(2);
  EXPECT_EQ(therapy.state(), State::kRampDown);
  run(17);
  EXPECT_EQ(therapy.state(), State::kIdle);
}

TEST_F(VibratorTest, FollowsANewLevelInARamp) {
  start();
  run(100);
  set(Param::kAcceleration, 19613300);
  EXPECT_EQ(therapy.state(), State::kRampUp);
  run(25);
  EXPECT_NEAR(acceleration(), 9807 * 1.5, 980);
  run(50);
  EXPECT_NEAR(acceleration(), 19613, 200);
  EXPECT_EQ(device.set(static_cast<std::uint8_t>(Param::kFrequency), 30000), Status::kWrongState);
}

struct Ending {
  const char* name;
  void (*happens)(Inputs&);
  Fault fault;
};

TEST_F(VibratorTest, LatchesAFaultAndForgetsTheLevel) {
  const Ending endings[] = {
      {"foot", [](Inputs& in) { in.foot_present = false; }, Fault::kFootLifted},
      {"dead man", [](Inputs& in) { in.dead_man_held = false; }, Fault::kDeadMan},
  };
  for (const Ending& ending : endings) {
    inputs.foot_present = true;
    inputs.dead_man_held = true;
    tick();
    set(Param::kDeadManRequired, 1);
    start();
    run(20);
    ending.happens(inputs);
    tick(4);
    EXPECT_EQ(therapy.fault(), ending.fault) << ending.name;
    EXPECT_FALSE(therapy.active());
    EXPECT_EQ(device.params.get(Param::kAcceleration), 0);
    EXPECT_EQ(device.set(1, 9806650), Status::kFaultLatched);
    EXPECT_EQ(device.clear(), Status::kFaultLatched) << "while the cause lasts";
    inputs.foot_present = true;
    inputs.dead_man_held = true;
    tick(4);
    EXPECT_EQ(therapy.state(), State::kFault) << "it does not clear by itself";
    EXPECT_EQ(device.clear(), Status::kOk);
  }
}

TEST_F(VibratorTest, EndsWhenTheOtherSideIsSilent) {
  start();
  run(60);
  therapy.heard();
  for (int k = 0; k < 249; ++k) tick(4);
  EXPECT_EQ(therapy.state(), State::kRunning);
  tick(4);
  EXPECT_EQ(therapy.fault(), Fault::kCommsLoss);
}

TEST_F(VibratorTest, LatchesAStallWhenNothingMoves) {
  start();
  run(100);
  run(40, 0.01);
  EXPECT_EQ(therapy.fault(), Fault::kStall);
}

TEST_F(VibratorTest, LatchesAStallWhenTheDriveIsFullForLong) {
  platform_gain = 0.2;  // 5760 at the most
  start();
  run(80);
  EXPECT_EQ(therapy.state(), State::kRunning);
  run(100);
  EXPECT_EQ(therapy.fault(), Fault::kStall);
}

TEST_F(VibratorTest, DoesNotTrustAClippedAccelerometer) {
  start();
  run(100);
  therapy.cycle_done({.acceleration = 9800, .peak = 8000, .current_ma = 300});
  EXPECT_EQ(therapy.fault(), Fault::kAccelerometer);
}

TEST_F(VibratorTest, KnowsThatALiftedFootShakesThePlatform) {
  for (const std::uint32_t later : {196u, 200u}) {
    inputs.foot_present = true;
    tick();
    start();
    run(10);
    therapy.latch(Fault::kOverAcceleration);
    inputs.foot_present = false;
    tick(later);
    EXPECT_EQ(therapy.fault(), later < 200 ? Fault::kFootLifted : Fault::kOverAcceleration);
    inputs.foot_present = true;
    tick(4);
    ASSERT_EQ(device.clear(), Status::kOk);
  }
}

TEST_F(VibratorTest, KeepsTheFirstFault) {
  start();
  therapy.latch(Fault::kOverCurrent);
  therapy.latch(Fault::kStall);
  EXPECT_EQ(therapy.fault(), Fault::kOverCurrent);
}

TEST(FootSensor, KnowsAFootFromOneForceOnAndUntilAnother) {
  FootSensor foot;
  EXPECT_FALSE(foot.update(kFootOn - 1));
  EXPECT_TRUE(foot.update(kFootOn));
  EXPECT_TRUE(foot.update(kFootOff));
  EXPECT_FALSE(foot.update(kFootOff - 1));
  EXPECT_FALSE(foot.update(kFootOn - 1));
}

}  // namespace
