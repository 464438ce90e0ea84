// The scope driver against a DS1000Z model, over USBTMC (libusb, emulated usbfs) and over TCP. Time
// is the test's own, so nothing waits for a record.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "fixtures/devices/ds1000z.h"
#include "fixtures/devices/usbtmc_device.h"
#include "rig/core/error.h"
#include "rig/instruments/scpi_scope.h"
#include "rig/instruments/usbtmc.h"
#include "tests/instruments/scpi_server.h"
#include "tests/instruments/usb_bus.h"

namespace rig::fake {

using devices::Ds1000z;
using devices::Ds1000zFaults;
using std::chrono::milliseconds;

inline constexpr milliseconds kLong(2000);

class ManualClock final : public Clock {
 public:
  Picos tick{};  // passes whenever somebody looks
  Picos now() const override { return Picos(now_.fetch_add(tick.count())) + tick; }
  void wait_until(Picos when) override { now_ = std::max(now_.load(), when.count()); }

 private:
  mutable std::atomic<Picos::rep> now_ = Picos(milliseconds(1000)).count();  // the model looks too
};

class Kept final : public BlockSink {
 public:
  std::vector<std::vector<std::int16_t>> codes;
  void take(const Block& block) override {
    codes.resize(block.codes.size());
    EXPECT_EQ(block.first_sample, codes[0].size()) << "in order, without a gap";
    for (std::size_t k = 0; k < codes.size(); ++k) {
      codes[k].insert(codes[k].end(), block.codes[k].begin(), block.codes[k].end());
    }
  }
};

inline double sine(int input, double t) {
  const double amplitude = input == 1 ? 3.0 : 30.0;
  return amplitude * std::sin(2 * std::numbers::pi * 50 * t);
}

enum class Way : std::uint8_t { kUsb, kTcp };

class OnScope : public testing::TestWithParam<Way> {
 protected:
  ManualClock clock_;
  Ds1000z model_{[this] { return to_seconds(clock_.now()); }, sine};
  devices::UsbtmcDevice usbtmc_{{}, model_};
  std::unique_ptr<UsbBus> bus_;
  std::unique_ptr<usb::Context> context_;
  std::unique_ptr<ScpiServer> server_;
  std::unique_ptr<Digitizer> scope_;

  void SetUp() override {
    ScopeSettings settings;
    settings.channels = {
        {.name = "current", .unit = "A", .input = 1, .probe = 1, .units_per_volt = 0.01},
        {.name = "voltage", .unit = "V", .input = 2, .probe = 10}};
    scope_ = make_scope(open_link(), clock_, settings);
  }
  std::unique_ptr<ScpiLink> open_link() {
    if (GetParam() == Way::kTcp) {
      server_ = std::make_unique<ScpiServer>(model_);
      return std::make_unique<LinkInStep>(*server_, clock_);
    }
    bus_ = std::make_unique<UsbBus>();
    bus_->plug(usbtmc_);
    context_ = std::make_unique<usb::Context>();
    return open_usbtmc(*context_, {.vendor = 0x1AB1, .product = 0x04CE}, within(kLong));
  }
  void TearDown() override { scope_.reset(); }

  static CaptureSetup both() {
    return {.name = "run",
            .channels = {"current", "voltage"},
            .rate = {.samples = 1'000'000},
            .ranges = {{"current", 0.035}, {"voltage", 50}},
            .length = milliseconds(40)};
  }

  // Arms, waits, collects everything; the error's words without the place, or "".
  std::string capture(const CaptureSetup& setup, Kept& kept) {
    try {
      info_ = scope_->arm(setup);
      while (scope_->collect(clock_.now() + milliseconds(10), kept)) {
      }
    } catch (const RigError& error) {
      const std::string words = error.what();
      const std::size_t place = words.find(": ");
      return words.substr(place + 2);
    }
    return "";
  }
  std::string error_with(const Ds1000zFaults& faults) {
    Kept kept;
    EXPECT_EQ(capture(both(), kept), "") << "a good record first, for the scope to show again";
    model_.faults = faults;
    return capture(both(), kept);
  }
  CaptureInfo info_;
};

inline std::string in_words(const testing::TestParamInfo<Way>& with) {
  return with.param == Way::kUsb ? "Usb" : "Tcp";
}

}  // namespace rig::fake
