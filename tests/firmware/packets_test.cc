// The packet interface, from request bytes to reply bytes.
#include "logic/packets.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "device_fixture.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

enum : std::uint8_t {
  kHello = 1,
  kStatus,
  kSet,
  kGet,
  kStart,
  kStop,
  kClear,
  kAlive,
  kSave,
  kDiag
};

class PacketsTest : public DeviceTest {
 protected:
  // The reply without frame, stuffing and CRC.
  Bytes ask(const Bytes& packet) {
    std::array<std::uint8_t, kMaxFrame> frame{};
    const std::uint8_t size =
        packets.answer(packet.data(), static_cast<std::uint8_t>(packet.size()), frame.data());
    EXPECT_LE(size, kMaxFrame);
    EXPECT_EQ(frame.front(), 0);
    EXPECT_EQ(frame.at(size - 1u), 0);
    Bytes reply(frame.begin() + 1, frame.begin() + size - 1);
    reply.resize(cobs_decode(reply.data(), static_cast<std::uint8_t>(reply.size())));
    EXPECT_GE(reply.size(), 5u);
    const auto length = static_cast<std::uint8_t>(reply.size() - 2);
    EXPECT_EQ(crc16(reply.data(), length), reply[length] << 8 | reply[length + 1]);
    reply.resize(length);
    return reply;
  }

  Status status_of(const Bytes& packet) {
    const Bytes reply = ask(packet);
    EXPECT_EQ(reply[0], packet[0]) << "same sequence number";
    EXPECT_EQ(reply[1], packet[1] | 0x80);
    return static_cast<Status>(reply[2]);
  }

  static Bytes set_packet(std::uint8_t seq, Param param, std::int32_t value) {
    const auto v = static_cast<std::uint32_t>(value);
    return {seq,
            kSet,
            static_cast<std::uint8_t>(param),
            static_cast<std::uint8_t>(v),
            static_cast<std::uint8_t>(v >> 8),
            static_cast<std::uint8_t>(v >> 16),
            static_cast<std::uint8_t>(v >> 24)};
  }

  PacketHandler packets{device};
};

TEST_F(PacketsTest, HelloNamesRevisionVersionAndBuild) {
  boot();
  EXPECT_EQ(ask({9, kHello}),
            (Bytes{9, 0x81, 0, 1, 0x00, 0x01, '0', '1', '2', '3', '4', '5', '6', '7'}));
}

TEST_F(PacketsTest, StatusHoldsEveryFieldAtItsPlace) {
  inputs = {.now_ms = 70000, .supply = 757, .stop_pressed = false, .dead_man_held = true};
  run();
  PretendedBoard::outputs = kFlagOutput | kFlagLed;
  pulse();
  tick(300);
  const Bytes reply = ask({1, kStatus});
  ASSERT_EQ(reply.size(), 3u + 25u);
  const Bytes expected{1,    0x82, 0, 3, 0, 0x15, 0x20, 0x4E, 0, 0,  // 20000 uA
                       0xD2, 0x4D, 0, 0,                             // 19922 uA
                       0x5E, 0x5F, 0, 0,                             // 24414 mV
                       0xE1, 0x1C, 1, 0, 0, 0,                       // 7393 mV, 1 pulse
                       0x2C, 0x01, 0, 0};                            // 300 ms
  EXPECT_EQ(reply, expected);
}

TEST_F(PacketsTest, StatusReportsNoCurrentWhileTheOutputIsDisabled) {
  run();
  pulse();
  PretendedBoard::outputs = 0;
  const Bytes reply = ask({1, kStatus});
  EXPECT_EQ(Bytes(reply.begin() + 10, reply.begin() + 18), Bytes(8, 0));
}

TEST_F(PacketsTest, FlagsTellFaultAndStopButton) {
  boot();
  inputs.stop_pressed = true;
  tick(4);
  therapy.latch(Fault::kOverCurrent);
  const Bytes reply = ask({1, kStatus});
  EXPECT_EQ(reply[3], 6);
  EXPECT_EQ(reply[4], 2);
  EXPECT_EQ(reply[5], kFlagFault | kFlagStopButton);
}

TEST_F(PacketsTest, SetThenGetGivesTheValueBack) {
  boot();
  EXPECT_EQ(status_of(set_packet(1, Param::kSession, 3600000)), Status::kOk);
  EXPECT_EQ(ask({2, kGet, 9}), (Bytes{2, 0x84, 0, 0x80, 0xEE, 0x36, 0}));
}

