// Malformed input, millions of bytes of it, changes nothing. Seeded: every run is the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "device_fixture.h"
#include "logic/packets.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

class FuzzTest : public DeviceTest {
 protected:
  // The path of a byte in the firmware's main loop.
  void receive(std::uint8_t byte) {
    switch (device.receiver.feed(byte, inputs.now_ms)) {
      case Receiver::Got::kPacket: {
        std::array<std::uint8_t, kMaxFrame> frame{};
        packets.answer(device.receiver.packet(), device.receiver.packet_size(), frame.data());
        ++packets_taken;
        break;
      }
      case Receiver::Got::kLine:
        answer_line(device, device.receiver.line(), PretendedBoard::print);
        break;
      case Receiver::Got::kLongLine:
      case Receiver::Got::kNothing: break;
    }
  }

  std::uint8_t random_byte() { return static_cast<std::uint8_t>(random() & 0xFF); }

  void expect_untouched() const {
    EXPECT_EQ(therapy.state(), State::kRunning);
    EXPECT_EQ(therapy.fault(), Fault::kNone);
    for (std::uint8_t id = 1; id <= kParamCount; ++id) {
      const auto param = static_cast<Param>(id);
      const std::int32_t expected = param == Param::kAmplitude ? 20000 : range_of(id).initial;
      EXPECT_EQ(device.params.get(param), expected) << int{id};
    }
  }

  PacketHandler packets{device};
  std::mt19937 random{20240601};
  int packets_taken = 0;
};

TEST_F(FuzzTest, DamagedFramesChangeNothing) {
  run();
  constexpr int kFrames = 50000;
  for (int i = 0; i < kFrames; ++i) {
    Bytes packet{random_byte(), 3, 1, random_byte(), random_byte(), 0, 0};  // set amplitude
    const std::uint16_t crc = crc16(packet.data(), 7);
    packet.push_back(static_cast<std::uint8_t>(crc >> 8));
    packet.push_back(static_cast<std::uint8_t>(crc & 0xFF));
    // Up to 16 bits in a row, anywhere: a CRC of 16 bits catches each of these for certain.
    const std::size_t first_bit = random() % (packet.size() * 8 - 16);
    auto burst = 1 + random() % 0xFFFF;
    for (std::size_t bit = first_bit; burst != 0; ++bit, burst >>= 1) {
      if (burst & 1)
        packet[bit / 8] = static_cast<std::uint8_t>(packet[bit / 8] ^ (0x80 >> bit % 8));
    }
    Bytes coded(packet.size() + 1);
    cobs_encode(packet.data(), static_cast<std::uint8_t>(packet.size()), coded.data());
    receive(0);
    for (const std::uint8_t byte : coded) receive(byte);
    receive(0);
  }
  EXPECT_EQ(packets_taken, 0);
  EXPECT_EQ(device.receiver.bad_frames(), kFrames);
  expect_untouched();
}

TEST_F(FuzzTest, TruncatedFramesChangeNothing) {
  run();
  const Bytes frame{0, 3, 7, 6, 0};
  for (int i = 0; i < 1000; ++i) {
    for (std::size_t k = 0; k < 1 + random() % (frame.size() - 1); ++k) receive(frame[k]);
    inputs.now_ms += kFrameSilence;
    device.receiver.poll(inputs.now_ms);
  }
  EXPECT_EQ(packets_taken, 0);
  expect_untouched();
}

TEST_F(FuzzTest, RandomBytesChangeNothingButMayStop) {
  run();
  for (int i = 0; i < 3000000; ++i) {
    receive(random_byte());
    if (i % 64 == 0) PretendedBoard::text.clear();
  }
  EXPECT_LE(packets_taken, 10) << "one in 65536 frames has the right CRC by chance";
  if (packets_taken == 0) expect_untouched();
}

TEST_F(FuzzTest, StillObeysAfterwards) {
  run();
  for (int i = 0; i < 100000; ++i) receive(random_byte());
  receive('\n');
  for (const char c : {'\0', '\0'}) receive(static_cast<std::uint8_t>(c));
  inputs.now_ms += kFrameSilence;
  device.receiver.poll(inputs.now_ms);
  for (const char c : std::string("\nstop\n")) receive(static_cast<std::uint8_t>(c));
  EXPECT_EQ(therapy.state(), State::kIdle);
}

}  // namespace
