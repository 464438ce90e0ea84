// Packets on a byte stream, against published vectors and against damage.
#include "rig/dut/frame.h"

#include <gtest/gtest.h>

#include <random>
#include <string_view>

namespace rig {
namespace {

using Kind = Deframer::Item::Kind;

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

std::vector<Deframer::Item> deframed(const Bytes& stream) {
  Deframer deframer;
  std::vector<Deframer::Item> items;
  for (const std::uint8_t byte : stream) {
    if (auto item = deframer.take(byte)) items.push_back(std::move(*item));
  }
  return items;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST(Crc16, IsTheCcittFalseOne) {
  EXPECT_EQ(crc16(bytes_of("123456789")), 0x29B1);
  EXPECT_EQ(crc16({}), 0xFFFF);
}

// The examples of Wikipedia's article on COBS, without the delimiter.
TEST(Cobs, EncodesThePublishedExamples) {
  EXPECT_EQ(cobs_encode(Bytes{0}), (Bytes{1, 1}));
  EXPECT_EQ(cobs_encode(Bytes{0, 0}), (Bytes{1, 1, 1}));
  EXPECT_EQ(cobs_encode(Bytes{0x11, 0x22, 0, 0x33}), (Bytes{3, 0x11, 0x22, 2, 0x33}));
  EXPECT_EQ(cobs_encode(Bytes{0x11, 0x22, 0x33, 0x44}), (Bytes{5, 0x11, 0x22, 0x33, 0x44}));
  EXPECT_EQ(cobs_encode(Bytes{0x11, 0, 0, 0}), (Bytes{2, 0x11, 1, 1, 1}));
  Bytes run;
  for (int k = 1; k <= 254; ++k) run.push_back(static_cast<std::uint8_t>(k));
  Bytes coded{0xFF};
  coded.insert(coded.end(), run.begin(), run.end());
  EXPECT_EQ(cobs_encode(run), coded);
  run.push_back(0xFF);
  coded.insert(coded.end(), {2, 0xFF});
  EXPECT_EQ(cobs_encode(run), coded);
}

TEST(Cobs, ComesBackFromRandomBytesAndHoldsNoZero) {
  std::mt19937 random(1);
  for (int k = 0; k < 2000; ++k) {
    Bytes data(random() % 600);
    for (std::uint8_t& byte : data)
      byte = static_cast<std::uint8_t>(random() % 3 == 0 ? 0 : random());
    const Bytes coded = cobs_encode(data);
    EXPECT_EQ(std::count(coded.begin(), coded.end(), 0), 0);
    EXPECT_EQ(cobs_decode(coded), data);
  }
}

TEST(Cobs, RefusesWhatIsNotCobs) {
  EXPECT_EQ(cobs_decode(Bytes{5, 1, 2}), std::nullopt) << "points beyond the end";
  EXPECT_EQ(cobs_decode(Bytes{0, 1}), std::nullopt);
  EXPECT_EQ(cobs_decode(Bytes{3, 1, 0}), std::nullopt);
}

TEST(Deframer, FindsThePacketBetweenTextAndGarbage) {
  const Bytes packet{7, 0x81, 0};
  const auto items = deframed(joined({bytes_of("boot\r\n"), bytes_of("half a line"), frame(packet),
                                      frame(packet), bytes_of("ok\n")}));
  ASSERT_EQ(items.size(), 5u);
  EXPECT_EQ(items[0].kind, Kind::kText);
  EXPECT_EQ(items[0].bytes, bytes_of("boot\r"));
  EXPECT_EQ(items[1].kind, Kind::kGarbage);
  EXPECT_EQ(items[1].why, "text without an end of line");
  EXPECT_EQ(items[2].kind, Kind::kPacket);
  EXPECT_EQ(items[2].bytes, packet);
  EXPECT_EQ(items[3].kind, Kind::kPacket);
  EXPECT_EQ(items[4].kind, Kind::kText);
}

TEST(Deframer, SaysWhatIsWrongWithADamagedFrame) {
  Bytes damaged = frame(Bytes{1, 2, 3});
  damaged[3] ^= 0x10;
  struct Case {
    Bytes stream;
    std::string why;
  };
  const std::vector<Case> cases{
      {damaged, "CRC does not match"}, {{0, 9, 1, 1, 0}, "not COBS"}, {{0, 2, 5, 0}, "too short"}};
  for (const Case& c : cases) {
    const auto items = deframed(c.stream);
    ASSERT_EQ(items.size(), 1u) << c.why;
    EXPECT_EQ(items[0].kind, Kind::kGarbage);
    EXPECT_EQ(items[0].why, c.why);
  }
}

TEST(Deframer, NoSingleDamagedByteMakesAnotherPacket) {
  const Bytes packet{9, 0x82, 0, 1, 2, 3, 0, 0, 4};
  const Bytes good = frame(packet);
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int flip = 1; flip < 256; ++flip) {
      Bytes damaged = good;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ flip);
      for (const auto& item : deframed(damaged))
        EXPECT_NE(item.kind, Kind::kPacket) << at << " " << flip;
    }
  }
}

TEST(Deframer, GivesUpAnEndlessFrameAndFindsTheNextOne) {
  const Bytes packet{1, 0x81, 0};
  const auto items = deframed(joined({{0}, Bytes(1000, 0x55), {'\n'}, frame(packet)}));
  ASSERT_GE(items.size(), 2u);
  EXPECT_EQ(items.front().why, "no end of frame");
  EXPECT_EQ(items.back().kind, Kind::kPacket);
}

TEST(Deframer, GivesUpAnEndlessLineInPieces) {
  const auto items = deframed(Bytes(1000, 'x'));
  ASSERT_EQ(items.size(), 3u);
  for (const auto& item : items) EXPECT_EQ(item.why, "no end of line");
}

TEST(Deframer, FindsAGoodPacketWithinTwoFramesOfAnyGarbage) {
  std::mt19937 random(2);
  const Bytes packet{3, 0x85, 0, 0, 0};
  for (int k = 0; k < 500; ++k) {
    Bytes noise(random() % 300);
    for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(random());
    const auto items = deframed(joined({noise, frame(packet), frame(packet), frame(packet)}));
    const bool found = std::any_of(items.begin(), items.end(), [&packet](const auto& item) {
      return item.kind == Kind::kPacket && item.bytes == packet;
    });
    EXPECT_TRUE(found);
  }
}

TEST(Hex, IsForPeople) { EXPECT_EQ(hex(Bytes{0, 0x5a, 0xff}), "00 5a ff"); }

}  // namespace
}  // namespace rig
