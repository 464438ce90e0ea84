// Streams of the device models whose clock is not the host's, and whose blocks are late by chance:
// what the drivers make of them. Virtual time: the host's clock goes as the model samples.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "fixtures/devices/fx2lafw_device.h"
#include "fixtures/devices/hantek6022.h"
#include "fixtures/devices/mcc_device.h"
#include "rig/instruments/sampler.h"
#include "tests/instruments/stream_rig.h"
#include "tests/instruments/usb_bus.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

// The device's clock is faster than this one. The thread that reads the stream sees each instant
// late, by a floor and an exponential delay that follow from the instant alone.
class DriftingClock final : public Clock {
 public:
  static constexpr double kFloor = 0.3e-3;
  static constexpr double kMean = 40e-6;
  DriftingClock(devices::SampleStream& stream, double faster) : stream_(stream), faster_(faster) {
    stream.starts_when_looked_at = true;
  }
  Picos now() const override {
    const double device = stream_.seconds();
    double host = 1 + device / (1 + faster_);
    if (std::this_thread::get_id() != home_) host += kFloor + late(device);
    return from_seconds(host);
  }
  void wait_until(Picos /*when*/) override {}

 private:
  static double late(double device) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &device, sizeof bits);
    std::mt19937_64 random(bits);
    return std::exponential_distribution<double>(1 / kMean)(random);
  }
  const devices::SampleStream& stream_;
  double faster_;
  std::thread::id home_ = std::this_thread::get_id();
};

