// CRC, byte stuffing, and telling text and frames apart.
#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "logic/cobs.h"
#include "logic/crc16.h"
#include "logic/receiver.h"

namespace {

using Bytes = std::vector<std::uint8_t>;
using Got = Receiver::Got;

Bytes stuffed(const Bytes& data) {
  Bytes out(data.size() + 1);
  out.resize(cobs_encode(data.data(), static_cast<std::uint8_t>(data.size()), out.data()));
  return out;
}

Bytes unstuffed(Bytes data) {
  data.resize(cobs_decode(data.data(), static_cast<std::uint8_t>(data.size())));
  return data;
}

Bytes with_crc(Bytes packet) {
  const std::uint16_t crc = crc16(packet.data(), static_cast<std::uint8_t>(packet.size()));
  packet.push_back(static_cast<std::uint8_t>(crc >> 8));
  packet.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  return packet;
}

Bytes framed(const Bytes& packet) {
  Bytes frame = stuffed(with_crc(packet));
  frame.insert(frame.begin(), 0);
  frame.push_back(0);
  return frame;
}

class ReceiverTest : public testing::Test {
 protected:
  // Everything the receiver makes of the bytes but kNothing.
  std::vector<Got> feed(const Bytes& bytes) {
    std::vector<Got> got;
    for (const std::uint8_t byte : bytes) {
      const Got one = receiver.feed(byte, now);
      if (one != Got::kNothing) got.push_back(one);
    }
    return got;
  }
  std::vector<Got> feed(std::string_view text) { return feed(Bytes(text.begin(), text.end())); }

