// An instrument elsewhere, behind a raw TCP socket: what USB carries here, it answers there.
#pragma once

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "fixtures/devices/instrument.h"

namespace rig::devices {

class ForwardedInstrument final : public Instrument {
 public:
  explicit ForwardedInstrument(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    addrinfo* found = nullptr;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(address.substr(0, colon).c_str(), address.substr(colon + 1).c_str(), &hints,
                    &found) == 0) {
      socket_ = ::socket(found->ai_family, found->ai_socktype, 0);
      if (::connect(socket_, found->ai_addr, found->ai_addrlen) != 0)
        ::close(socket_), socket_ = -1;
      freeaddrinfo(found);
    }
  }
  ~ForwardedInstrument() override { ::close(socket_); }
  ForwardedInstrument(const ForwardedInstrument&) = delete;
  ForwardedInstrument& operator=(const ForwardedInstrument&) = delete;
  bool connected() const { return socket_ >= 0; }

  void take(std::string_view message) override {
    const std::string line = std::string(message) + "\n";
    ::send(socket_, line.data(), line.size(), MSG_NOSIGNAL);
  }
  std::optional<Bytes> answer() override {
    pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
    while (::poll(&ready, 1, 0) > 0) {
      std::uint8_t some[65536];
      const ssize_t count = ::read(socket_, some, sizeof some);
      if (count <= 0) break;
      received_.insert(received_.end(), some, some + count);
    }
    const std::size_t size = whole();
    if (size == 0) return std::nullopt;
    const auto end = received_.begin() + static_cast<std::ptrdiff_t>(size);
    Bytes message(received_.begin(), end);
    received_.erase(received_.begin(), end);
    return message;
  }
  void clear() override { received_.clear(); }

 private:
  // Bytes of the first message with its line end; 0: it is not whole yet.
  std::size_t whole() const {
    if (received_.size() < 2) return 0;
    std::size_t least = 1;
    if (received_[0] == '#') {
      const auto digits = static_cast<std::size_t>(received_[1] - '0');
      if (received_.size() < 2 + digits) return 0;
      const std::string length(received_.begin() + 2,
                               received_.begin() + 2 + static_cast<std::ptrdiff_t>(digits));
      least = 2 + digits + std::strtoul(length.c_str(), nullptr, 10) + 1;
      return received_.size() < least ? 0 : least;
    }
    for (; least <= received_.size(); ++least) {
      if (received_[least - 1] == '\n') return least;
    }
    return 0;
  }

  int socket_ = -1;
  Bytes received_;
};

}  // namespace rig::devices
