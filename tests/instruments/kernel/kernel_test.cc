// The scope's driver on a real kernel's USB stack: runs in a QEMU guest, where run.sh has plugged
// in the models. ./do test-usb starts it; it is no part of ctest.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "rig/instruments/scan.h"
#include "rig/instruments/scpi_scope.h"
#include "rig/instruments/usb/stream.h"
#include "rig/instruments/usbtmc.h"
#include "rig/instruments/wall_clock.h"
#include "tests/instruments/kernel/kernel_rig.h"

namespace rig::kernel {
namespace {

constexpr milliseconds kShort(100);
constexpr std::uint8_t kIn = 0x82;
const usb::Selector kScope{.vendor = 0x1AB1, .product = 0x04CE, .serial = "DS1ZA000000001"};

class KernelTest : public testing::Test {
 protected:
  usb::Context context_;

  std::unique_ptr<usb::Device> device() { return open_device(context_, kScope); }
  std::unique_ptr<ScpiLink> link() {
    return patiently<std::unique_ptr<ScpiLink>>(
        [&] { return open_usbtmc(context_, kScope, within(kLong)); });
  }
  static std::string driver() {
    std::error_code none;
    return std::filesystem::read_symlink("/sys/bus/usb/devices/1-1:1.0/driver", none).filename();
  }
};

// udev may be at the last of them still.
TEST_F(KernelTest, FindsWhatIsPluggedInAndItsSerialNumbers) {
  std::map<std::string, int> found;
  for (const Deadline deadline = within(kLong); found.size() < 5 && steady_clock::now() < deadline;
       std::this_thread::sleep_for(milliseconds(20))) {
    found.clear();
    for (const auto& i : scan_instruments({}).instruments) found[i.address] = i.megabits;
  }
  EXPECT_EQ(found, (std::map<std::string, int>{{"1AB1:04CE:DS1ZA000000001", 480},
                                               {"04B4:6022", 480},
                                               {"0925:3881", 480},
                                               {"09DB:0114:01AC2F01", 12},
                                               {"09DB:00EA:01AC2F01", 12}}));
}

TEST_F(KernelTest, TakesTheInterfaceFromTheKernelsDriverAndGivesItBack) {
  ASSERT_EQ(driver(), "usbtmc");
  {
    const auto opened = link();
    EXPECT_EQ(driver(), "usbfs");
  }
  EXPECT_EQ(driver(), "usbtmc");
}

TEST_F(KernelTest, AsksAndRecoversFromSilence) {
  const auto opened = link();
  for (int k = 0; k < 50; ++k) {
    ASSERT_TRUE(
        ask_text(*opened, "*IDN?", within(kLong)).starts_with("RIGOL TECHNOLOGIES,DS1104Z"));
  }
  EXPECT_EQ(error_of([&] { ask_text(*opened, "UNKNOWN?", within(kShort)); }),
            opened->where() + "UNKNOWN?: no answer in time; recovered by abort and clear");
  EXPECT_TRUE(ask_text(*opened, "*IDN?", within(kLong)).starts_with("RIGOL"));
}

TEST_F(KernelTest, CapturesARecord) {
  struct Sum final : BlockSink {
    std::size_t samples = 0;
    double peak = 0;
    void take(const Block& block) override {
      samples += block.size();
      for (const std::int16_t code : block.codes[0]) {
        peak = std::max(peak, std::fabs((code - 127) * 1.0 / 25));
      }
    }
  } sum;
  const auto clock = make_wall_clock();
  const auto scope = make_scope(
      link(), *clock, {.channels = {{.name = "voltage", .unit = "V", .input = 1, .probe = 1}}});
  scope->arm({.name = "run",
              .channels = {"voltage"},
              .rate = {.samples = 10'000'000},
              .ranges = {{"voltage", 4}},
              .length = milliseconds(100)});
  const auto before = steady_clock::now();
  while (scope->collect(clock->now() + milliseconds(20), sum)) {
  }
  const std::chrono::duration<double> took = steady_clock::now() - before;
  std::printf("1 Mpoint record and download: %.3f s\n", took.count());
  EXPECT_EQ(sum.samples, 1'000'000u);
  EXPECT_NEAR(sum.peak, 3.0, 0.03);
}

TEST_F(KernelTest, StallBabbleAndShortTransfersAreToldApart) {
  const auto opened = device();
  const usb::Interface claimed(*opened, 0);
  std::vector<std::uint8_t> buffer(512);
  fail_at(*opened, Fault::kStall);
  EXPECT_EQ(opened->in(kIn, buffer, within(kLong)).outcome, usb::Outcome::kStalled);
  EXPECT_EQ(opened->in(kIn, buffer, within(kLong)).outcome, usb::Outcome::kStalled);
  opened->clear_halt(kIn);
  EXPECT_EQ(opened->in(kIn, buffer, within(kShort)).outcome, usb::Outcome::kTimedOut);
  fail_at(*opened, Fault::kBabble);
  EXPECT_EQ(opened->in(kIn, buffer, within(kLong)).outcome, usb::Outcome::kOverflow);
  heal(*opened);
}

TEST_F(KernelTest, TheKernelsBufferLimitNamesItsCure) {
  const auto opened = device();
  const usb::Interface claimed(*opened, 0);
  const std::string words = error_of([&] {
    const usb::Stream stream(*opened, {.endpoint = kIn, .transfers = 9, .block_bytes = 2 << 20});
  });
  EXPECT_NE(words.find("usbfs_memory_mb"), std::string::npos) << words;
  EXPECT_EQ(error_of([&] {
              const usb::Stream stream(*opened,
                                       {.endpoint = kIn, .transfers = 7, .block_bytes = 2 << 20});
            }),
            "no error");
}

TEST_F(KernelTest, UnpluggedInAReadAndInAStreamItComesBack) {
  for (int k = 0; k < 2; ++k) {
    const auto opened = device();
    const usb::Interface claimed(*opened, 0);
    fail_at(*opened, Fault::kUnplug);
    const auto before = steady_clock::now();
    const std::string words = error_of([&] {
      if (k == 0) {
        std::vector<std::uint8_t> buffer(512);
        opened->in(kIn, buffer, within(kLong));
      } else {
        usb::Stream stream(*opened, {.endpoint = kIn, .transfers = 4, .block_bytes = 65536});
        stream.next(within(kLong));
      }
    });
    EXPECT_LT(steady_clock::now() - before, milliseconds(500));
    EXPECT_TRUE(words.ends_with(": unplugged")) << words;
    EXPECT_TRUE(error_of([&] { heal(*opened); }).ends_with(": unplugged"));
  }
  EXPECT_TRUE(ask_text(*link(), "*IDN?", within(kLong)).starts_with("RIGOL"));
}

TEST_F(KernelTest, WithoutPermissionTheErrorHoldsTheUdevRule) {
  device();  // it is back
  ASSERT_EQ(::seteuid(65534), 0);
  const std::string words =
      error_of([&] { const usb::Device opened(context_, kScope, within(kLong)); });
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_NE(words.find("ATTR{idVendor}==\"1ab1\", ATTR{idProduct}==\"04ce\""), std::string::npos)
      << words;
}

}  // namespace
}  // namespace rig::kernel
