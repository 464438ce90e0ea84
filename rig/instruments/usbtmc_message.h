// The 12-byte headers of USBTMC bulk transfers (USBTMC 1.0, tables 1 to 9; USB488 1.0), little
// endian.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rig::usbtmc {

constexpr std::size_t kHeader = 12;

constexpr std::uint8_t kMessageOut = 1;
constexpr std::uint8_t kRequestIn = 2;  // and the answer to it

// 1 to 255, never 0; a new one for every bulk-OUT header.
constexpr std::uint8_t next_tag(std::uint8_t tag) {
  return tag == 255 ? std::uint8_t{1} : static_cast<std::uint8_t>(tag + 1);
}

// A whole message in one transfer, padded to a multiple of four bytes.
std::vector<std::uint8_t> message_out(std::uint8_t tag, std::string_view message);

// Asks for a response of at most `most` payload bytes.
std::array<std::uint8_t, kHeader> request_in(std::uint8_t tag, std::uint32_t most);

struct InHeader {
  std::uint32_t size = 0;  // payload bytes of this transfer
  bool end = false;        // of the message
};

// Reads the header of an answer to request_in(tag, ...). Returns what is wrong with it, with the
// bytes; empty: nothing.
std::string read_header(std::span<const std::uint8_t> packet, std::uint8_t tag, InHeader& header);

}  // namespace rig::usbtmc