// One device on an emulated usbfs, with the digitizer that drives it.
template <typename Model>
class DriftRig {
 public:
  DriftRig(std::unique_ptr<Model> model, double faster, const UsbSampler& settings,
           const ScopeChannel& channel)
      : model_(std::move(model)), clock_(model_->stream, faster) {
    bus_.plug(*model_).lockstep();
    context_ = std::make_unique<usb::Context>();
    digitizer_ = open_sampler(*context_, clock_, settings, {.channels = {channel}});
  }
  std::string capture(Picos length) {
    kept = {};
    return fake::capture(
        *digitizer_,
        {.name = "run", .channels = {"signal"}, .rate = {.samples = 50'000}, .length = length},
        info, kept);
  }
  std::optional<ClockFit> fit() const { return digitizer_->clock_fit(); }
  devices::StreamFaults& faults() { return model_->stream.faults; }

  CaptureInfo info;
  fake::KeptSamples kept;

 private:
  std::unique_ptr<Model> model_;
  fake::UsbBus bus_;
  DriftingClock clock_;
  std::unique_ptr<usb::Context> context_;
  std::unique_ptr<Digitizer> digitizer_;
};

DriftRig<devices::Fx2lafwDevice> logic(double faster) {
  return {std::make_unique<devices::Fx2lafwDevice>([](double) { return std::uint16_t{2}; }),
          faster,
          {.kind = UsbSampler::Kind::kFx2lafw, .usb = {.text = "1D50:608C"}},
          {.name = "signal", .unit = "logic", .input = 1}};
}
DriftRig<devices::MccDevice> usb_204(double faster) {
  return {std::make_unique<devices::MccDevice>(devices::MccTraits{.is_204 = true},
                                               [](int, double) { return 0.5; }),
          faster,
          {.kind = UsbSampler::Kind::kUsb204, .usb = {.text = "09DB:0114"}},
          {.name = "signal", .unit = "V", .input = 0}};
}
DriftRig<devices::Hantek6022> hantek(double faster, bool with_clock) {
  UsbSampler settings{.kind = UsbSampler::Kind::kHantek6022, .usb = {.text = "04B5:6022"}};
  if (with_clock) settings.clock = IntegrityClock{.input = 2, .hertz = 100};
  return {std::make_unique<devices::Hantek6022>(devices::HantekTraits{},
                                                [](int input, double t) {
                                                  return input == 1                      ? 0.5
                                                         : std::fmod(t * 100, 1.0) < 0.5 ? 3.0
                                                                                         : 0.0;
                                                }),
          faster, settings, ScopeChannel{.name = "signal", .unit = "V", .input = 1}};
}

void expect_drift(const std::optional<ClockFit>& fit, double drift, double most_u) {
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->drift, drift, 2 * fit->drift_u);
  EXPECT_LT(fit->drift_u, most_u);
  EXPECT_NEAR(fit->offset, DriftingClock::kFloor, 2 * fit->offset_u);
  EXPECT_GE(fit->points, 25u);
}

// High speed: 125 us over 12 s, 9 ppm; full speed: 1 ms, 72 ppm.
TEST(ClockDrift, OfEachStreamingDigitizerIsFoundWithinItsUncertainty) {
  auto analyzer = logic(200e-6);
  ASSERT_EQ(analyzer.capture(milliseconds(12'000)), "");
  expect_drift(analyzer.fit(), 200e-6, 12e-6);
  auto scope = hantek(-200e-6, false);
  ASSERT_EQ(scope.capture(milliseconds(12'000)), "");
  expect_drift(scope.fit(), -200e-6, 12e-6);
  auto daq = usb_204(200e-6);
  ASSERT_EQ(daq.capture(milliseconds(12'000)), "");
  expect_drift(daq.fit(), 200e-6, 80e-6);
}

TEST(ClockDrift, LostBlockOfALogicAnalyzerIsAnErrorThatNamesItsPlaceAndSize) {
  auto analyzer = logic(30e-6);
  analyzer.faults().lost = {200};
  const std::string error = analyzer.capture(milliseconds(4000));
  EXPECT_TRUE(error.starts_with("usb 1D50:608C (1-1): stream: data lost: 512 samples +- ") ||
              error.starts_with("usb 1D50:608C (1-1): stream: data lost: 511 samples +- ") ||
              error.starts_with("usb 1D50:608C (1-1): stream: data lost: 513 samples +- "))
      << error;
  EXPECT_NE(error.find(" never came, soon after the first 102"), std::string::npos) << error;
  EXPECT_FALSE(analyzer.fit());
  analyzer.faults() = {};
  EXPECT_EQ(analyzer.capture(milliseconds(1000)), "") << "the next capture is its own";
}

TEST(ClockDrift, LostBlockOfAHantekWithoutItsClockIsAnErrorAndWithItTheGapThatItWas) {
  auto without = hantek(30e-6, false);
  without.faults().lost = {400};
  EXPECT_NE(without.capture(milliseconds(8000)).find("stream: data lost: "), std::string::npos);
  auto with = hantek(30e-6, true);
  with.faults().lost = {400};
  ASSERT_EQ(with.capture(milliseconds(8000)), "");
  EXPECT_EQ(with.kept.losses, 1);
  expect_drift(with.fit(), 30e-6, 18e-6);
}

// Clones of the Hantek exist whose time base is 10 % off (facts/instruments.md 3.1.7).
TEST(ClockDrift, SampleClockThatIsFarOffIsAnError) {
  auto analyzer = logic(-0.1);
  const std::string error = analyzer.capture(milliseconds(1000));
  EXPECT_TRUE(
      error.starts_with("usb 1D50:608C (1-1): stream: expected a sample clock within 500 "
                        "ppm of the host's, found it off by -100"))
      << error;
}

TEST(ClockDrift, WhatABusyHostMovesWithinAShortCaptureIsNoWrongClock) {
  EXPECT_EQ(logic(-5e-3).capture(milliseconds(280)), "") << "1.4 ms in all";
  const std::string wrong = "expected a sample clock within 500 ppm";
  EXPECT_NE(logic(-0.03).capture(milliseconds(280)).find(wrong), std::string::npos);
  EXPECT_NE(logic(-2e-3).capture(milliseconds(4000)).find(wrong), std::string::npos);
}

TEST(ClockDrift, CaptureTooShortHasNoFit) {
  auto analyzer = logic(0);
  ASSERT_EQ(analyzer.capture(milliseconds(20)), "");
  EXPECT_FALSE(analyzer.fit());
}

}  // namespace
}  // namespace rig
