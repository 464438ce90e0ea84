// How far two ends of a serial line may differ.
#include "fixtures/simulated/serial_line.h"

#include <gtest/gtest.h>

namespace rig::simulated {
namespace {

bool survives(double ratio) {
  for (int byte = 0; byte < 256; ++byte) {
    const SampledByte heard = sample_byte(static_cast<std::uint8_t>(byte), ratio);
    if (heard.byte != byte || !heard.framed) return false;
  }
  return true;
}

TEST(SerialLine, CarriesEveryByteWhileTheStopBitIsHitInsideIt) {
  EXPECT_TRUE(survives(1));
  EXPECT_TRUE(survives(1.05));  // 9.5 * 1.05 is 9.975
  EXPECT_TRUE(survives(0.95));
}

TEST(SerialLine, LosesTheStopBitBeyondHalfABitInNineAndAHalf) {
  EXPECT_FALSE(survives(1.055));
  EXPECT_FALSE(survives(0.94));
  EXPECT_FALSE(sample_byte(0x00, 0.94).framed) << "the last data bit is low";
  EXPECT_TRUE(sample_byte(0xFF, 0.94).framed) << "the last data bit looks like the stop bit";
}

TEST(SerialLine, ReadsASlowSendersBitsTwice) {
  EXPECT_EQ(sample_byte(0x01, 0.5).byte, 0x06);  // bit 0 lasts from 2 to 4 of the receiver's bits
}

}  // namespace
}  // namespace rig::simulated
