// The MCC driver against its models, through the unmodified libusb on an emulated usbfs; the
// bench's clock is the model's.
#include "rig/instruments/mcc.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "fixtures/devices/mcc_device.h"
#include "rig/instruments/mcc_protocol.h"
#include "tests/instruments/stream_rig.h"
#include "tests/instruments/usb_bus.h"

namespace rig {
namespace {

using devices::MccTraits;
using std::chrono::microseconds;
using std::chrono::milliseconds;

double volts(int input, double t) {
  return (input == 1 ? 4.5 : 0.9) * std::sin(2 * std::numbers::pi * 50 * t + input);
}

enum class Kind : std::uint8_t { k204, k1608 };

class MccTest : public testing::TestWithParam<Kind> {
 protected:
  MccTraits traits_{.is_204 = GetParam() == Kind::k204};
  std::unique_ptr<devices::MccDevice> model_;
  std::unique_ptr<fake::UsbBus> bus_;
  fake::UsbPort* port_ = nullptr;
  std::unique_ptr<fake::StreamClock> clock_;
  std::unique_ptr<usb::Context> context_;
  CaptureInfo info_;
  std::string where_ = GetParam() == Kind::k204 ? "usb 09DB:0114:01AC2F01 (1-1): "
                                                : "usb 09DB:00EA:01AC2F01 (1-1): ";

