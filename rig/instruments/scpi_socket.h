// SCPI over a raw TCP socket (Rigol port 5555, Siglent and Keysight 5025).
#pragma once

#include <memory>
#include <string>

#include "rig/instruments/scpi_link.h"

namespace rig {

struct SocketAddress {
  std::string host;
  std::string port = "5555";
};

// "192.168.1.5" or "scope.lan:5025". Throws InputError.
SocketAddress read_socket_address(std::string_view text);

// Connects. Throws RigError.
std::unique_ptr<ScpiLink> open_scpi_socket(const SocketAddress& address, Deadline deadline);

}  // namespace rig