  Receiver receiver;
  std::uint32_t now = 0;
};

TEST(Crc16, MatchesThePublishedCheckValue) {
  const Bytes digits{'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  EXPECT_EQ(crc16(digits.data(), 9), 0x29B1);
  EXPECT_EQ(crc16(digits.data(), 0), 0xFFFF);
}

TEST(Cobs, MatchesPublishedExamples) {
  EXPECT_EQ(stuffed({0}), (Bytes{1, 1}));
  EXPECT_EQ(stuffed({0, 0}), (Bytes{1, 1, 1}));
  EXPECT_EQ(stuffed({0x11, 0x22, 0, 0x33}), (Bytes{3, 0x11, 0x22, 2, 0x33}));
  EXPECT_EQ(stuffed({0x11, 0, 0, 0}), (Bytes{2, 0x11, 1, 1, 1}));
}

TEST(Cobs, GivesBackEveryPacket) {
  for (std::size_t size = 1; size <= kMaxPacket; ++size) {
    for (std::size_t zero = 0; zero <= size; ++zero) {
      Bytes data(size);
      std::iota(data.begin(), data.end(), std::uint8_t{1});
      if (zero < size) data[zero] = 0;
      const Bytes coded = stuffed(data);
      EXPECT_EQ(coded.size(), size + 1);
      EXPECT_EQ(std::count(coded.begin(), coded.end(), 0), 0);
      EXPECT_EQ(unstuffed(coded), data);
    }
  }
}

TEST(Cobs, RefusesACodeThatPointsPastTheEnd) {
  EXPECT_TRUE(unstuffed({5, 1, 2}).empty());
  EXPECT_TRUE(unstuffed({2, 1, 0xFF, 1}).empty());
}

TEST_F(ReceiverTest, ReadsALineAndIgnoresCarriageReturns) {
  EXPECT_EQ(feed("status\r\n"), std::vector{Got::kLine});
  EXPECT_STREQ(receiver.line(), "status");
}

TEST_F(ReceiverTest, ReadsAPacketBetweenTwoLines) {
  feed("help\n");
  EXPECT_EQ(feed(framed({7, 2})), std::vector{Got::kPacket});
  ASSERT_EQ(receiver.packet_size(), 2);
  EXPECT_EQ(receiver.packet()[0], 7);
  EXPECT_EQ(receiver.packet()[1], 2);
  EXPECT_EQ(feed("help\n"), std::vector{Got::kLine});
  EXPECT_EQ(receiver.bad_frames(), 0);
}

TEST_F(ReceiverTest, TakesZerosInARowForOne) {
  feed(Bytes{0, 0, 0});
  EXPECT_EQ(feed(framed({7, 2})), std::vector{Got::kPacket});
  EXPECT_EQ(receiver.bad_frames(), 0);
}

TEST_F(ReceiverTest, TakesTheLongestPacket) {
  Bytes packet(kMaxPacket - 2, 0x55);
  EXPECT_EQ(feed(framed(packet)), std::vector{Got::kPacket});
  EXPECT_EQ(receiver.packet_size(), kMaxPacket - 2);
}

TEST_F(ReceiverTest, CountsAnOverlongFrameOnce) {
  EXPECT_TRUE(feed(framed(Bytes(kMaxPacket + 20, 0x55))).empty());
  EXPECT_EQ(receiver.bad_frames(), 1);
  EXPECT_EQ(feed("help\n"), std::vector{Got::kLine}) << "the closing zero ends the bad frame";
}

TEST_F(ReceiverTest, RefusesEveryFrameWithOneBitTurned) {
  const Bytes good = framed({7, 3, 1, 0x20, 0x4E, 0, 0});
  std::uint16_t expected = 0;
  for (std::size_t byte = 1; byte + 1 < good.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes bad = good;
      bad[byte] = static_cast<std::uint8_t>(bad[byte] ^ (1 << bit));
      if (bad[byte] == 0) continue;  // that is another framing, not a turned bit
      EXPECT_TRUE(feed(bad).empty());
      EXPECT_EQ(receiver.bad_frames(), ++expected);
    }
  }
}

TEST_F(ReceiverTest, RefusesAPacketWithoutAnOperation) {
  EXPECT_TRUE(feed(framed({7})).empty());
  EXPECT_EQ(receiver.bad_frames(), 1);
}

TEST_F(ReceiverTest, DropsAFrameThatWasSilentForFiftyMilliseconds) {
  feed(Bytes{0, 3, 7});
  now = 49;
  receiver.poll(now);
  EXPECT_EQ(receiver.bad_frames(), 0);
  now = 50;
  receiver.poll(now);
  EXPECT_EQ(receiver.bad_frames(), 1);
  EXPECT_EQ(feed("stop\n"), std::vector{Got::kLine});
}

TEST_F(ReceiverTest, DropsASilentFrameAcrossTheWrapOfTheClock) {
  now = 0xFFFFFFF0u;
  feed(Bytes{0, 3, 7});
  now = 20;  // 36 ms later
  EXPECT_TRUE(feed(Bytes{9}).empty());
  EXPECT_EQ(receiver.bad_frames(), 0);
  now = 70;
  EXPECT_EQ(feed("stop\n"), std::vector{Got::kLine});
  EXPECT_EQ(receiver.bad_frames(), 1);
}

TEST_F(ReceiverTest, ForgivesALoneZero) {
  feed(Bytes{0});
  now = 50;
  EXPECT_EQ(feed("stop\n"), std::vector{Got::kLine});
  EXPECT_EQ(receiver.bad_frames(), 0);
}

TEST_F(ReceiverTest, ForgetsAHalfTypedLineWhenAFrameBegins) {
  feed("set amplitude 2");
  EXPECT_EQ(feed(framed({7, 2})), std::vector{Got::kPacket});
  feed("0 mA\n");
  EXPECT_STREQ(receiver.line(), "0 mA");
}

TEST_F(ReceiverTest, ReportsALineThatIsTooLongOnce) {
  std::string longest(kMaxLine + 1, 'x');
  longest.back() = '\n';
  EXPECT_EQ(feed(longest), std::vector{Got::kLine});
  longest.insert(0, 1, 'x');
  EXPECT_EQ(feed(longest), std::vector{Got::kLongLine});
  EXPECT_EQ(feed("stop\n"), std::vector{Got::kLine});
}

TEST_F(ReceiverTest, DropsADamagedLineUntilItsEnd) {
  feed("set amplitude 2");
  receiver.damaged();  // the 0 was lost
  EXPECT_TRUE(feed(" mA\n").empty());
  EXPECT_EQ(feed("stop\n"), std::vector{Got::kLine});
}

TEST_F(ReceiverTest, CountsADamagedFrame) {
  feed(Bytes{0, 3, 7});
  receiver.damaged();
  receiver.damaged();
  EXPECT_TRUE(feed(Bytes{9, 9, 0}).empty());
  EXPECT_EQ(receiver.bad_frames(), 1);
}

}  // namespace
