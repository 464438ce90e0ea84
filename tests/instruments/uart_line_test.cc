// The model of a line on which a device hears its host, read as a receiver reads it.
#include "fixtures/devices/uart_line.h"

#include <gtest/gtest.h>

#include <vector>

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr double kBaud = 38400;
constexpr double kBit = 1 / kBaud;

// Waits for a start bit and takes each bit in its middle, as long as characters begin before `end`.
std::vector<std::uint8_t> received(const devices::UartLine& line, double end) {
  std::vector<std::uint8_t> bytes;
  constexpr double kStep = kBit / 64;
  for (double at = 0; at < end; at += kStep) {
    if (line.volts(at) > 1.65) continue;
    std::uint8_t byte = 0;
    for (int bit = 0; bit < 8; ++bit) {
      if (line.volts(at + (1.5 + bit) * kBit) > 1.65) {
        byte = static_cast<std::uint8_t>(byte | 1 << bit);
      }
    }
    EXPECT_GT(line.volts(at + 9.5 * kBit), 1.65) << "a stop bit";
    bytes.push_back(byte);
    at += 9.5 * kBit;
  }
  return bytes;
}

TEST(UartLine, CarriesEveryByteBackToBack) {
  std::vector<std::uint8_t> all;
  for (int value = 0; value < 256; ++value) all.push_back(static_cast<std::uint8_t>(value));
  devices::UartLine line(kBaud);
  line.say(all, milliseconds(100));
  EXPECT_EQ(received(line, 0.2), all);
}

TEST(UartLine, LastStopBitEndsAtTheInstantThatIsSaid) {
  devices::UartLine line(kBaud);
  line.say(std::vector<std::uint8_t>{0x55, 0x00}, milliseconds(10));
  line.say(std::vector<std::uint8_t>{0xFF}, milliseconds(30));
  EXPECT_EQ(line.volts(0), 3.3) << "high at rest";
  EXPECT_EQ(line.volts(10e-3 - 1.01 * kBit), 0) << "eight zeros";
  EXPECT_EQ(line.volts(10e-3 - 0.99 * kBit), 3.3) << "one bit earlier the last edge rises";
  EXPECT_EQ(line.volts(20e-3), 3.3);
  EXPECT_EQ(line.volts(30e-3 - 9.5 * kBit), 0);
  EXPECT_EQ(received(line, 0.05), (std::vector<std::uint8_t>{0x55, 0x00, 0xFF}));
}

}  // namespace
}  // namespace rig
