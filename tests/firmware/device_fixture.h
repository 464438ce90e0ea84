// A stimulator on the desk: the firmware's logic with a pretended board, clock and patient.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "logic/cobs.h"
#include "logic/crc16.h"
#include "logic/device.h"
#include "logic/packets.h"
#include "logic/safety.h"
#include "logic/text.h"

// The board's side. Static, because the firmware's platform is a table of plain functions.
struct PretendedBoard {
  static inline std::vector<std::uint8_t> stored;
  static inline bool store_works = true;
  static inline std::uint8_t outputs = 0;
  static inline std::uint8_t self_test_result = 0;
  static inline std::string text;

  static bool store(const std::uint8_t* image) {
    stored.assign(image, image + kImageSize);
    return store_works;
  }
  static std::uint8_t output_flags() { return outputs; }
  static std::uint8_t self_test() { return self_test_result; }
  static std::uint16_t stack_free() { return 1234; }
  static void print(char c) { text += c; }
};

class DeviceTest : public testing::Test {
 protected:
  DeviceTest() {
    PretendedBoard::stored.clear();
    PretendedBoard::store_works = true;
    PretendedBoard::outputs = 0;
    PretendedBoard::self_test_result = 0;
    PretendedBoard::text.clear();
  }

  static std::vector<std::uint8_t> blank_image() {
    return std::vector<std::uint8_t>(kImageSize, 0xFF);
  }

  void boot(std::uint8_t reset_cause = kPowerOnReset, std::uint8_t self_test = 0) {
    device.boot(reset_cause, self_test, blank_image().data());
    tick();
  }

  void tick(std::uint32_t ms = 0) {
    inputs.now_ms += ms;
    therapy.tick(inputs);
  }

  void set(Param param, std::int32_t value) {
    ASSERT_EQ(device.set(static_cast<std::uint8_t>(param), value), Status::kOk);
  }

  // To IDLE with 20 mA set, and on to RUNNING.
  void run() {
    boot();
    set(Param::kAmplitude, 20000);
    ASSERT_EQ(therapy.start(), Status::kOk);
  }

  PulsePlan plan() {
    PulsePlan next{};
    EXPECT_TRUE(therapy.plan(next));
    return next;
  }

  // One pulse, with the current that was asked for flowing.
  PulsePlan pulse() {
    const PulsePlan next = plan();
    therapy.pulse_done({static_cast<std::uint16_t>(next.dac_code * 16 * 25 / 3125), 100});
    return next;
  }

  const Platform platform{PretendedBoard::store, PretendedBoard::output_flags,
                          PretendedBoard::self_test, PretendedBoard::stack_free, "01234567"};
  Device device{platform};
  Therapy& therapy = device.therapy;
  Inputs inputs{.now_ms = 0, .supply = 757, .stop_pressed = false, .dead_man_held = false};
};
