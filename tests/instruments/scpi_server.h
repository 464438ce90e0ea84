// An instrument behind a raw TCP socket on this machine, one client after another.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <istream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "fixtures/devices/instrument.h"
#include "rig/bench/bench.h"
#include "rig/instruments/scpi_socket.h"

namespace rig::fake {

class ScpiServer {
 public:
  explicit ScpiServer(devices::Instrument& instrument)
      : instrument_(instrument), thread_([this] { serve(); }) {}
  ~ScpiServer() {
    ends_ = true;
    // Wakes accept() or, by closing, the read of the client that is still there.
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket last(io);
    boost::system::error_code ignored;
    last.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  ScpiServer(const ScpiServer&) = delete;
  ScpiServer& operator=(const ScpiServer&) = delete;

  std::string address() const {
    return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

  // Until it has taken so many messages.
  void await(int messages) const {
    for (int taken = taken_; taken < messages; taken = taken_) taken_.wait(taken);
  }

  std::atomic<int> swallow{0};         // so many answers never leave
  std::atomic<bool> dribbles{false};   // byte by byte
  std::atomic<bool> babbles{false};    // adds a line nobody asked for
  std::atomic<std::size_t> cut_at{0};  // closes the connection after so many bytes of an answer

 private:
  void serve() {
    while (!ends_) {
      boost::asio::ip::tcp::socket client(io_);
      acceptor_.accept(client);
      boost::asio::streambuf incoming;
      boost::system::error_code error;
      while (!ends_) {
        boost::asio::read_until(client, incoming, '\n', error);
        if (error) break;
        std::istream lines(&incoming);
        std::string message;
        std::getline(lines, message);
        instrument_.take(message);
        ++taken_;
        taken_.notify_all();
        if (auto answer = instrument_.answer()) send(client, *answer);
      }
    }
  }
  void send(boost::asio::ip::tcp::socket& client, devices::Bytes answer) {
    boost::system::error_code error;
    if (swallow > 0) {
      --swallow;
      return;
    }
    const std::size_t cut = cut_at.exchange(0);
    if (cut > 0) {
      answer.resize(cut);
      boost::asio::write(client, boost::asio::buffer(answer), error);
      client.close();
      return;
    }
    if (babbles.exchange(false)) answer.insert(answer.end(), {'0', '\n'});
    const std::size_t step = dribbles ? 1 : answer.size();
    for (std::size_t at = 0; at < answer.size(); at += step) {
      boost::asio::write(client, boost::asio::buffer(&answer[at], step), error);
    }
  }

  devices::Instrument& instrument_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_{io_, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  std::atomic<bool> ends_{false};
  std::atomic<int> taken_{0};
  std::thread thread_;
};

// Over TCP, but no message is on its way while the test's clock goes on; notes when each was sent.
class LinkInStep final : public ScpiLink {
 public:
  LinkInStep(const ScpiServer& server, const Clock& clock)
      : server_(server),
        clock_(clock),
        link_(open_scpi_socket(read_socket_address(server.address()),
                               within(std::chrono::seconds(2)))) {}

  void write(std::string_view message, Deadline deadline) override {
    sent.push_back(clock_.now());
    link_->write(message, deadline);
    server_.await(static_cast<int>(sent.size()));
  }
  Bytes ask(std::string_view query, Deadline deadline) override {
    sent.push_back(clock_.now());
    return link_->ask(query, deadline);
  }
  std::string where() const override { return link_->where(); }
  bool over_lan() const override { return link_->over_lan(); }
  std::chrono::milliseconds poll_interval() const override { return link_->poll_interval(); }
  std::vector<std::string> take_notes() override { return link_->take_notes(); }

  std::vector<Picos> sent;

 private:
  const ScpiServer& server_;
  const Clock& clock_;
  std::unique_ptr<ScpiLink> link_;
};

}  // namespace rig::fake
