#include "rig/instruments/usbtmc_message.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "rig/instruments/scpi_block.h"
#include "rig/instruments/usbtmc_quirks.h"

namespace rig::usbtmc {
namespace {

using Bytes = std::vector<std::uint8_t>;

// As captured from a DS1074Z (dpenkler/linux-usbtmc #8).
TEST(UsbtmcMessage, EncodesAsOnTheWireOfARealScope) {
  const Bytes sent{1, 1, 0xFE, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0x2A, 0x69, 0x64, 0x6E, 0x3F, 0x0A, 0, 0};
  EXPECT_EQ(message_out(1, "*idn?\n"), sent);
  const Bytes asked{2, 2, 0xFD, 0, 0, 0, 0x10, 0, 0, 0, 0, 0};
  const auto request = request_in(2, 1 << 20);
  EXPECT_EQ(Bytes(request.begin(), request.end()), asked);
  const Bytes answer{2, 2, 0xFD, 0, 0x37, 0, 0, 0, 1, 0, 0, 0, 'R', 'I'};
  InHeader header;
  EXPECT_EQ(read_header(answer, 2, header), "");
  EXPECT_EQ(header.size, 55u);
  EXPECT_TRUE(header.end);
}

TEST(UsbtmcMessage, PadsToFourBytesWithoutCountingThem) {
  for (std::size_t length = 1; length <= 8; ++length) {
    const Bytes bytes = message_out(7, std::string(length, 'x'));
    EXPECT_EQ(bytes.size(), 12 + (length + 3) / 4 * 4) << length;
    EXPECT_EQ(bytes[4], length);
  }
}

TEST(UsbtmcMessage, TagsRunFromOneTo255AndNeverAreZero) {
  std::set<int> seen;
  std::uint8_t tag = 0;
  for (int k = 0; k < 600; ++k) seen.insert(tag = next_tag(tag));
  EXPECT_EQ(seen.size(), 255u);
  EXPECT_EQ(seen.count(0), 0u);
  EXPECT_EQ(next_tag(255), 1);
}

TEST(UsbtmcMessage, SaysWhatIsWrongWithAHeaderAndShowsIt) {
  InHeader header;
  Bytes bytes{2, 5, 0xFA, 0, 1, 0, 0, 0, 1, 0, 0, 0};
  EXPECT_EQ(
      read_header(bytes, 6, header),
      "expected the answer with tag 6, found 02 05 fa 00 01 00 00 00 01 00 00 00: a stale reply");
  bytes[2] = 0;
  EXPECT_EQ(read_header(bytes, 5, header),
            "expected the inverse of tag 5, found 02 05 00 00 01 00 00 00 01 00 00 00");
  bytes[0] = 1;
  EXPECT_EQ(read_header(bytes, 5, header),
            "expected a response header, found 01 05 00 00 01 00 00 00 01 00 00 00");
  bytes.resize(3);
  EXPECT_EQ(read_header(bytes, 5, header), "expected a header of 12 bytes, found 01 05 00");
}

BlockStart start_of(const std::string& text, ScpiBlock& block) {
  return read_block_start(Bytes(text.begin(), text.end()), block);
}

TEST(ScpiBlock, ReadsLengthsOfOneToNineDigits) {
  ScpiBlock block;
  EXPECT_EQ(start_of("#15hello", block), BlockStart::kBlock);
  EXPECT_EQ(block.total(), 8u);
  EXPECT_EQ(start_of("#9000250000", block), BlockStart::kBlock);
  EXPECT_EQ(block.header, 11u);
  EXPECT_EQ(block.length, 250000u);
  EXPECT_EQ(start_of("#800001000x", block), BlockStart::kBlock);
  EXPECT_EQ(block.length, 1000u);
}

TEST(ScpiBlock, IsNoneWithoutALengthAndUnknownWhileItIsCut) {
  ScpiBlock block;
  for (const char* text : {"", "#", "#9", "#90002500"}) {
    EXPECT_EQ(start_of(text, block), BlockStart::kTooShort) << text;
  }
  for (const char* text : {"RIGOL", "#0data", "#X", "#2x0", "1#15hello"}) {
    EXPECT_EQ(start_of(text, block), BlockStart::kNoBlock) << text;
  }
}

TEST(UsbtmcQuirks, CompareVersionsNumberByNumber) {
  EXPECT_LT(compare_firmware("00.04.03.02.02", "00.04.03.02.03"), 0);
  EXPECT_EQ(compare_firmware("00.04.03.02.03", "0.4.3.2.3"), 0);
  EXPECT_GT(compare_firmware("00.04.04", "00.04.03.02.03"), 0);
  EXPECT_LT(compare_firmware("8.2.6.1.37R8", "8.2.6.1.37R9"), 0);
}

TEST(UsbtmcQuirks, TheRemedyEndsWithTheFirmwareThatNeedsIt) {
  EXPECT_TRUE(quirks_of(0x1AB1, 0x04CE, "00.04.02.SP4").one_request);
  EXPECT_FALSE(quirks_of(0x1AB1, 0x04CE, "00.04.03.02.03").one_request);
  EXPECT_FALSE(quirks_of(0x1AB1, 0x04CE, "").one_request);
  EXPECT_EQ(quirks_of(0xF4EC, 0xEE38, "").most_asked, 48u);
  EXPECT_EQ(quirks_of(0xF4EC, 0xEE38, "8.2.6.1.37R9").most_asked, 48u);
  EXPECT_EQ(quirks_of(0xF4EC, 0xEE38, "8.2.6.1.39").most_asked, std::size_t{1} << 20);
  EXPECT_TRUE(quirks_of(0xF4EC, 0xEE38, "8.2.6.1.39").reset_first);
}

TEST(UsbtmcQuirks, RemoteIsNeverAskedOfThoseThatItBreaks) {
  for (const std::uint16_t product :
       {std::uint16_t{0x04B0}, std::uint16_t{0x04B1}, std::uint16_t{0x0515}}) {
    EXPECT_FALSE(quirks_of(0x1AB1, product, "1").remote);
  }
  EXPECT_FALSE(quirks_of(0x0B21, 0x0039, "1").remote);
  EXPECT_TRUE(quirks_of(0x1AB1, 0x04CE, "1").remote);
  EXPECT_TRUE(quirks_of(0x1234, 0x5678, "1").remote) << "an unknown one is taken for a good one";
}

}  // namespace
}  // namespace rig::usbtmc
