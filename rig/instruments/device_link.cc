#include "rig/instruments/device_link.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "rig/core/error.h"
#include "rig/core/join.h"
#include "rig/instruments/deadline.h"
#include "rig/instruments/run_alive.h"
#include "rig/instruments/scpi_socket.h"
#include "rig/instruments/unreachable.h"
#include "rig/instruments/usb/holder.h"

namespace rig {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr milliseconds kConnect(2000);
constexpr milliseconds kWrite(1000);  // beyond what the bits themselves take
// A USB frame, after which the adapter has the bytes: anywhere within 1 ms (facts/instruments.md
// 5.1), as it is for a local network.
constexpr double kInstantU = 1e-3 / 3.4641016;

// Stream: asio's of a descriptor or a socket, open.
template <typename Stream>
class StreamLink final : public Link {
 public:
  StreamLink(std::string name, std::unique_ptr<asio::io_context> io, Stream stream, Clock& clock,
             Picos per_byte)
      : name_(std::move(name)),
        io_(std::move(io)),
        stream_(std::move(stream)),
        clock_(clock),
        per_byte_(per_byte) {
    stream_.non_blocking(true);
  }

  Picos write(std::span<const std::byte> bytes) override {
    error_code result = asio::error::would_block;
    asio::async_write(stream_, asio::buffer(bytes.data(), bytes.size()),
                      [&](const error_code& code, std::size_t /*count*/) { result = code; });
    const Picos bits = per_byte_ * static_cast<std::int64_t>(bytes.size());
    line_free_ = std::max(line_free_, clock_.now()) + bits;
    run_for(line_free_ - clock_.now() + kWrite);
    if (result) fail("write", result);
    return line_free_;
  }

  std::size_t read(std::span<std::byte> into, Picos timeout) override {
    error_code result;
    std::size_t count = stream_.read_some(asio::buffer(into.data(), into.size()), result);
    if (result == asio::error::would_block && timeout > Picos(0)) {
      stream_.async_read_some(asio::buffer(into.data(), into.size()),
                              [&](const error_code& code, std::size_t read) {
                                result = code;
                                count = read;
                              });
      run_for(timeout);
    }
    const bool silent =
        result == asio::error::would_block || result == asio::error::operation_aborted;
    if (result && !silent) fail("read", result);
    return count;
  }

  double instant_u() const override { return kInstantU; }

 private:
  // Until what was started is done; after a timeout it is taken back, and no byte is lost.
  void run_for(Picos time) {
    io_->restart();
    run_alive(*io_, Deadline::clock::now() + std::chrono::ceil<std::chrono::nanoseconds>(time));
    if (io_->stopped()) return;
    stream_.cancel();
    io_->restart();
    io_->run();
  }

  [[noreturn]] void fail(const char* what, const error_code& code) const {
    // A pseudo terminal whose other side is gone says "Input/output error", as does an adapter.
    const bool gone = code == asio::error::eof || code.value() == EIO || code.value() == ENODEV ||
                      code.value() == ENXIO;
    const bool stuck = code == asio::error::operation_aborted;
    throw Unreachable(name_ + ": " + what + ": " +
                      (gone    ? "the other side is gone"
                       : stuck ? "it takes no bytes"
                               : code.message()));
  }

  std::string name_;
  std::unique_ptr<asio::io_context> io_;
  Stream stream_;
  Clock& clock_;
  Picos per_byte_;
  Picos line_free_{};
};

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

speed_t speed_of(const SerialPort& port) {
  constexpr std::array<std::pair<std::uint32_t, speed_t>, 14> kSpeeds{{{1200, B1200},
                                                                       {2400, B2400},
                                                                       {4800, B4800},
                                                                       {9600, B9600},
                                                                       {19200, B19200},
                                                                       {38400, B38400},
                                                                       {57600, B57600},
                                                                       {115200, B115200},
                                                                       {230400, B230400},
                                                                       {460800, B460800},
                                                                       {921600, B921600},
                                                                       {1'000'000, B1000000},
                                                                       {2'000'000, B2000000},
                                                                       {3'000'000, B3000000}}};
  const auto* found =
      std::ranges::find(kSpeeds, port.baud, &std::pair<std::uint32_t, speed_t>::first);
  if (found != kSpeeds.end()) return found->second;
  throw InputError(port.path + ": a serial port has no speed of " + std::to_string(port.baud) +
                   " baud");
}

Unreachable in_use(const std::string& path) {
  const std::string holders = usb::holders_of(path);
  return Unreachable(
      path + ": is in use by " + (holders.empty() ? "another program" : holders),
      holders.empty() ? "'fuser " + path + "' as root names it" : "stop that one, or name another");
}

// `code`: of open().
Unreachable cannot_open(const std::string& path, int code) {
  const std::string what = path + ": open: " + std::strerror(code);
  switch (code) {
    case EACCES:
      return Unreachable(what, "be in the group that owns it (dialout): usermod -aG dialout USER");
    case EBUSY: return in_use(path);
    case ENOENT: return Unreachable(what, cure_of_missing_port(path));
    default: return Unreachable(what);
  }
}

// Raw, 8 data bits, no parity; DTR stays as it is when the port is closed.
void set_line(int fd, const SerialPort& port) {
  termios line{};
  if (tcgetattr(fd, &line) != 0) {
    throw RigError(port.path + ": is no serial port: " + std::strerror(errno));
  }
  cfmakeraw(&line);
  line.c_cflag |= CLOCAL | CREAD;
  line.c_cflag &= ~static_cast<tcflag_t>(HUPCL | CSTOPB | CRTSCTS);
  if (port.stop_bits == 2) line.c_cflag |= CSTOPB;
  if (port.flow_control) line.c_cflag |= CRTSCTS;
  line.c_cc[VMIN] = 1;
  line.c_cc[VTIME] = 0;
  const speed_t speed = speed_of(port);
  if (cfsetspeed(&line, speed) != 0 || tcsetattr(fd, TCSANOW, &line) != 0) {
    throw RigError(port.path + ": set up: " + std::strerror(errno));
  }
  // tcsetattr() is content when anything at all could be set.
  termios found{};
  if (tcgetattr(fd, &found) != 0 || cfgetospeed(&found) != speed ||
      (found.c_cflag & (CSTOPB | CRTSCTS)) != (line.c_cflag & (CSTOPB | CRTSCTS))) {
    throw RigError(port.path + ": it does not take " + std::to_string(port.baud) + " baud with " +
                   std::to_string(port.stop_bits) + " stop bits");
  }
  tcflush(fd, TCIOFLUSH);
}

}  // namespace

