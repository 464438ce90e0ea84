#include "rig/dut/frame.h"

#include <array>
#include <utility>

namespace rig {

namespace {
constexpr std::size_t kLongest = 256;  // more without a delimiter is a babbling device
}

std::uint16_t crc16(std::span<const std::uint8_t> data, std::uint16_t start) {
  std::uint16_t crc = start;
  for (const std::uint8_t byte : data) {
    crc = static_cast<std::uint16_t>(crc ^ (byte << 8));
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<std::uint16_t>((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
  }
  return crc;
}

Bytes cobs_encode(std::span<const std::uint8_t> data) {
  Bytes out{0};
  std::size_t code_at = 0;
  std::uint8_t code = 1;
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (data[i] != 0) {
      out.push_back(data[i]);
      ++code;
    }
    const bool full = code == 0xFF && i + 1 < data.size();
    if (data[i] == 0 || full) {
      out[code_at] = code;
      code_at = out.size();
      out.push_back(0);
      code = 1;
    }
  }
  out[code_at] = code;
  return out;
}

std::optional<Bytes> cobs_decode(std::span<const std::uint8_t> data) {
  Bytes out;
  std::size_t i = 0;
  while (i < data.size()) {
    const std::size_t code = data[i];
    if (code == 0 || i + code > data.size()) return std::nullopt;
    for (std::size_t k = 1; k < code; ++k) {
      if (data[i + k] == 0) return std::nullopt;
      out.push_back(data[i + k]);
    }
    i += code;
    if (code < 0xFF && i < data.size()) out.push_back(0);
  }
  return out;
}

Bytes frame(std::span<const std::uint8_t> packet) {
  Bytes with_crc(packet.begin(), packet.end());
  const std::uint16_t crc = crc16(packet);
  with_crc.push_back(static_cast<std::uint8_t>(crc >> 8));
  with_crc.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  Bytes out{0};
  const Bytes body = cobs_encode(with_crc);
  out.insert(out.end(), body.begin(), body.end());
  out.push_back(0);
  return out;
}

std::optional<Deframer::Item> Deframer::take(std::uint8_t byte) {
  if (!in_frame_ && byte != 0 && byte != '\n' && pending_.size() < kLongest) {
    pending_.push_back(byte);
    return std::nullopt;
  }
  if (in_frame_ && byte != 0) {
    pending_.push_back(byte);
    if (pending_.size() < kLongest) return std::nullopt;
    in_frame_ = false;
    return Item{Item::Kind::kGarbage, std::exchange(pending_, {}), "no end of frame"};
  }
  Bytes done = std::exchange(pending_, {});
  if (!in_frame_) {
    in_frame_ = byte == 0;
    if (byte == '\n') return Item{Item::Kind::kText, std::move(done), {}};
    if (byte != 0) return Item{Item::Kind::kGarbage, std::move(done), "no end of line"};
    if (done.empty()) return std::nullopt;
    return Item{Item::Kind::kGarbage, std::move(done), "text without an end of line"};
  }
  if (done.empty()) return std::nullopt;  // two delimiters in a row begin one frame
  in_frame_ = false;
  std::optional<Bytes> packet = cobs_decode(done);
  if (!packet) return Item{Item::Kind::kGarbage, std::move(done), "not COBS"};
  if (packet->size() < 3) return Item{Item::Kind::kGarbage, std::move(done), "too short"};
  const auto body = std::span(*packet).first(packet->size() - 2);
  const auto crc = static_cast<std::uint16_t>(((*packet)[body.size()] << 8) | packet->back());
  if (crc16(body) != crc) return Item{Item::Kind::kGarbage, std::move(done), "CRC does not match"};
  packet->resize(body.size());
  return Item{Item::Kind::kPacket, std::move(*packet), {}};
}

std::string hex(std::span<const std::uint8_t> bytes) {
  static constexpr std::array<char, 17> kDigits{"0123456789abcdef"};
  std::string text;
  for (const std::uint8_t byte : bytes) {
    if (!text.empty()) text += ' ';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace rig
