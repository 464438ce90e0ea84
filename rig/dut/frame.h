// Packets on a byte stream: COBS, CRC-16/CCITT-FALSE, 0x00 as delimiter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rig {

using Bytes = std::vector<std::uint8_t>;

// Polynomial 0x1021, not reflected. Of "123456789": CRC-16/CCITT-FALSE, which starts with 0xFFFF,
// gives 0x29B1; CRC-16/XMODEM, from 0, 0x31C3.
std::uint16_t crc16(std::span<const std::uint8_t> data, std::uint16_t start = 0xFFFF);

// Consistent overhead byte stuffing (Cheshire and Baker, 1999): no 0x00 in the result.
Bytes cobs_encode(std::span<const std::uint8_t> data);
std::optional<Bytes> cobs_decode(std::span<const std::uint8_t> data);  // nullopt: malformed

// 0x00, COBS(packet, CRC big endian), 0x00.
Bytes frame(std::span<const std::uint8_t> packet);

// Splits a byte stream into packets. Bytes outside frames are the device's text lines.
class Deframer {
 public:
  struct Item {
    enum class Kind { kPacket, kText, kGarbage } kind = Kind::kGarbage;
    Bytes bytes;      // kPacket: without CRC; else as received
    std::string why;  // kGarbage: what was wrong
  };
  // Returns the item that `byte` completes.
  std::optional<Item> take(std::uint8_t byte);

 private:
  Bytes pending_;
  bool in_frame_ = false;
};

std::string hex(std::span<const std::uint8_t> bytes);  // "00 05 01"

}  // namespace rig