std::unique_ptr<Link> open_device_link(const SerialPort& port, Clock& clock) {
  Descriptor fd(open(port.path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (fd.get() < 0) throw cannot_open(port.path, errno);
  // TIOCEXCL keeps out others but root, the lock keeps out other rigs of root's too.
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    throw in_use(port.path);
  }
  set_line(fd.get(), port);
  ioctl(fd.get(), TIOCEXCL);
  auto io = std::make_unique<asio::io_context>(1);
  asio::posix::stream_descriptor stream(*io, fd.get());
  fd.release();
  const Picos per_byte = Picos(std::chrono::seconds(9 + port.stop_bits)) / std::int64_t{port.baud};
  return std::make_unique<StreamLink<asio::posix::stream_descriptor>>(
      port.path, std::move(io), std::move(stream), clock, per_byte);
}

std::unique_ptr<Link> open_device_link(const TcpAddress& address, Clock& clock) {
  const SocketAddress parts = read_socket_address(address.text);
  const std::string name = "tcp " + parts.host + ":" + parts.port;
  auto io = std::make_unique<asio::io_context>(1);
  error_code result;
  tcp::resolver resolver(*io);
  const auto found = resolver.resolve(parts.host, parts.port, result);
  if (result) throw Unreachable(name + ": connect: " + result.message());
  tcp::socket socket(*io);
  result = asio::error::timed_out;
  asio::async_connect(socket, found,
                      [&](const error_code& code, const tcp::endpoint&) { result = code; });
  io->run_for(kConnect);
  const error_code outcome = result;
  if (!io->stopped()) {
    socket.close(result);
    io->run();
  }
  if (outcome) throw Unreachable(name + ": connect: " + outcome.message());
  socket.set_option(tcp::no_delay(true), result);
  return std::make_unique<StreamLink<tcp::socket>>(name, std::move(io), std::move(socket), clock,
                                                   Picos(0));
}

std::string cure_of_missing_port(const std::string& path, const std::string& dev) {
  if (path.starts_with("/dev/pts/")) {
    return "what served this pseudo terminal has ended: `rig bench serve` prints the bench file "
           "anew";
  }
  std::vector<std::string> ports;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(dev, failed)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("ttyUSB") || name.starts_with("ttyACM")) ports.push_back(entry.path());
  }
  std::ranges::sort(ports);
  std::string all;
  for (const std::string& port : ports) add_item(all, ", ", port);
  return all.empty() ? "plug its serial adapter in: this computer sees none"
                     : "the serial adapters of this computer: " + all;
}

std::string in_words(const SerialPort& port, const std::string& sys) {
  std::string text = port.path + ", " + std::to_string(port.baud) + " baud, " +
                     std::to_string(port.stop_bits) + " stop bits";
  const std::string name = std::filesystem::path(port.path).filename();
  std::ifstream timer(sys + "/bus/usb-serial/devices/" + name + "/latency_timer");
  int latency = 0;
  if (timer >> latency) {
    text += ", latency timer " + std::to_string(latency) + " ms";
    if (latency > 1) text += " (too long for exact instants: fixtures/udev sets it to 1 ms)";
  }
  return text;
}

std::string in_words(const TcpAddress& address) { return "tcp " + address.text; }

}  // namespace rig
