// The USB core against every way in which a device, a kernel or a neighbour can let it down. The
// deadlines are those of the code under test; nothing here sleeps but for a busy computer.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "rig/instruments/usb/device.h"
#include "rig/instruments/usb/holder.h"
#include "rig/instruments/usb/reader.h"
#include "rig/instruments/usb/stream.h"
#include "rig/instruments/wall_clock.h"
#include "tests/instruments/echo_usb.h"
#include "tests/instruments/usb_bus.h"

namespace rig::usb {
namespace {

using devices::FaultyUsb;
using fake::EchoUsb;
using fake::UsbBus;
using fake::UsbPort;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Bytes = std::vector<std::uint8_t>;

const Selector kEcho{.vendor = 0x1209, .product = 0x5634};
constexpr milliseconds kLong(2000);
constexpr milliseconds kShort(30);

Bytes counted(std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
  return bytes;
}

// The words of the RigError that `what` has to throw, and how long it took.
template <typename Error = RigError>
std::string error_of(const std::function<void()>& what) {
  try {
    what();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

class UsbTest : public testing::Test {
 protected:
  EchoUsb echo_;
  FaultyUsb faulty_{echo_};
  UsbBus bus_;
  UsbPort& port_ = bus_.plug(faulty_, "1-1", "usbtmc");
  Context context_;

  std::unique_ptr<Device> open() {
    return std::make_unique<Device>(context_, kEcho, within(kLong));
  }
};

TEST_F(UsbTest, ListsWhatIsAttachedWithoutOpeningIt) {
  const auto devices = context_.devices();
  ASSERT_EQ(devices.size(), 1u);
  const DeviceInfo& echo = devices.front();
  EXPECT_EQ(in_words(echo.id), "1209:5634:E1");
  EXPECT_EQ(echo.manufacturer, "Soleus");
  EXPECT_EQ(echo.product, "Echo");
  EXPECT_EQ(echo.port, "1-1");
  EXPECT_EQ(echo.megabits, 480);
  ASSERT_EQ(echo.interfaces.size(), 1u);
  ASSERT_EQ(echo.interfaces[0].endpoints.size(), 3u);
  EXPECT_EQ(echo.interfaces[0].endpoints[1].address, 0x82);
  EXPECT_EQ(echo.interfaces[0].endpoints[1].packet, 512);
  EXPECT_EQ(port_.ioctls(), 0);
}

TEST_F(UsbTest, TransfersBulkAndControl) {
  const auto device = open();
  const Interface interface(*device, 0);
  const Bytes sent = counted(700);
  EXPECT_EQ(device->out(0x01, sent, within(kLong)).bytes, 700u);
  Bytes received(1024);
  const Transferred read = device->in(0x82, received, within(kLong));
  EXPECT_EQ(read.outcome, Outcome::kDone);
  ASSERT_EQ(read.bytes, 700u);
  received.resize(700);
  EXPECT_EQ(received, sent);

  std::array<std::uint8_t, 8> data{};
  const Transferred asked =
      device->control({.type = 0xC0, .request = 7, .value = 9}, data, within(kLong));
  EXPECT_EQ(asked.bytes, 4u);
  EXPECT_EQ(data[3], 9);
}

TEST_F(UsbTest, DetachesTheKernelsDriverAndGivesItBack) {
  EXPECT_EQ(port_.driver(), "usbtmc");
  {
    const auto device = open();
    const Interface interface(*device, 0);
    EXPECT_EQ(port_.driver(), "usbfs");
  }
  EXPECT_EQ(port_.driver(), "usbtmc");
}

TEST_F(UsbTest, NeverSetsAConfigurationThatIsActiveNorResets) {
  for (int k = 0; k < 3; ++k) {
    const auto device = open();
    const Interface interface(*device, 0);
  }
  EXPECT_EQ(port_.calls().count("SETCONFIGURATION"), 0u);
  EXPECT_EQ(port_.calls().count("RESET"), 0u);
}

TEST_F(UsbTest, TimesOutAndReadsOnAfterwards) {
  const auto device = open();
  const Interface interface(*device, 0);
  Bytes buffer(512);
  const auto before = steady_clock::now();
  EXPECT_EQ(device->in(0x82, buffer, within(kShort)).outcome, Outcome::kTimedOut);
  EXPECT_GE(steady_clock::now() - before, kShort);
  device->out(0x01, counted(3), within(kLong));
  EXPECT_EQ(device->in(0x82, buffer, within(kLong)).bytes, 3u)
      << "a timeout must not swallow the next bytes";
}

TEST_F(UsbTest, AStallIsAValueAndIsOverWhenCleared) {
  const auto device = open();
  const Interface interface(*device, 0);
  Bytes buffer(512);
  device->out(0x01, counted(5), within(kLong));
  faulty_.fail_at(0, FaultyUsb::Fault::kStall);
  EXPECT_EQ(device->in(0x82, buffer, within(kLong)).outcome, Outcome::kStalled);
  EXPECT_EQ(device->in(0x82, buffer, within(kLong)).outcome, Outcome::kStalled);
  device->clear_halt(0x82);
  EXPECT_EQ(device->in(0x82, buffer, within(kLong)).bytes, 5u);
}

TEST_F(UsbTest, BabbleAndShortTransfersAreTold) {
  const auto device = open();
  const Interface interface(*device, 0);
  Bytes buffer(512);
  device->out(0x01, counted(512), within(kLong));
  faulty_.fail_at(0, FaultyUsb::Fault::kBabble);
  const Transferred babble = device->in(0x82, buffer, within(kLong));
  EXPECT_EQ(babble.outcome, Outcome::kOverflow);
  EXPECT_EQ(babble.bytes, 0u);
  faulty_.fail_at(0, FaultyUsb::Fault::kShort);
  EXPECT_EQ(device->in(0x82, buffer, within(kLong)).bytes, 256u);
  EXPECT_EQ(device->in(0x82, buffer, within(kLong)).bytes, 256u);
}

TEST_F(UsbTest, UnpluggedInsideAReadEndsItAtOnce) {
  for (const auto fault : {FaultyUsb::Fault::kUnplug, FaultyUsb::Fault::kErrorThenGone}) {
    {
      const auto device = open();
      const Interface interface(*device, 0);
      Bytes buffer(512);
      faulty_.fail_at(0, fault);
      EXPECT_EQ(error_of<Unplugged>([&] { device->in(0x82, buffer, within(kLong)); }),
                "usb 1209:5634:E1 (1-1): bulk in 0x82: unplugged");
      EXPECT_LT(port_.since_pulled(), milliseconds(500));
      EXPECT_EQ(error_of<Unplugged>([&] { device->out(0x01, buffer, within(kLong)); }),
                "usb 1209:5634:E1 (1-1): bulk out 0x01: unplugged");
    }
    port_.replug();
  }
}

// Everything that a short session asks of the kernel, and the cable pulled at each of these points.
TEST_F(UsbTest, UnpluggedAtAnyPointIsOneErrorAndTheDeviceCanBeOpenedAgain) {
  const auto session = [&] {
    const auto device = open();
    const Interface interface(*device, 0);
    std::array<std::uint8_t, 8> data{};
    device->control({.type = 0xC0, .request = 7}, data, within(kLong));
    Stream stream(*device, {.endpoint = 0x86, .transfers = 4, .block_bytes = 4096});
    for (int k = 0; k < 6; ++k) stream.next(within(kLong));
    Bytes buffer(512);
    device->out(0x01, counted(10), within(kLong));
    device->in(0x82, buffer, within(kLong));
    device->clear_halt(0x82);
  };
  session();
  const int needed = port_.ioctls();
  ASSERT_GT(needed, 10);
  for (int k = 0; k < needed; ++k) {
    port_.replug();
    port_.pull_at(k);
    const std::string words = error_of(session);
    EXPECT_LT(port_.since_pulled(), milliseconds(500)) << k;
    // Once the last byte is in, pulling the cable can only disturb the release.
    if (k < needed - 8) {
      EXPECT_NE(words.find("unplugged"), std::string::npos) << k << ": " << words;
    }
  }
  port_.replug();
  EXPECT_EQ(error_of(session), "no error");
}

TEST_F(UsbTest, AnUnpluggedDeviceIsFoundAgainUnderItsNewAddress) {
  const int old = port_.address();
  port_.replug();
  EXPECT_NE(port_.address(), old);
  const auto device = open();
  EXPECT_EQ(device->info().address, port_.address());
}

TEST_F(UsbTest, StreamsInOrderWithoutAGap) {
  const auto device = open();
  const Interface interface(*device, 0);
  Stream stream(*device, {.endpoint = 0x86, .transfers = 8, .block_bytes = 16384});
  std::uint64_t expected = 0;
  for (int k = 0; k < 40; ++k) {
    const auto block = stream.next(within(kLong));
    ASSERT_EQ(block.size(), 16384u);
    for (std::size_t at = 0; at < block.size(); at += 8) {
      std::uint64_t value = 0;
      std::memcpy(&value, &block[at], 8);
      ASSERT_EQ(value, expected++);
    }
  }
}

TEST_F(UsbTest, AStreamThatFallsSilentStallsOrBabblesIsAnError) {
  const auto words = [&](FaultyUsb::Fault fault) {
    const auto device = open();
    const Interface interface(*device, 0);
    faulty_.fail_at(6, fault);
    return error_of([&] {
      Stream stream(*device, {.endpoint = 0x86, .transfers = 4, .block_bytes = 4096});
      const auto time = fault == FaultyUsb::Fault::kSilence ? kShort : kLong;
      for (int k = 0; k < 12; ++k) stream.next(within(time));
    });
  };
  const std::string where = "usb 1209:5634:E1 (1-1): stream: ";
  EXPECT_EQ(words(FaultyUsb::Fault::kSilence), where + "the device fell silent");
  port_.replug();
  EXPECT_EQ(words(FaultyUsb::Fault::kStall), where + "the device stalled");
  port_.replug();
  EXPECT_EQ(words(FaultyUsb::Fault::kBabble), where + "the device sent more than it may");
  port_.replug();
  EXPECT_EQ(words(FaultyUsb::Fault::kUnplug), where + "unplugged");
  port_.replug();
  EXPECT_EQ(words(FaultyUsb::Fault::kErrorThenGone), where + "unplugged");
}

// No thread of this process gets anything from the kernel for longer than a device may be silent.
TEST_F(UsbTest, TimeInWhichABusyComputerDidNotLookIsNoSilenceOfTheDevice) {
  const auto device = open();
  const Interface interface(*device, 0);
  const auto clock = make_wall_clock();
  Reader reader(*device, {.endpoint = 0x82, .transfers = 4, .block_bytes = 512}, *clock);
  std::optional<Arrived> arrived;
  std::thread waits;
  port_.meanwhile([&] {
    echo_.out(0x01, counted(5));
    waits = std::thread([&] { arrived = reader.next(kShort); });
    std::this_thread::sleep_for(8 * kShort);
  });
  waits.join();
  ASSERT_TRUE(arrived);
  EXPECT_EQ(arrived->bytes, counted(5));
  EXPECT_FALSE(reader.next(kShort)) << "now it is silent";
}

TEST_F(UsbTest, MoreThanTheKernelsBufferLimitNamesTheCure) {
  const auto device = open();
  const Interface interface(*device, 0);
  constexpr std::size_t kBlock = 2 << 20;
  const auto stream_of = [&](std::size_t transfers) {
    return error_of([&] {
      const Stream stream(*device,
                          {.endpoint = 0x82, .transfers = transfers, .block_bytes = kBlock});
    });
  };
  EXPECT_EQ(stream_of(9),
            "usb 1209:5634:E1 (1-1): stream: Insufficient memory; the kernel's limit for USB "
            "buffers is reached: as root, 'echo 256 > "
            "/sys/module/usbcore/parameters/usbfs_memory_mb'");
  EXPECT_EQ(stream_of(8), "no error") << "the failed one has to give everything back";
}

TEST_F(UsbTest, CancelEndsWhatAnotherThreadWaitsFor) {
  const auto device = open();
  const Interface interface(*device, 0);
  std::thread stop([&] { device->cancel_all(); });
  Bytes buffer(512);
  EXPECT_EQ(error_of([&] { device->in(0x82, buffer, within(kLong)); }),
            "usb 1209:5634:E1 (1-1): bulk in 0x82: cancelled");
  stop.join();
}

TEST_F(UsbTest, ATransferThatTheKernelKeepsDoesNotHangTheRig) {
  const auto device = open();
  const Interface interface(*device, 0);
  port_.keep_discarded_urbs();
  Bytes buffer(512);
  EXPECT_EQ(error_of([&] { device->in(0x82, buffer, within(kShort)); }),
            "usb 1209:5634:E1 (1-1): bulk in 0x82: the kernel did not give the transfer back");
  port_.give_back_urbs();
}

TEST_F(UsbTest, AnInterfaceThatAnotherProcessHoldsNamesIt) {
  port_.claim_elsewhere(true);
  const std::string file = bus_.root() + port_.node();
  std::array<int, 2> ready{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::ifstream held(file);
    static_cast<void>(!::write(ready[1], "x", 1));
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const auto device = open();
  const std::string words = error_of([&] { const Interface interface(*device, 0); });
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(words, "usb 1209:5634:E1 (1-1): claim interface 0: Resource busy; held by " +
                       std::string("instruments_tes (pid ") + std::to_string(child) + "): stop it");
}

TEST_F(UsbTest, WithoutPermissionTheErrorHoldsTheUdevRule) {
  port_.forbid();
  const uid_t user = ::geteuid();
  ASSERT_EQ(::seteuid(user == 0 ? 65534 : user), 0);  // root may open anything
  const std::string words = error_of([&] { open(); });
  ASSERT_EQ(::seteuid(user), 0);
  EXPECT_EQ(words,
            "usb 1209:5634:E1 (1-1): open: Access denied (insufficient permissions); as root, put "
            "the line  SUBSYSTEM==\"usb\", ATTR{idVendor}==\"1209\", ATTR{idProduct}==\"5634\", "
            "MODE=\"0660\", GROUP=\"plugdev\", TAG+=\"uaccess\"  into "
            "/etc/udev/rules.d/60-soleus-rig.rules, run 'udevadm control --reload' and plug the "
            "device in again");
}

TEST_F(UsbTest, OneProcessAtATimePerSerialNumber) {
  auto first = open();
  EXPECT_EQ(error_of([&] { Device(context_, kEcho, within(kShort)); }),
            "usb 1209:5634:E1: lock: in use by " + process_in_words(::getpid()) +
                "; wait for it, or stop it");
  first.reset();
  open();
}

TEST_F(UsbTest, SelectsBySerialNumberAndSaysWhenThatIsNeeded) {
  EchoUsb second("E2");
  bus_.plug(second, "1-2");
  Context context;
  const auto opening = [&](const Selector& selector) {
    return error_of(
        [&] { EXPECT_EQ(Device(context, selector, within(kLong)).info().port, "1-2"); });
  };
  const std::string several = opening(kEcho);
  EXPECT_TRUE(several.starts_with("usb 1209:5634: open: several are attached (1209:5634:E"))
      << several;
  EXPECT_TRUE(several.ends_with("); name the serial number")) << several;
  EXPECT_EQ(opening({.vendor = 0x1209, .product = 0x5634, .serial = "E2"}), "no error");
  const std::string none = opening({.vendor = 0x1AB1, .product = 0x04CE, .serial = "X"});
  EXPECT_TRUE(none.starts_with("usb 1AB1:04CE:X: open: not attached; attached: 1209:5634:E"))
      << none;
}

}  // namespace
}  // namespace rig::usb
