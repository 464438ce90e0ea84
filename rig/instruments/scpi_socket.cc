#include "rig/instruments/scpi_socket.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>

#include "rig/core/error.h"
#include "rig/instruments/run_alive.h"
#include "rig/instruments/scpi_block.h"
#include "rig/instruments/unreachable.h"

namespace rig {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr milliseconds kPoll(100);
constexpr milliseconds kReconnect(2000);
constexpr std::size_t kRead = 65536;

class SocketLink final : public ScpiLink {
 public:
  SocketLink(SocketAddress address, Deadline deadline) : address_(std::move(address)) {
    connect(deadline);
  }

  void write(std::string_view message, Deadline deadline) override {
    const std::string line = std::string(message) + "\n";
    if (!socket_.is_open()) connect(within(kReconnect));
    error_code result;
    asio::async_write(socket_, asio::buffer(line),
                      [&](const error_code& code, std::size_t /*count*/) { result = code; });
    finish(deadline, message);
    if (result) is_gone(message, result);
  }

  Bytes ask(std::string_view query, Deadline deadline) override {
    received_.clear();
    write(query, deadline);
    while (true) {
      if (auto message = take_message(query)) return *message;
      read_some(query, deadline);
    }
  }

  std::string where() const override { return "tcp " + address_.host + ":" + address_.port + ": "; }
  bool over_lan() const override { return true; }
  milliseconds poll_interval() const override { return kPoll; }
  std::vector<std::string> take_notes() override { return {}; }

 private:
  // A text up to its line end, or a block with its own. What comes behind belongs to no query.
  std::optional<Bytes> take_message(std::string_view query) {
    ScpiBlock block;
    std::size_t size = 0;
    std::size_t end = 0;
    // Some end a block twice; the second line end may come only now.
    received_.erase(received_.begin(), std::ranges::find_if(received_, [](std::uint8_t byte) {
                      return byte != '\n';
                    }));
    const BlockStart start = read_block_start(received_, block);
    if (start == BlockStart::kTooShort) return std::nullopt;
    if (start == BlockStart::kBlock) {
      size = block.total();
      if (received_.size() <= size) return std::nullopt;
      end = size + 1;
      if (received_[size] != '\n')
        lose(query, "the block of " + std::to_string(block.length) +
                        " bytes is not followed by a line end");
      while (end < received_.size() && received_[end] == '\n') ++end;
    } else {
      const auto line_end = std::find(received_.begin(), received_.end(), '\n');
      if (line_end == received_.end()) return std::nullopt;
      size = static_cast<std::size_t>(line_end - received_.begin());
      end = size + 1;
      if (size > 0 && received_[size - 1] == '\r') --size;
    }
    if (received_.size() > end) lose(query, "more came than was asked for");
    received_.resize(size);
    return std::exchange(received_, {});
  }

  void read_some(std::string_view query, Deadline deadline) {
    const std::size_t before = received_.size();
    received_.resize(before + kRead);
    error_code result;
    std::size_t count = 0;
    socket_.async_read_some(asio::buffer(received_.data() + before, kRead),
                            [&](const error_code& code, std::size_t read) {
                              result = code;
                              count = read;
                            });
    finish(deadline, query);
    if (result) is_gone(query, result);
    received_.resize(before + count);
  }

  // Runs what was started until it is done. After a timeout the answer may still come, and would be
  // taken for the next one's: so the connection is given up, and the next message makes a new one.
  void finish(Deadline deadline, std::string_view message) {
    io_.restart();
    run_alive(io_, deadline);
    if (!io_.stopped()) {
      error_code ignored;
      socket_.close(ignored);
      io_.run();
      throw Unreachable(where() + std::string(message) + ": no answer in time; connection closed");
    }
  }

  [[noreturn]] void is_gone(std::string_view message, const error_code& why) {
    error_code ignored;
    socket_.close(ignored);
    throw Unreachable(where() + std::string(message) + ": " + why.message() +
                      "; connection closed");
  }

  [[noreturn]] void lose(std::string_view message, const std::string& why) {
    error_code ignored;
    socket_.close(ignored);
    throw RigError(where() + std::string(message) + ": " + why + "; connection closed");
  }

  void connect(Deadline deadline) {
    error_code result;
    tcp::resolver resolver(io_);
    const auto found = resolver.resolve(address_.host, address_.port, result);
    if (result) throw Unreachable(where() + "connect: " + result.message());
    asio::async_connect(socket_, found,
                        [&](const error_code& code, const tcp::endpoint&) { result = code; });
    finish(deadline, "connect");
    if (result) throw Unreachable(where() + "connect: " + result.message());
    socket_.set_option(tcp::no_delay(true), result);
  }

  SocketAddress address_;
  asio::io_context io_;
  tcp::socket socket_{io_};
  Bytes received_;
};

}  // namespace

SocketAddress read_socket_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  SocketAddress address{.host = std::string(text.substr(0, colon))};
  if (colon != std::string_view::npos) address.port = text.substr(colon + 1);
  const bool digits = !address.port.empty() && address.port.size() <= 5 &&
                      address.port.find_first_not_of("0123456789") == std::string::npos;
  const bool port = digits && std::stoi(address.port) >= 1 && std::stoi(address.port) <= 65535;
  if (address.host.empty() || !port) {
    throw InputError(
        "expected a host such as 'scope.lan' or '192.168.1.5:5025', a port from 1 to "
        "65535, found '" +
        std::string(text) + "'");
  }
  return address;
}

std::unique_ptr<ScpiLink> open_scpi_socket(const SocketAddress& address, Deadline deadline) {
  return std::make_unique<SocketLink>(address, deadline);
}

}  // namespace rig
