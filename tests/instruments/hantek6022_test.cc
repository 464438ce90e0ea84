// The Hantek 6022 driver against its model, through the unmodified libusb on an emulated usbfs. The
// bench's clock is the model's, so nothing waits and nothing depends on this machine's speed.
#include "rig/instruments/hantek6022.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <numbers>
#include <random>
#include <string>
#include <thread>

#include "fixtures/devices/hantek6022.h"
#include "rig/instruments/hantek_protocol.h"
#include "tests/instruments/stream_rig.h"
#include "tests/instruments/usb_bus.h"

namespace rig {
namespace {

using devices::HantekTraits;
using std::chrono::milliseconds;

constexpr double kClockHz = 1000;

// 3 V of 50 Hz on the first input, the clock of 1 kHz on the second.
double volts(int input, double t) {
  if (input == 1) return 3 * std::sin(2 * std::numbers::pi * 50 * t);
  return std::fmod(t * kClockHz, 1.0) < 0.5 ? 3.0 : 0.0;
}

class HantekTest : public testing::Test {
 protected:
  HantekTraits traits_;
  std::atomic<bool> clock_wired_ = true;
  std::unique_ptr<devices::Hantek6022> model_;
  std::unique_ptr<fake::UsbBus> bus_;
  fake::UsbPort* port_ = nullptr;
  std::unique_ptr<fake::StreamClock> clock_;
  std::unique_ptr<usb::Context> context_;
  UsbSampler settings_{.usb = {.text = "04B5:6022"},
                       .clock = IntegrityClock{.input = 2, .hertz = kClockHz}};
  ScopeSettings scope_{
      .channels = {{.name = "current", .unit = "A", .input = 1, .units_per_volt = 0.01}}};
  CaptureInfo info_;

