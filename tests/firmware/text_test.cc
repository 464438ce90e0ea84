// The text mode, word for word.
#include "logic/text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "device_fixture.h"

namespace {

class TextTest : public DeviceTest {
 protected:
  std::string say(std::string line) {
    PretendedBoard::text.clear();
    answer_line(device, line.data(), PretendedBoard::print);
    return PretendedBoard::text;
  }
};

TEST_F(TextTest, RunsASessionByHand) {
  boot();
  EXPECT_EQ(say("set amplitude 20 mA"), "ok\n");
  EXPECT_EQ(say("set width 200 us"), "ok\n");
  EXPECT_EQ(say("start"), "ok\n");
  EXPECT_EQ(therapy.state(), State::kRunning);
  EXPECT_EQ(say("stop"), "ok\n");
  EXPECT_EQ(therapy.state(), State::kIdle);
}

TEST_F(TextTest, StatusIsOneLine) {
  boot();
  set(Param::kAmplitude, 20000);
  EXPECT_EQ(say("status"),
            "state=IDLE fault=NONE output=0 amplitude=20000uA current=0uA voltage=0mV "
            "supply=7393mV pulses=0 session=0ms\n");
  therapy.latch(Fault::kOverCurrent);
  EXPECT_EQ(say("status").substr(0, 30), "state=FAULT fault=OVER_CURRENT");
}

TEST_F(TextTest, TellsWhatIsWrong) {
  boot();
  EXPECT_EQ(say("start"), "error: not ready\n");
  EXPECT_EQ(say("clear"), "error: wrong state\n");
  EXPECT_EQ(say("jump"), "error: unknown command\n");
  EXPECT_EQ(say("stop now"), "error: unknown command\n");
  EXPECT_EQ(say("set colour 3 mA"), "error: unknown name\n");
  EXPECT_EQ(say("set amplitude 101 mA"), "error: out of range\n");
  EXPECT_EQ(say("set amplitude 20"), "error: number and unit expected\n");
  EXPECT_EQ(say("set amplitude"), "error: number and unit expected\n");
  EXPECT_EQ(say("set"), "error: unknown name\n");
  therapy.latch(Fault::kLeadOff);
  EXPECT_EQ(say("set amplitude 20 mA"), "error: fault latched\n");
  EXPECT_EQ(device.params.get(Param::kAmplitude), 0);
}

TEST_F(TextTest, IgnoresEmptyLines) {
  EXPECT_EQ(say(""), "");
  EXPECT_EQ(say("   "), "");
}

TEST_F(TextTest, VersionNamesTheBuild) {
  EXPECT_EQ(say("version"), "soleus-e 1.0 protocol 1 build 01234567\n");
}

TEST_F(TextTest, HelpIsOneLineThatFitsTheRing) {
  const std::string help = say("help");
  EXPECT_EQ(help.find('\n'), help.size() - 1);
  EXPECT_LT(help.size(), 200u);
}

TEST_F(TextTest, LongestStatusFitsTheRing) {
  run();
  for (int i = 0; i < 3; ++i) pulse();
  PretendedBoard::outputs = kFlagOutput;
  plan();
  therapy.pulse_done({1023, 1023});
  tick(900);
  therapy.latch(Fault::kOverCurrent);
  inputs.now_ms = 3600000;
  inputs.supply = 1023;
  tick();
  EXPECT_LT(say("status").size() + 20, 200u) << "room for seven-digit counters";
}

TEST_F(TextTest, OnlyKnownCommandsKeepTheConnectionAlive) {
  run();
  tick(900);
  say("keepalive");
  tick(900);
  EXPECT_EQ(therapy.state(), State::kRunning);
  say("noise");
  tick(100);
  EXPECT_EQ(therapy.fault(), Fault::kCommsLoss);
}

TEST_F(TextTest, RefusesALongLine) {
  refuse_long_line(PretendedBoard::print);
  EXPECT_EQ(PretendedBoard::text, "error: line too long\n");
}

std::int32_t quantity(Param param, const char* text) {
  std::int32_t value = -1;
  return parse_quantity(param, text, value) ? value : -1;
}

TEST(ParseQuantity, ReadsEveryUnit) {
  EXPECT_EQ(quantity(Param::kAmplitude, "20 mA"), 20000);
  EXPECT_EQ(quantity(Param::kAmplitude, "20000 uA"), 20000);
  EXPECT_EQ(quantity(Param::kAmplitude, "0.025mA"), 25);
  EXPECT_EQ(quantity(Param::kWidth, "0.3 ms"), 300);
  EXPECT_EQ(quantity(Param::kRate, "33.333 Hz"), 33333);
  EXPECT_EQ(quantity(Param::kSession, "1800 s"), 1800000);
  EXPECT_EQ(quantity(Param::kRampUp, "500 ms"), 500);
  EXPECT_EQ(quantity(Param::kDeadManRequired, "1"), 1);
}

TEST(ParseQuantity, RefusesWhatIsNoQuantityOfThisKind) {
  for (const char* text :
       {"", "mA", "20", "20 ", "20 A", "20 us", "20 mAx", "-20 mA", "+20 mA", ". mA", "20. mA",
        "0.0001 mA", "0.5 uA", "99999999999999999999 mA", "4294987 mA", "2 0 mA"}) {
    EXPECT_EQ(quantity(Param::kAmplitude, text), -1) << text;
  }
  EXPECT_EQ(quantity(Param::kWidth, "1 s"), -1);
  EXPECT_EQ(quantity(Param::kSession, "1 us"), -1);
  EXPECT_EQ(quantity(Param::kDeadManRequired, "1 s"), -1);
  EXPECT_EQ(quantity(Param::kDeadManRequired, "0.5"), -1);
}

}  // namespace
