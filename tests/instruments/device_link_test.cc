// The links to the device: the real drivers, on a pseudo terminal and on a socket of this machine.
#include "rig/instruments/device_link.h"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include "fixtures/devices/pty.h"
#include "rig/core/error.h"
#include "rig/instruments/wall_clock.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

std::string error_of(const std::function<void()>& what) {
  try {
    what();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no error";
}

std::vector<std::byte> bytes_of(const std::string& text) {
  std::vector<std::byte> bytes;
  for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

std::string read_text(Link& link, Picos timeout) {
  std::array<std::byte, 64> buffer{};
  std::string text;
  const std::size_t count = link.read(buffer, timeout);
  for (std::size_t k = 0; k < count; ++k) text += std::to_integer<char>(buffer[k]);
  return text;
}

class SerialLinkTest : public testing::Test {
 protected:
  devices::Pty pty_;
  std::unique_ptr<Clock> clock_ = make_wall_clock();
  SerialPort port_{.path = pty_.path(), .baud = 38400};
  std::unique_ptr<Link> link_ = open_device_link(port_, *clock_);

  void say(const std::string& text) {
    pty_.write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }
  std::string heard() {
    const devices::Bytes bytes = pty_.read();
    return {bytes.begin(), bytes.end()};
  }
};

TEST_F(SerialLinkTest, CarriesEveryByteValueBothWaysUnchanged) {
  std::string all(256, '\0');
  std::iota(all.begin(), all.end(), '\0');
  link_->write(bytes_of(all));
  EXPECT_EQ(heard(), all) << "no byte is eaten or turned into another by the line discipline";
  say(all);
  std::string got;
  while (got.size() < all.size()) {
    const std::string more = read_text(*link_, std::chrono::seconds(1));
    ASSERT_FALSE(more.empty());
    got += more;
  }
  EXPECT_EQ(got, all);
}

TEST_F(SerialLinkTest, ReturnsNothingWhenTheDeviceIsSilentAndLosesNoByteOfThen) {
  const Picos before = clock_->now();
  EXPECT_EQ(read_text(*link_, milliseconds(10)), "");
  EXPECT_GE(clock_->now() - before, milliseconds(10));
  say("x");
  EXPECT_EQ(read_text(*link_, std::chrono::seconds(1)), "x");
  EXPECT_EQ(read_text(*link_, Picos(0)), "");
}

TEST_F(SerialLinkTest, SaysWhenTheLastStopBitWillHaveLeft) {
  const Picos before = clock_->now();
  const Picos first = link_->write(bytes_of(std::string(100, 'x')));
  const Picos bits = Picos(std::chrono::seconds(1000)) / 38400;
  EXPECT_GE(first, before + bits);
  EXPECT_LE(first, clock_->now() + bits);
  const Picos second = link_->write(bytes_of("x"));
  EXPECT_EQ(second - first, Picos(std::chrono::seconds(10)) / 38400)
      << "behind what is still leaving";
}

TEST_F(SerialLinkTest, BelongsToOneProcessAlone) {
  EXPECT_EQ(error_of([&] { open_device_link(port_, *clock_); }).substr(0, port_.path.size() + 11),
            port_.path + ": is in use");
  link_.reset();
  EXPECT_EQ(error_of([&] { open_device_link(port_, *clock_); }), "no error");
}

TEST_F(SerialLinkTest, ThrowsAwayWhatWasWaitingBefore) {
  link_.reset();
  say("stale");
  link_ = open_device_link(port_, *clock_);
  EXPECT_EQ(read_text(*link_, milliseconds(5)), "");
}

TEST_F(SerialLinkTest, ADeviceThatIsGoneIsAnErrorInReadAndWrite) {
  pty_.hang_up();
  EXPECT_EQ(error_of([&] { read_text(*link_, std::chrono::seconds(5)); }),
            port_.path + ": read: the other side is gone");
  EXPECT_EQ(error_of([&] { link_->write(bytes_of("x")); }),
            port_.path + ": write: the other side is gone");
}

TEST_F(SerialLinkTest, WritingEndsWhenNobodyTakesTheBytes) {
  const std::vector<std::byte> many(1 << 17);
  port_.baud = 3'000'000;
  link_.reset();
  link_ = open_device_link(port_, *clock_);
  EXPECT_EQ(error_of([&] { link_->write(many); }), port_.path + ": write: it takes no bytes");
}

TEST_F(SerialLinkTest, SetsTheLineUpAndLeavesDtrAlone) {
  port_ = {.path = pty_.path(), .baud = 115200, .stop_bits = 2, .flow_control = true};
  link_.reset();
  link_ = open_device_link(port_, *clock_);
  termios line{};
  ASSERT_EQ(tcgetattr(pty_.descriptor(), &line), 0);
  EXPECT_EQ(cfgetospeed(&line), B115200);
  EXPECT_NE(line.c_cflag & CSTOPB, 0u);
  EXPECT_NE(line.c_cflag & CRTSCTS, 0u);
  EXPECT_EQ(line.c_cflag & HUPCL, 0u);
}

TEST(SerialPorts, ThatCannotBeUsedAreNamedWithTheReason) {
  const auto clock = make_wall_clock();
  EXPECT_EQ(error_of([&] { open_device_link(SerialPort{.path = "/dev/ttyNOPE"}, *clock); }),
            "/dev/ttyNOPE: open: No such file or directory");
  EXPECT_EQ(error_of([&] { open_device_link(SerialPort{.path = "/dev/null"}, *clock); }),
            "/dev/null: is no serial port: Inappropriate ioctl for device");
  const devices::Pty pty;
  EXPECT_EQ(
      error_of([&] { open_device_link(SerialPort{.path = pty.path(), .baud = 12345}, *clock); }),
      pty.path() + ": a serial port has no speed of 12345 baud");
}

TEST(SerialPorts, SayThatAnFtdiAdapterHoldsBytesBack) {
  const std::filesystem::path sys = std::filesystem::temp_directory_path() / "rig_sys_of_links";
  const std::filesystem::path device = sys / "bus/usb-serial/devices/ttyUSB7";
  std::filesystem::create_directories(device);
  std::ofstream(device / "latency_timer") << "16\n";
  const SerialPort port{.path = "/dev/ttyUSB7"};
  EXPECT_EQ(in_words(port, sys),
            "/dev/ttyUSB7, 38400 baud, 1 stop bits, latency timer 16 ms (too long for exact "
            "instants: fixtures/udev sets it to 1 ms)");
  std::ofstream(device / "latency_timer") << "1\n";
  EXPECT_EQ(in_words(port, sys), "/dev/ttyUSB7, 38400 baud, 1 stop bits, latency timer 1 ms");
  std::filesystem::remove_all(sys);
  EXPECT_EQ(in_words(port, sys), "/dev/ttyUSB7, 38400 baud, 1 stop bits");
}

TEST(TcpLink, CarriesBytesAndNoticesTheOtherSideGoing) {
  using boost::asio::ip::tcp;
  boost::asio::io_context io;
  tcp::acceptor acceptor(io, {boost::asio::ip::make_address("127.0.0.1"), 0});
  const std::string address = "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  const auto clock = make_wall_clock();
  const auto link = open_device_link(TcpAddress{address}, *clock);
  tcp::socket device = acceptor.accept();
  link->write(bytes_of("hello"));
  std::array<char, 8> buffer{};
  EXPECT_EQ(device.read_some(boost::asio::buffer(buffer)), 5u);
  EXPECT_EQ(read_text(*link, milliseconds(5)), "");
  boost::asio::write(device, boost::asio::buffer("yes", 3));
  EXPECT_EQ(read_text(*link, std::chrono::seconds(1)), "yes");
  device.close();
  EXPECT_EQ(error_of([&] { read_text(*link, std::chrono::seconds(1)); }),
            "tcp " + address + ": read: the other side is gone");
  acceptor.close();
  EXPECT_EQ(error_of([&] { open_device_link(TcpAddress{address}, *clock); }),
            "tcp " + address + ": connect: Connection refused");
}

}  // namespace
}  // namespace rig