  void plug() {
    model_ = std::make_unique<devices::Hantek6022>(traits_, [this](int input, double t) {
      return input == 2 && !clock_wired_ ? 0.0 : volts(input, t);
    });
    bus_ = std::make_unique<fake::UsbBus>();
    port_ = &bus_->plug(*model_);
    port_->lockstep();
    clock_ = std::make_unique<fake::StreamClock>(model_->stream);
    context_ = std::make_unique<usb::Context>();
  }
  std::unique_ptr<Digitizer> open() {
    if (!model_) plug();
    return open_hantek6022(*context_, *clock_, settings_, scope_);
  }
  static CaptureSetup setup() {
    return {.name = "run",
            .channels = {"current"},
            .rate = {.samples = 1'000'000},
            .length = milliseconds(30)};
  }
  std::string error_of_opening() {
    try {
      open();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "no error";
  }
  void expect_signal(const fake::KeptSamples& kept) const {
    const Channel& channel = info_.channels[0];
    for (std::size_t k = 0; k < kept.index.size(); ++k) {
      const double expected = 0.01 * volts(1, fake::seconds_at(info_, kept.index[k]));
      ASSERT_NEAR(channel.value_of(kept.codes[0][k]), expected, 0.6 * channel.scale) << k;
    }
  }
};

TEST_F(HantekTest, CapturesWhatIsOnItsInputAtItsTrueTime) {
  const auto digitizer = open();
  fake::KeptSamples kept;
  ASSERT_EQ(fake::capture(*digitizer, setup(), info_, kept), "");
  EXPECT_EQ(kept.index.size(), 30'000u);
  EXPECT_EQ(kept.losses, 0);
  EXPECT_TRUE(info_.integrity_proven);
  EXPECT_EQ(info_.rate, (SampleRate{.samples = 1'000'000}));
  expect_signal(kept);
}

TEST_F(HantekTest, WaitsOnTheBenchsClockSoThatTheTableDoesWhatIsDue) {
  const auto digitizer = open();
  info_ = digitizer->arm(setup());
  fake::KeptSamples kept;
  EXPECT_TRUE(digitizer->collect(info_.armed_at + milliseconds(10), kept));
  EXPECT_EQ(clock_->waited(), info_.armed_at + milliseconds(10));
  EXPECT_FALSE(digitizer->collect(info_.armed_at + std::chrono::seconds(9), kept));
  EXPECT_EQ(clock_->waited(), info_.armed_at + milliseconds(30)) << "and not longer than it lasts";
}

TEST_F(HantekTest, CapturesAgainAndAgain) {
  const auto digitizer = open();
  for (int k = 0; k < 3; ++k) {
    fake::KeptSamples kept;
    ASSERT_EQ(fake::capture(*digitizer, setup(), info_, kept), "");
    EXPECT_TRUE(info_.integrity_proven);
    expect_signal(kept);
  }
}

TEST_F(HantekTest, FindsALostBlockWhereverItIsAndKeepsTheTimeOfTheRest) {
  const auto digitizer = open();
  std::mt19937 random(5);
  // The capture lies in the blocks from 156 to 273 of the stream.
  for (int trial = 0; trial < 25; ++trial) {
    model_->stream.faults.lost = {156 + random() % 117};
    fake::KeptSamples kept;
    const std::string words = fake::capture(*digitizer, setup(), info_, kept);
    ASSERT_EQ(words, "");
    ASSERT_TRUE(info_.integrity_proven);
    expect_signal(kept);
    EXPECT_EQ(kept.losses, 1) << *model_->stream.faults.lost.begin();
  }
}

TEST_F(HantekTest, WithoutTheClockNothingIsProven) {
  for (const bool named : {true, false}) {
    clock_wired_ = false;
    if (!named) settings_.clock.reset();
    const auto digitizer = open();
    fake::KeptSamples kept;
    ASSERT_EQ(fake::capture(*digitizer, setup(), info_, kept), "");
    EXPECT_FALSE(info_.integrity_proven);
    EXPECT_EQ(kept.index.size(), 30'000u);
  }
}

TEST_F(HantekTest, AClockThatStopsEndsTheCapture) {
  const auto digitizer = open();
  info_ = digitizer->arm(setup());
  ASSERT_TRUE(info_.integrity_proven);
  clock_wired_ = false;
  fake::KeptSamples kept;
  try {
    while (digitizer->collect(info_.armed_at + milliseconds(30), kept)) {
    }
    FAIL() << "it did not notice";
  } catch (const RigError& error) {
    EXPECT_TRUE(
        std::string(error.what())
            .starts_with("usb 04B5:6022:0123456789AB (1-1): input 2: the clock stopped at sample "))
        << error.what();
  }
}

TEST_F(HantekTest, ATimeBaseThatIsOffIsAnError) {
  traits_.clock_error = 0.1;  // as some clones have it
  const auto digitizer = open();
  fake::KeptSamples kept;
  EXPECT_EQ(fake::capture(*digitizer, setup(), info_, kept),
            "usb 04B5:6022:0123456789AB (1-1): the clock on input 2 should have 1000 samples to a "
            "period and has 1100: the sample rate or the clock's frequency is not what it should "
            "be");
}

TEST_F(HantekTest, ChoosesTheGainByTheRangeAndTellsClippedCodes) {
  const auto digitizer = open();
  CaptureSetup narrow = setup();
  narrow.ranges["current"] = 0.024;
  fake::KeptSamples kept;
  ASSERT_EQ(fake::capture(*digitizer, narrow, info_, kept), "");
  EXPECT_EQ(model_->gain(1), 2) << "2.4 V fit into 2.5 V";
  EXPECT_EQ(model_->gain(2), 1) << "the clock has the widest";
  EXPECT_EQ(info_.channels[0].clip_high, 255);
  EXPECT_EQ(*std::ranges::max_element(kept.codes[0]), 255);
  narrow.ranges["current"] = 0.06;
  EXPECT_EQ(fake::capture(*digitizer, narrow, info_, kept),
            "blocked: channel 'current' reaches 0.05 A, the capture needs 0.06");
}

TEST_F(HantekTest, TakesTheCalibrationFromItsEeprom) {
  traits_.eeprom[8 + 0 + 10] = 128 + 3;   // low rate, 5 V, input 1: codes
  traits_.eeprom[8 + 32 + 10] = 128 - 5;  // gain
  const auto digitizer = open();
  info_ = digitizer->arm(setup());
  const double scale = 0.01 * 5.12 * 1.01 * 0.99 / 128;
  EXPECT_DOUBLE_EQ(info_.channels[0].scale, scale);
  EXPECT_DOUBLE_EQ(info_.channels[0].offset, -131 * scale);
}

TEST_F(HantekTest, MakesTheClockItselfWhenAskedTo) {
  settings_.clock->own = true;
  const auto digitizer = open();
  digitizer->arm(setup());
  EXPECT_EQ(model_->calibration_output(), 1) << "1 kHz";
}

TEST_F(HantekTest, BlocksWhatItCannotDo) {
  auto digitizer = open();
  fake::KeptSamples kept;
  CaptureSetup other = setup();
  other.rate.samples = 20'000'000;
  EXPECT_EQ(fake::capture(*digitizer, other, info_, kept),
            "blocked: the Hantek 6022 samples at most 15 MHz of two channels");
  other = setup();
  other.channels = {"voltage"};
  EXPECT_EQ(fake::capture(*digitizer, other, info_, kept),
            "blocked: the digitizer has no channel 'voltage'");
  settings_.clock->hertz = 31'250;
  digitizer.reset();
  digitizer = open();
  other = setup();
  other.rate.samples = 8'000'000;
  EXPECT_EQ(fake::capture(*digitizer, other, info_, kept),
            "blocked: a clock of 31250 Hz cannot show lost blocks at 8000000 Hz: choose one whose "
            "period is no divisor of 256 samples");
}

TEST_F(HantekTest, FirmwareThatIsNotTheRightOneNamesTheCure) {
  traits_.refuses_channels = true;
  const auto digitizer = open();
  fake::KeptSamples kept;
  EXPECT_EQ(fake::capture(*digitizer, setup(), info_, kept),
            "usb 04B5:6022:0123456789AB (1-1): set up: it refuses a command of firmware 2.10: "
            "another program has loaded its own; plug it in again");
}

TEST_F(HantekTest, OldFirmwareIsRefused) {
  traits_.release = 0x0206;
  const auto digitizer = open();
  fake::KeptSamples kept;
  EXPECT_EQ(fake::capture(*digitizer, setup(), info_, kept),
            "usb 04B5:6022:0123456789AB (1-1): open: expected firmware 2.10 or later, found 2.06: "
            "plug it in again and load a newer file");
}

TEST_F(HantekTest, SigroksFirmwareIsRefused) {
  traits_.sigrok_firmware = true;
  EXPECT_EQ(error_of_opening(),
            "usb 1D50:608E (1-1): it runs sigrok's firmware, which obeys other commands: plug it "
            "in again, then the rig loads the right one");
}

TEST_F(HantekTest, IsOpenedAgainAfterItWasPluggedInAgain) {
  const auto digitizer = open();
  fake::KeptSamples kept;
  model_->stream.faults.unplug_after = 100'000;
  EXPECT_EQ(fake::capture(*digitizer, setup(), info_, kept),
            "usb 04B5:6022:0123456789AB (1-1): stream: unplugged");
  model_->stream.faults = {};
  port_->replug();
  fake::KeptSamples again;
  EXPECT_EQ(fake::capture(*digitizer, setup(), info_, again), "");
  EXPECT_EQ(again.index.size(), 30'000u);
}

// The kernel's part when the device drops off the bus and comes back: a thread, for the driver
// waits meanwhile.
class Hub {
 public:
  Hub(devices::Fx2Device& device, fake::UsbPort& port) {
    device.on_run = [this] {
      const std::lock_guard lock(mutex_);
      runs_ = true;
      changed_.notify_all();
    };
    thread_ = std::thread([this, &port] {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return runs_ || ends_; });
      if (!runs_) return;
      lock.unlock();
      port.renumerate();
    });
  }
  ~Hub() {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
      changed_.notify_all();
    }
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool runs_ = false;
  bool ends_ = false;
  std::thread thread_;
};

class HantekFirmware : public HantekTest {
 protected:
  HantekFirmware() {
    file_ =
        std::filesystem::temp_directory_path() / ("rig_fw_" + std::to_string(::getpid()) + ".hex");
    write(":0300000002004FAC\n:04004F00DEADBEEF75\n:00000001FF\n");
    settings_.firmware = file_.string();
    plug();
    model_->runs_firmware = false;
    port_->renumerate();  // the bare one from the beginning
  }
  ~HantekFirmware() override { std::filesystem::remove(file_); }
  void write(const std::string& text) const { std::ofstream(file_) << text; }
  std::filesystem::path file_;
};

TEST_F(HantekFirmware, IsLoadedAndTheDeviceFoundAgainAtItsPort) {
  const Hub hub(*model_, *port_);
  const auto digitizer = open();
  EXPECT_EQ(model_->memory().size(), 7u);
  EXPECT_EQ(model_->memory().at(0x50), 0xAD);
  fake::KeptSamples kept;
  EXPECT_EQ(fake::capture(*digitizer, setup(), info_, kept), "");
  EXPECT_EQ(kept.index.size(), 30'000u);
}

TEST_F(HantekFirmware, ThatIsNotNamedIsAskedFor) {
  settings_.firmware.clear();
  EXPECT_EQ(error_of_opening(),
            "usb 04B4:6022 (1-1): open: it waits for its firmware; name the file: 'firmware:' in "
            "the bench file's digitizer");
}

TEST_F(HantekFirmware, ThatIsBrokenIsNeverLoaded) {
  write(":0300000002004FAD\n:00000001FF\n");
  EXPECT_EQ(error_of_opening(), file_.string() + ":1: expected the checksum AC, found AD");
  EXPECT_TRUE(model_->memory().empty());
}

TEST_F(HantekFirmware, ThatMakesSomethingElseOfItIsTold) {
  model_->ignores_firmware = true;
  EXPECT_EQ(error_of_opening(),
            "usb 04B4:6022 (1-1): load firmware: expected 04B5:6022 to come back at that port "
            "within 3 s: is " +
                file_.string() + " the firmware for it?");
}

TEST(HantekProtocol, KnowsItsRatesAndGains) {
  EXPECT_EQ(hantek::rate_for(8e6, true)->id, 8);
  EXPECT_EQ(hantek::rate_for(7e6, true)->hz, 8'000'000u);
  EXPECT_EQ(hantek::rate_for(15e3, true)->id, 102);
  EXPECT_EQ(hantek::rate_for(450e3, true)->id, 150);
  EXPECT_EQ(hantek::rate_for(30e6, false)->id, 30);
  EXPECT_FALSE(hantek::rate_for(16e6, true));
  EXPECT_FALSE(hantek::rate_for(31e6, false));
  EXPECT_EQ(hantek::gain_for(0.5)->id, 10);
  EXPECT_EQ(hantek::gain_for(0.51)->id, 5);
  EXPECT_EQ(hantek::gain_for(5)->id, 1);
  EXPECT_FALSE(hantek::gain_for(5.1));
  EXPECT_NEAR(hantek::volts_per_code(*hantek::gain_for(5), {}), 0.0404, 1e-9);
  EXPECT_NEAR(hantek::volts_per_code(*hantek::gain_for(0.5), {}), 0.004, 1e-9);
}

TEST(HantekProtocol, KnowsTheBytesOfItsCalibrationOutput) {
  EXPECT_EQ(hantek::calibration_output(100), 0);
  EXPECT_EQ(hantek::calibration_output(1000), 1);
  EXPECT_EQ(hantek::calibration_output(32), 103);
  EXPECT_EQ(hantek::calibration_output(500), 150);
  EXPECT_EQ(hantek::calibration_output(1900), 219);
  EXPECT_FALSE(hantek::calibration_output(123.4));
}

}  // namespace
}  // namespace rig