  std::unique_ptr<Digitizer> open() {
    if (!model_) {
      model_ = std::make_unique<devices::MccDevice>(traits_, volts);
      bus_ = std::make_unique<fake::UsbBus>();
      port_ = &bus_->plug(*model_);
      port_->lockstep();
      clock_ = std::make_unique<fake::StreamClock>(model_->stream);
      context_ = std::make_unique<usb::Context>();
    }
    const bool is_204 = GetParam() == Kind::k204;
    return open_mcc(
        *context_, *clock_,
        {.kind = is_204 ? UsbSampler::Kind::kUsb204 : UsbSampler::Kind::kUsb1608fsPlus,
         .usb = {.text = is_204 ? "09DB:0114" : "09DB:00EA"}},
        {.channels = {{.name = "voltage", .unit = "V", .input = 1, .probe = 10},
                      {.name = "current", .unit = "A", .input = 0, .units_per_volt = 0.01}}});
  }
  static CaptureSetup setup() {
    return {.name = "run",
            .channels = {"voltage", "current"},
            .rate = {.samples = 50'000},
            .ranges = {{"voltage", 45}, {"current", 0.009}},
            .length = milliseconds(40)};
  }
  void expect_signal(const fake::KeptSamples& kept) const {
    // Channels of the USB-204 are sampled one after the other: by up to half a period.
    const double slack = GetParam() == Kind::k204 ? 0.5 / info_.rate.hertz() : 0;
    for (std::size_t k = 0; k < kept.index.size(); ++k) {
      const double at = fake::seconds_at(info_, kept.index[k]);
      for (std::size_t c = 0; c < 2; ++c) {
        const Channel& channel = info_.channels[c];
        const double unit = c == 0 ? 10 : 0.01;
        const double expected = unit * volts(c == 0 ? 1 : 0, at);
        const double slope = unit * 4.5 * 2 * std::numbers::pi * 50 * slack;
        ASSERT_NEAR(channel.value_of(kept.codes[c][k]), expected, 0.6 * channel.scale + slope) << k;
      }
    }
  }
};

TEST_P(MccTest, CapturesItsChannelsInTheirUnitsWithTheDevicesCalibration) {
  const auto digitizer = open();
  for (int k = 0; k < 3; ++k) {
    fake::KeptSamples kept;
    ASSERT_EQ(fake::capture(*digitizer, setup(), info_, kept), "");
    EXPECT_EQ(kept.index.size(), 2000u);
    EXPECT_TRUE(info_.integrity_proven);
    EXPECT_EQ(kept.losses, 0);
    expect_signal(kept);
  }
}

// Scans of every length around whole packets: each ends, and the next one begins with its own.
TEST_P(MccTest, AScanThatFillsItsLastPacketDoesNotSpoilTheNextOne) {
  const auto digitizer = open();
  for (const int scans : {15, 16, 17, 32, 160, 320, 480, 479, 1}) {
    CaptureSetup other = setup();
    other.length = microseconds(20 * scans);
    fake::KeptSamples kept;
    ASSERT_EQ(fake::capture(*digitizer, other, info_, kept), "") << scans;
    EXPECT_EQ(kept.index.size(), static_cast<std::size_t>(scans));
    expect_signal(kept);
  }
}

TEST_P(MccTest, AnOverrunIsAnErrorAndTheNextScanIsGood) {
  const auto digitizer = open();
  fake::KeptSamples before;
  ASSERT_EQ(fake::capture(*digitizer, setup(), info_, before), "");
  model_->overrun_after = 3000;
  fake::KeptSamples kept;
  EXPECT_EQ(fake::capture(*digitizer, setup(), info_, kept),
            where_ +
                "overrun: the device had to drop samples; lower the rate, or take other "
                "devices off its hub");
  model_->overrun_after.reset();
  model_->stream.faults = {};
  fake::KeptSamples again;
  ASSERT_EQ(fake::capture(*digitizer, setup(), info_, again), "");
  expect_signal(again);
}

TEST_P(MccTest, TheFirstScanAfterPluggingInMayBeOverrun) {
  traits_.overruns_first_scan = true;
  const auto digitizer = open();
  fake::KeptSamples kept;
  ASSERT_EQ(fake::capture(*digitizer, setup(), info_, kept), "");
  EXPECT_EQ(kept.index.size(), 2000u);
}

TEST_P(MccTest, ACalibrationThatWasNeverWrittenIsRefused) {
  traits_.blank_calibration = true;
  const auto digitizer = open();
  fake::KeptSamples kept;
  EXPECT_EQ(fake::capture(*digitizer, setup(), info_, kept),
            where_ +
                "calibration of input 1: expected a slope near 1 and an intercept near 0, "
                "found -nan and -nan");
}

TEST_P(MccTest, ASampleTooFewOrTooManyIsAnError) {
  const auto digitizer = open();
  info_ = digitizer->arm(setup());
  port_->meanwhile([&] { model_->stream.faults.lost = {20}; });
  fake::KeptSamples kept;
  EXPECT_TRUE(fake::capture(*digitizer, setup(), info_, kept)
                  .starts_with(where_ + "stream: the device fell silent after "));
  model_->stream.faults = {.extra = 2};
  fake::KeptSamples more;
  EXPECT_EQ(fake::capture(*digitizer, setup(), info_, more),
            where_ + "stream: it sent more than the scan has");
}

TEST_P(MccTest, BlocksWhatItCannotDo) {
  const auto digitizer = open();
  fake::KeptSamples kept;
  CaptureSetup other = setup();
  other.rate.samples = 300'000;
  EXPECT_EQ(fake::capture(*digitizer, other, info_, kept),
            GetParam() == Kind::k204
                ? "blocked: the MCC USB-204 samples at most 500 kHz of all channels together"
                : "blocked: the MCC USB-1608FS-Plus samples at most 100 kHz");
  other = setup();
  other.ranges["voltage"] = 101;
  EXPECT_EQ(fake::capture(*digitizer, other, info_, kept),
            "blocked: channel 'voltage' reaches 100 V, the capture needs 101");
}

INSTANTIATE_TEST_SUITE_P(Both, MccTest, testing::Values(Kind::k204, Kind::k1608),
                         [](const auto& with) {
                           return with.param == Kind::k204 ? "Usb204" : "Usb1608fsPlus";
                         });

using Mcc204Test = MccTest;
INSTANTIATE_TEST_SUITE_P(One, Mcc204Test, testing::Values(Kind::k204));

TEST_P(Mcc204Test, APacerThatCountsOtherwiseIsAnError) {
  traits_.pacer_of_each = true;
  const auto digitizer = open();
  fake::KeptSamples kept;
  const std::string words = fake::capture(*digitizer, setup(), info_, kept);
  EXPECT_TRUE(words.starts_with(where_ + "a scan of two channels that should take 0.1")) << words;
  EXPECT_TRUE(words.ends_with(": its pacer counts otherwise than this rig knows")) << words;
}

TEST_P(Mcc204Test, SamplesOfMoreBitsThanItHasAreAnError) {
  const auto digitizer = open();
  digitizer->arm(setup());
  port_->meanwhile([&] { model_->stream.faults.garbage_after = 100; });
  fake::KeptSamples kept;
  EXPECT_TRUE(fake::capture(*digitizer, setup(), info_, kept)
                  .starts_with(where_ + "stream: expected samples of 12 bits, found "));
}

using Bytes = std::vector<std::uint8_t>;

TEST(MccProtocol, ScanStartHasTwelveBytesOnOneAndTenOnTheOther) {
  const mcc::Scan scan{.count = 0x01020304, .pacer = 0x0A0B0C0D, .channels = 0x81};
  EXPECT_EQ(mcc::start_bytes(mcc::usb_204(), scan),
            (Bytes{4, 3, 2, 1, 0x0D, 0x0C, 0x0B, 0x0A, 0x81, 0, 0, 0}));
  EXPECT_EQ(mcc::start_bytes(mcc::usb_1608fs_plus(), scan),
            (Bytes{4, 3, 2, 1, 0x0D, 0x0C, 0x0B, 0x0A, 0x81, 0}));
}

TEST(MccProtocol, ThePacerMakesTheRateAskedForOrTheNextFasterOne) {
  const auto one = mcc::pace_for(mcc::usb_204(), 500e3, 1);
  EXPECT_EQ(one->pacer, 139u);
  EXPECT_DOUBLE_EQ(one->rate.hertz(), 500e3);
  const auto three = mcc::pace_for(mcc::usb_204(), 96e3, 3);
  EXPECT_EQ(three->pacer, 242u) << "70 MHz / 288 kHz = 243.06";
  EXPECT_DOUBLE_EQ(three->rate.hertz(), 70e6 / 243 / 3);
  EXPECT_EQ(mcc::pace_for(mcc::usb_1608fs_plus(), 100e3, 8)->pacer, 399u);
  EXPECT_EQ(mcc::pace_for(mcc::usb_1608fs_plus(), 30e3, 8)->rate.hertz(), 40e6 / 1333);
  EXPECT_FALSE(mcc::pace_for(mcc::usb_204(), 200e3, 3));
  EXPECT_FALSE(mcc::pace_for(mcc::usb_1608fs_plus(), 100.1e3, 1));
  EXPECT_FALSE(mcc::pace_for(mcc::usb_204(), 0.01, 1)) << "32 bits";
}

TEST(MccProtocol, KnowsWhereCalibrationsLieAndWhatTheyMean) {
  const mcc::Range one_volt = *mcc::range_for(mcc::usb_1608fs_plus(), 1);
  EXPECT_EQ(one_volt.id, 5);
  EXPECT_EQ(mcc::calibration_address(mcc::usb_1608fs_plus(), one_volt, 3), (5 * 8 + 3) * 8);
  const mcc::Range widest = *mcc::range_for(mcc::usb_204(), 1);
  EXPECT_EQ(widest.volts, 10) << "it has no other";
  EXPECT_EQ(mcc::calibration_address(mcc::usb_204(), widest, 3), 24);
  EXPECT_FALSE(mcc::range_for(mcc::usb_204(), 10.1));

  const mcc::Line line =
      mcc::line_of(mcc::usb_1608fs_plus(), one_volt, {.slope = 1.01, .intercept = -20});
  const double code = 40'000;  // of the device
  const double volts = (code * 1.01 - 20 - 32768) / 32768;
  EXPECT_NEAR((code - 32768 - line.zero) * line.volts_per_code, volts, 1e-12);
  const mcc::Line line_204 = mcc::line_of(mcc::usb_204(), widest, {.slope = 0.99, .intercept = 7});
  EXPECT_NEAR((1000 - line_204.zero) * line_204.volts_per_code,
              (1000 * 0.99 + 7 - 2048) * 10 / 2048, 1e-12);
}

}  // namespace
}  // namespace rig