TEST_F(PacketsTest, RefusesWhatItDoesNotKnow) {
  boot();
  EXPECT_EQ(status_of({1, 0}), Status::kUnknownOp);
  EXPECT_EQ(status_of({1, 11}), Status::kUnknownOp);
  EXPECT_EQ(status_of({1, 0xFF}), Status::kUnknownOp);
  EXPECT_EQ(status_of({1, kGet, 0}), Status::kUnknownParam);
  EXPECT_EQ(status_of({1, kGet, 12}), Status::kUnknownParam);
  EXPECT_EQ(status_of({1, kSet, 12, 0, 0, 0, 0}), Status::kUnknownParam);
  EXPECT_EQ(status_of({1, kSet, 1, 0, 0, 0}), Status::kBadLength);
  EXPECT_EQ(status_of({1, kStart, 0}), Status::kBadLength);
  EXPECT_EQ(status_of(set_packet(1, Param::kAmplitude, 100001)), Status::kOutOfRange);
  EXPECT_EQ(status_of(set_packet(1, Param::kAmplitude, -1)), Status::kOutOfRange);
}

TEST_F(PacketsTest, TakesNoAmplitudeWhileAFaultIsLatched) {
  boot();
  therapy.latch(Fault::kLeadOff);
  EXPECT_EQ(status_of(set_packet(1, Param::kAmplitude, 5000)), Status::kFaultLatched);
  EXPECT_EQ(status_of(set_packet(2, Param::kWidth, 200)), Status::kOk);
  EXPECT_EQ(status_of({3, kStart}), Status::kFaultLatched);
  EXPECT_EQ(status_of({4, kClear}), Status::kOk);
  EXPECT_EQ(status_of(set_packet(5, Param::kAmplitude, 5000)), Status::kOk);
}

TEST_F(PacketsTest, DoesNotExecuteARepeatedPacketTwice) {
  boot();
  set(Param::kAmplitude, 20000);
  const Bytes first = ask({5, kStart});
  EXPECT_EQ(first[2], static_cast<std::uint8_t>(Status::kOk));
  therapy.stop();
  EXPECT_EQ(ask({5, kStart}), first);
  EXPECT_EQ(therapy.state(), State::kIdle) << "the repeat did not start it again";
  EXPECT_EQ(status_of({6, kStart}), Status::kOk) << "another number is another command";
  EXPECT_EQ(therapy.state(), State::kRunning);
}

TEST_F(PacketsTest, AnswersARepeatedQuestionWithTheSameBytes) {
  boot();
  const Bytes first = ask({5, kStatus});
  set(Param::kAmplitude, 20000);
  EXPECT_EQ(ask({5, kStatus}), first);
  EXPECT_NE(ask({6, kStatus}), first);
}

TEST_F(PacketsTest, ExecutesARepeatedStop) {
  boot();
  set(Param::kAmplitude, 20000);
  EXPECT_EQ(status_of({5, kStop}), Status::kOk);
  ASSERT_EQ(therapy.start(), Status::kOk);
  EXPECT_EQ(status_of({5, kStop}), Status::kOk);
  EXPECT_EQ(therapy.state(), State::kIdle);
}

TEST_F(PacketsTest, AnyValidPacketKeepsTheConnectionAlive) {
  run();
  tick(900);
  status_of({5, kAlive});
  tick(900);
  status_of({5, kAlive});  // repeated, and still a sign of life
  tick(900);
  EXPECT_EQ(therapy.state(), State::kRunning);
}

TEST_F(PacketsTest, SavesOnlyInIdleAndSaysWhenItDidNotWork) {
  boot();
  set(Param::kWidth, 200);
  EXPECT_EQ(status_of({1, kSave}), Status::kOk);
  Params loaded;
  EXPECT_EQ(unpack(PretendedBoard::stored.data(), loaded), Loaded::kGood);
  EXPECT_EQ(loaded.get(Param::kWidth), 200);
  PretendedBoard::store_works = false;
  EXPECT_EQ(status_of({2, kSave}), Status::kNotReady);
  set(Param::kAmplitude, 20000);
  ASSERT_EQ(therapy.start(), Status::kOk);
  PretendedBoard::stored.clear();
  EXPECT_EQ(status_of({3, kSave}), Status::kWrongState);
  EXPECT_TRUE(PretendedBoard::stored.empty());
}

TEST_F(PacketsTest, DiagTellsResetCauseTimeAndStack) {
  boot(kWatchdogReset);
  tick(0x01020304);
  EXPECT_EQ(ask({1, kDiag}), (Bytes{1, 0x8A, 0, 8, 0, 0, 4, 3, 2, 1, 0xD2, 0x04, 0}));
}

}  // namespace
