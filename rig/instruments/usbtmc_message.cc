#include "rig/instruments/usbtmc_message.h"

#include <algorithm>
#include <cstdio>

namespace rig::usbtmc {
namespace {

std::array<std::uint8_t, kHeader> header_of(std::uint8_t id, std::uint8_t tag, std::uint32_t size,
                                            std::uint8_t attributes) {
  const auto byte = [&](int shift) { return static_cast<std::uint8_t>(size >> shift); };
  return {id,       tag,      static_cast<std::uint8_t>(~tag),
          0,        byte(0),  byte(8),
          byte(16), byte(24), attributes,
          0,        0,        0};
}

std::string hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  std::array<char, 4> digits{};
  for (const std::uint8_t byte : bytes) {
    std::snprintf(digits.data(), digits.size(), "%s%02x", text.empty() ? "" : " ", unsigned{byte});
    text += digits.data();
  }
  return text;
}

}  // namespace

std::vector<std::uint8_t> message_out(std::uint8_t tag, std::string_view message) {
  const auto header = header_of(kMessageOut, tag, static_cast<std::uint32_t>(message.size()), 0x01);
  std::vector<std::uint8_t> bytes((kHeader + message.size() + 3) / 4 * 4);
  std::ranges::copy(header, bytes.begin());
  std::ranges::copy(message, bytes.begin() + kHeader);
  return bytes;
}

std::array<std::uint8_t, kHeader> request_in(std::uint8_t tag, std::uint32_t most) {
  return header_of(kRequestIn, tag, most, 0);
}

std::string read_header(std::span<const std::uint8_t> packet, std::uint8_t tag, InHeader& header) {
  const std::string found = "found " + hex(packet.first(std::min(packet.size(), kHeader)));
  if (packet.size() < kHeader) return "expected a header of 12 bytes, " + found;
  if (packet[0] != kRequestIn) return "expected a response header, " + found;
  if (packet[1] != tag) {
    return "expected the answer with tag " + std::to_string(tag) + ", " + found + ": a stale reply";
  }
  if (packet[2] != static_cast<std::uint8_t>(~tag)) {
    return "expected the inverse of tag " + std::to_string(tag) + ", " + found;
  }
  header.size = std::uint32_t{packet[4]} | std::uint32_t{packet[5]} << 8 |
                std::uint32_t{packet[6]} << 16 | std::uint32_t{packet[7]} << 24;
  header.end = (packet[8] & 0x01) != 0;
  return {};
}

}  // namespace rig::usbtmc
