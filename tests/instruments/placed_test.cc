// Errors of a table whose instruments cannot be reached: where the bench file names them, and what
// to do about it, at the beginning and in the middle.
#include "rig/instruments/placed.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "fixtures/devices/pty.h"
#include "fixtures/devices/table.h"
#include "fixtures/devices/tektronix_scope.h"
#include "rig/core/error.h"
#include "rig/instruments/device_link.h"
#include "rig/instruments/instrument_bench.h"
#include "rig/instruments/table.h"
#include "tests/instruments/echo_usb.h"
#include "tests/instruments/scpi_server.h"
#include "tests/instruments/usb_bus.h"

namespace rig {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kNobody = "127.0.0.1:1";

Words errors_of(const std::function<void()>& what) {
  try {
    what();
  } catch (const RigErrors& errors) {
    return errors.lines;
  } catch (const std::runtime_error& error) {
    return {error.what()};
  }
  return {};
}

class PlacedTest : public testing::Test {
 protected:
  PlacedTest() { settings_.digitizer.channels = {{.name = "current", .unit = "A", .input = 1}}; }
  Words errors() {
    return errors_of([this] { open_instrument_bench(settings_); });
  }

  devices::TektronixScope model_{[] { return 0.0; }, [](int, double) { return 0.0; }};
  devices::LabSupply lab_;
  fake::ScpiServer scope_{model_};
  fake::ScpiServer other_{lab_};
  InstrumentBenchSettings settings_{
      .title = "a table",
      .protocol = "soleus",
      .device = TcpAddress{.text = other_.address(), .place = "t.yaml:4:15"},
      .scope = TcpAddress{.text = scope_.address(), .place = "t.yaml:7:8"}};
};

TEST_F(PlacedTest, EveryPartThatCannotBeReachedIsTried) {
  settings_.device = TcpAddress{.text = kNobody, .place = "t.yaml:4:15"};
  settings_.scope = TcpAddress{.text = kNobody, .place = "t.yaml:7:8"};
  settings_.surroundings.load_box = SwitchBoxSettings{.where = TcpAddress{kNobody, "t.yaml:9:8"}};
  settings_.surroundings.supply = BenchSupplySettings{.where = TcpAddress{kNobody, "t.yaml:12:8"}};
  const std::string refused = "tcp 127.0.0.1:1: connect: Connection refused; ";
  const std::string box = "is it switched on, and does it listen there?";
  const std::string scpi =
      "is it switched on, its LAN port open, and no other program connected to it? `rig scan "
      "127.0.0.1:1` asks it";
  EXPECT_EQ(errors(), (Words{"t.yaml:9:8: the load box: " + refused + box,
                             "t.yaml:12:8: the supply: " + refused + scpi,
                             "t.yaml:4:15: the device: " + refused + box,
                             "t.yaml:7:8: the digitizer: " + refused + scpi}));
}

TEST_F(PlacedTest, PartsThatCanBeReachedAreToldApartFromThoseThatCannot) {
  settings_.device = SerialPort{.path = "/dev/pts/99999", .place = "t.yaml:4:18"};
  try {
    open_instrument_bench(settings_);
    FAIL() << "there is no such terminal";
  } catch (const TableNotReady& table) {
    EXPECT_EQ(
        table.lines,
        Words{"t.yaml:4:18: the device: /dev/pts/99999: open: No such file or directory; what "
              "served this pseudo terminal has ended: `rig bench serve` prints the bench file "
              "anew"});
    ASSERT_EQ(table.parts.size(), 2u);
    EXPECT_EQ(table.parts[0].role, "device");
    EXPECT_EQ(table.parts[0].place, "t.yaml:4:18");
    EXPECT_EQ(table.parts[0].what, "/dev/pts/99999: open: No such file or directory");
    EXPECT_EQ(table.parts[1].role, "digitizer");
    EXPECT_EQ(table.parts[1].what, "");
  }
}

TEST_F(PlacedTest, AnInstrumentThatHangsUpWhileItIsOpenedIsPlacedOnce) {
  fake::ScpiServer supply(lab_);
  settings_.surroundings.supply =
      BenchSupplySettings{.where = TcpAddress{supply.address(), "t.yaml:12:8"}};
  supply.cut_at = 3;
  EXPECT_EQ(errors(),
            Words{"t.yaml:12:8: the supply: tcp " + supply.address() +
                  ": *IDN?: End of file; connection closed; is it switched on, its LAN port open, "
                  "and no other program connected to it? `rig scan " +
                  supply.address() + "` asks it"});
}

TEST_F(PlacedTest, WhatIsNoAddressIsBadInputWithItsPlace) {
  settings_.scope = TcpAddress{.text = "scope:port", .place = "t.yaml:7:8"};
  EXPECT_THROW(open_instrument_bench(settings_), InputError);
  EXPECT_EQ(errors(), Words{"t.yaml:7:8: the digitizer: expected a host such as 'scope.lan' or "
                            "'192.168.1.5:5025', a port from 1 to 65535, found 'scope:port'"});
}

TEST_F(PlacedTest, ADigitizerThatHangsUpInTheMiddleHasItsPlaceAndACure) {
  const Bench bench = open_instrument_bench(settings_);
  scope_.cut_at = 1;
  const Words found = errors_of([&] {
    bench.digitizer->arm({.name = "c", .channels = {"current"}, .rate = {100'000, 1}});
  });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].starts_with("t.yaml:7:8: the digitizer: tcp " + scope_.address() + ": "))
      << found[0];
  EXPECT_TRUE(found[0].ends_with(
      ": End of file; connection closed; is it switched on, its LAN port open, and no other "
      "program connected to it? `rig scan " +
      scope_.address() + "` asks it"))
      << found[0];
}

TEST(PlacedLink, ADeviceThatIsGoneInTheMiddleHasItsPlaceAndACure) {
  using boost::asio::ip::tcp;
  boost::asio::io_context io;
  tcp::acceptor acceptor(io, {boost::asio::ip::make_address("127.0.0.1"), 0});
  const TcpAddress address{.text = "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()),
                           .place = "t.yaml:4:15"};
  TableClock clock;
  const auto link = at_seat(open_device_link(address, clock), seat_of("device", address));
  acceptor.accept().close();
  std::array<std::byte, 8> buffer{};
  EXPECT_EQ(errors_of([&] { link->read(buffer, std::chrono::seconds(5)); }),
            Words{"t.yaml:4:15: the device: tcp " + address.text +
                  ": read: the other side is gone; is it switched on, and does it listen there?"});
}

TEST(PlacedLink, APseudoTerminalThatIsGoneInTheMiddleSaysWhoServedIt) {
  devices::Pty pty;
  const SerialPort port{.path = pty.path(), .place = "t.yaml:4:18"};
  TableClock clock;
  const auto link = at_seat(open_device_link(port, clock), seat_of("device", port));
  pty.hang_up();
  std::array<std::byte, 8> buffer{};
  EXPECT_EQ(
      errors_of([&] { link->read(buffer, std::chrono::seconds(5)); }),
      Words{"t.yaml:4:18: the device: " + port.path +
            ": read: the other side is gone; what served this pseudo terminal has ended: `rig "
            "bench serve` prints the bench file anew"});
  EXPECT_EQ(seat_of("device", SerialPort{.path = "/dev/ttyUSB0"}).cure,
            "is it plugged in and switched on, and its serial adapter too?");
}

TEST(PlacedOnUsb, AnInstrumentThatIsNotAttachedNamesWhatIs) {
  fake::EchoUsb echo;
  fake::UsbBus bus;
  bus.plug(echo, "1-1");
  InstrumentBenchSettings settings{
      .title = "a table",
      .protocol = "soleus",
      .device = TcpAddress{.text = kNobody, .place = "t.yaml:4:15"},
      .scope = UsbAddress{.text = "1AB1:04CE:X", .place = "t.yaml:7:8"}};
  const auto digitizer = [&] { return errors_of([&] { open_instrument_bench(settings); }).back(); };
  const std::string cure =
      "; is it plugged in and switched on? `rig scan` lists the instruments on USB";
  EXPECT_EQ(digitizer(),
            "t.yaml:7:8: the digitizer: usb 1AB1:04CE:X: open: not attached; attached: "
            "1209:5634:E1" +
                cure);
  settings.scope = UsbSampler{.usb = {.text = "04B5:6022", .place = "t.yaml:8:8"}};
  EXPECT_EQ(digitizer(),
            "t.yaml:8:8: the digitizer: usb 04B5:6022: open: no Hantek 6022 is "
            "attached; attached: 1209:5634:E1" +
                cure);
}

TEST(FirmwareFile, IsReadBeforeAnythingIsConnectedTo) {
  const std::string path = testing::TempDir() + "rig_placed.hex";
  std::ofstream(path) << ":0100000001FE\nPlease see the manual\n";
  const InstrumentBenchSettings settings{
      .title = "a table",
      .protocol = "soleus",
      .device = TcpAddress{.text = kNobody, .place = "t.yaml:4:15"},
      .scope = UsbSampler{.usb = {.text = "04B5:6022", .place = "t.yaml:8:8"},
                          .firmware = path,
                          .firmware_place = "t.yaml:9:13"}};
  EXPECT_THROW(open_instrument_bench(settings), InputError);
  EXPECT_EQ(errors_of([&] { open_instrument_bench(settings); }),
            Words{"t.yaml:9:13: " + path + ":2: expected a record that begins with ':'"});
  std::filesystem::remove(path);
}

TEST(SerialPorts, ThatAreMissingNameThoseThatAreThere) {
  const std::filesystem::path dev = std::filesystem::temp_directory_path() / "rig_dev_of_ports";
  std::filesystem::create_directories(dev);
  EXPECT_EQ(cure_of_missing_port("/dev/ttyUSB7", dev),
            "plug its serial adapter in: this computer sees none");
  for (const char* name : {"ttyUSB1", "ttyACM0", "tty1"}) std::ofstream(dev / name) << "";
  EXPECT_EQ(cure_of_missing_port("/dev/ttyUSB7", dev),
            "the serial adapters of this computer: " + (dev / "ttyACM0").string() + ", " +
                (dev / "ttyUSB1").string());
  std::filesystem::remove_all(dev);
}

}  // namespace
}  // namespace rig
