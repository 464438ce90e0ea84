// The logic analyzer's driver against its model, through the unmodified libusb on an emulated
// usbfs; the bench's clock is the model's.
#include "rig/instruments/fx2lafw.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>

#include "fixtures/devices/fx2lafw_device.h"
#include "tests/instruments/stream_rig.h"
#include "tests/instruments/usb_bus.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

// D0: 1 kHz, D3: 250 Hz, D9: 100 Hz.
std::uint16_t levels(double t) {
  const auto wave = [&](double hz, unsigned bit) {
    return std::fmod(t * hz, 1.0) < 0.5 ? 1u << bit : 0u;
  };
  return static_cast<std::uint16_t>(wave(1000, 0) | wave(250, 3) | wave(100, 9));
}

class LogicTest : public testing::Test {
 protected:
  devices::Fx2lafwDevice model_{levels};
  fake::UsbBus bus_;
  fake::UsbPort& port_ = bus_.plug(model_);
  fake::StreamClock clock_{model_.stream};
  usb::Context context_;
  CaptureInfo info_;
  const std::string where_ = "usb 1D50:608C (1-1): ";

  LogicTest() { port_.lockstep(); }
  std::unique_ptr<Digitizer> open() {
    return open_fx2lafw(context_, clock_,
                        {.kind = UsbSampler::Kind::kFx2lafw, .usb = {.text = "0925:3881"}},
                        {.channels = {{.name = "led", .unit = "logic", .input = 3},
                                      {.name = "gate", .unit = "logic", .input = 0},
                                      {.name = "sync", .unit = "logic", .input = 9}}});
  }
  static CaptureSetup setup() {
    return {.name = "run",
            .channels = {"led", "gate"},
            .rate = {.samples = 1'000'000},
            .length = milliseconds(30)};
  }
};

TEST_F(LogicTest, CapturesTheBitsOfItsInputs) {
  const auto digitizer = open();
  for (int run = 0; run < 3; ++run) {
    fake::KeptSamples kept;
    ASSERT_EQ(fake::capture(*digitizer, setup(), info_, kept), "");
    EXPECT_EQ(model_.start_command(), (devices::Bytes{0x40, 0x00, 0x2F}));
    EXPECT_FALSE(info_.integrity_proven);
    EXPECT_EQ(info_.channels[0].unit, "logic");
    ASSERT_EQ(kept.index.size(), 30'000u);
    for (std::size_t k = 0; k < kept.index.size(); ++k) {
      const std::uint16_t expected = levels(fake::seconds_at(info_, kept.index[k]) + 1e-9);
      ASSERT_EQ(kept.codes[0][k], expected >> 3 & 1) << k;
      ASSERT_EQ(kept.codes[1][k], expected & 1) << k;
    }
  }
}

TEST_F(LogicTest, TakesSixteenBitsWhenAnUpperInputIsWanted) {
  const auto digitizer = open();
  CaptureSetup wide = setup();
  wide.channels = {"sync"};
  fake::KeptSamples kept;
  ASSERT_EQ(fake::capture(*digitizer, wide, info_, kept), "");
  EXPECT_EQ(model_.start_command()[0], 0x60);
  for (std::size_t k = 0; k < kept.index.size(); ++k) {
    const double at = fake::seconds_at(info_, kept.index[k]) + 1e-9;
    ASSERT_EQ(kept.codes[0][k], levels(at) >> 9 & 1) << k;
  }
}

TEST_F(LogicTest, ADeviceThatGaveUpEndsTheCapture) {
  const auto digitizer = open();
  const std::string gave_up = where_ +
                              "stream: the device gave up, for the host was too slow; lower the "
                              "rate, or take other devices off its hub";
  fake::KeptSamples kept;
  model_.stream.faults.empty_after = 20'000;
  EXPECT_EQ(fake::capture(*digitizer, setup(), info_, kept), gave_up);
  model_.stream.faults = {.stall_after = 20'000};
  fake::KeptSamples second;
  EXPECT_EQ(fake::capture(*digitizer, setup(), info_, second), gave_up);
  model_.stream.faults = {};
  fake::KeptSamples third;
  EXPECT_EQ(fake::capture(*digitizer, setup(), info_, third), "") << "and the next one is good";
}

TEST_F(LogicTest, AnotherFirmwareIsRefused) {
  model_.version = 2;
  const auto digitizer = open();
  fake::KeptSamples kept;
  EXPECT_EQ(fake::capture(*digitizer, setup(), info_, kept),
            where_ + "open: expected fx2lafw 1.x, found 2.3");
}

TEST_F(LogicTest, BlocksRatesThatItDoesNotHave) {
  const auto digitizer = open();
  fake::KeptSamples kept;
  CaptureSetup other = setup();
  other.rate.samples = 25'000'000;
  EXPECT_EQ(fake::capture(*digitizer, other, info_, kept),
            "blocked: the logic analyzer samples from 20 kHz to 24 MHz with 8 inputs");
}

// facts/instruments.md 3.2.
TEST(LogicRate, HasTheFlagsAndDelaysOfTheFirmware) {
  const auto bytes = [](double hz, bool wide = false) {
    const LogicRate rate = *logic_rate_for(hz, wide);
    return devices::Bytes{rate.flags, static_cast<std::uint8_t>(rate.delay >> 8),
                          static_cast<std::uint8_t>(rate.delay)};
  };
  EXPECT_EQ(bytes(24e6), (devices::Bytes{0x40, 0x00, 0x01}));
  EXPECT_EQ(bytes(12e6), (devices::Bytes{0x40, 0x00, 0x03}));
  EXPECT_EQ(bytes(1e6), (devices::Bytes{0x40, 0x00, 0x2F}));
  EXPECT_EQ(bytes(200e3), (devices::Bytes{0x40, 0x00, 0xEF}));
  EXPECT_EQ(bytes(20e3), (devices::Bytes{0x00, 0x05, 0xDB}));
  EXPECT_EQ(bytes(12e6, true), (devices::Bytes{0x60, 0x00, 0x03}));
  EXPECT_FALSE(logic_rate_for(24.1e6, false));
  EXPECT_FALSE(logic_rate_for(12.1e6, true));
  EXPECT_FALSE(logic_rate_for(10e3, false));
  for (double hz = 20e3; hz < 24e6; hz *= 1.013) {
    const double made = logic_rate_for(hz, false)->rate.hertz();
    EXPECT_GE(made, hz * (1 - 1e-9));
    EXPECT_LE(made, 2 * hz);
  }
}

}  // namespace
}  // namespace rig
