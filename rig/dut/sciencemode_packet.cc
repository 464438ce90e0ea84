#include "rig/dut/sciencemode_packet.h"

#include <cmath>
#include <span>

#include <fmt/format.h>

#include "rig/core/error.h"
#include "rig/core/verdict.h"

namespace rig::sciencemode {
namespace {

constexpr std::uint8_t kStart = 0xF0;
constexpr std::uint8_t kStop = 0x0F;
constexpr std::uint8_t kStuff = 0x81;
constexpr std::uint8_t kMask = 0x55;
constexpr std::size_t kHead = 9;           // start, length and CRC, whose bytes are always stuffed
constexpr std::uint16_t kXmodem = 0x0000;  // start of the CRC

void append_stuffed(Bytes& to, std::uint8_t byte) {
  to.push_back(kStuff);
  to.push_back(byte ^ kMask);
}

void append_stuffed(Bytes& to, std::size_t word) {
  append_stuffed(to, static_cast<std::uint8_t>(word >> 8));
  append_stuffed(to, static_cast<std::uint8_t>(word & 0xFF));
}

Bytes stuffed(std::span<const std::uint8_t> bytes) {
  Bytes out;
  for (const std::uint8_t byte : bytes) {
    if (byte == kStart || byte == kStop || byte == kStuff) {
      append_stuffed(out, byte);
    } else {
      out.push_back(byte);
    }
  }
  return out;
}

std::optional<Bytes> unstuffed(std::span<const std::uint8_t> bytes) {
  Bytes out;
  for (std::size_t k = 0; k < bytes.size(); ++k) {
    if (bytes[k] != kStuff) {
      out.push_back(bytes[k]);
    } else if (++k < bytes.size()) {
      out.push_back(bytes[k] ^ kMask);
    } else {
      return std::nullopt;
    }
  }
  return out;
}

// Of whole bytes from start to stop.
Decoder::Item decoded(Bytes bytes) {
  Decoder::Item item{.packet = {}, .bytes = std::move(bytes), .why = {}};
  const std::span<const std::uint8_t> all(item.bytes);
  const auto garbage = [&item](const char* why) {
    item.why = why;
    return item;
  };
  if (all.size() < kHead + 3) return garbage("too short");
  for (const std::size_t k : {1U, 3U, 5U, 7U}) {
    if (all[k] != kStuff) return garbage("length or CRC not stuffed");
  }
  const auto word = [all](std::size_t at) {
    const std::size_t high = all[at] ^ std::uint8_t{kMask};
    return high * 256 + (all[at + 2] ^ std::uint8_t{kMask});
  };
  if (word(2) != all.size()) return garbage("length");
  const auto body = all.subspan(kHead, all.size() - kHead - 1);
  if (word(6) != crc16(body, kXmodem)) return garbage("CRC");
  const std::optional<Bytes> plain = unstuffed(body);
  if (!plain || plain->size() < 2) return garbage("stuffing");
  item.packet =
      Packet{.number = static_cast<std::uint8_t>(plain->at(0) >> 2),
             .command = static_cast<std::uint16_t>(((plain->at(0) & 3) << 8) | plain->at(1)),
             .payload = {plain->begin() + 2, plain->end()}};
  return item;
}

// `value` in `step`s, from `least` to `most` of them.
int steps_of(double value, double step, int least, int most, const char* what, const char* unit) {
  const double exact = value / step;
  const double whole = std::round(exact);
  if (std::fabs(exact - whole) > 1e-6 || whole < least || whole > most) {
    throw RigError(
        fmt::format("ScienceMode cannot express a {} of {}: it takes {} to {} in steps "
                    "of {}",
                    what, in_words(value, unit), in_words(least * step, unit),
                    in_words(most * step, unit), in_words(step, unit)));
  }
  return static_cast<int>(whole);
}

}  // namespace

Bytes encode(const Packet& packet) {
  Bytes plain{static_cast<std::uint8_t>((packet.number << 2) | ((packet.command >> 8) & 3)),
              static_cast<std::uint8_t>(packet.command & 0xFF)};
  plain.insert(plain.end(), packet.payload.begin(), packet.payload.end());
  const Bytes body = stuffed(plain);
  Bytes out{kStart};
  append_stuffed(out, kHead + body.size() + 1);
  append_stuffed(out, std::size_t{crc16(body, kXmodem)});
  out.insert(out.end(), body.begin(), body.end());
  out.push_back(kStop);
  return out;
}

std::optional<Decoder::Item> Decoder::take(std::uint8_t byte) {
  // A length or CRC byte of 0xA5 or 0x5A looks like a start or a stop once it is stuffed.
  const bool of_the_head =
      pending_.size() > 1 && pending_.size() < kHead && pending_.back() == kStuff;
  const bool broken_off = byte == kStart && !pending_.empty() && !of_the_head;
  const bool too_long = pending_.size() >= kLongest;
  if (broken_off || too_long) {
    Item item{.packet = {}, .bytes = std::exchange(pending_, {}), .why = {}};
    item.why = item.bytes.front() != kStart ? "noise" : too_long ? "too long" : "broken off";
    pending_.push_back(byte);
    return item;
  }
  pending_.push_back(byte);
  if (byte != kStop || pending_.front() != kStart || of_the_head) return std::nullopt;
  return decoded(std::exchange(pending_, {}));
}

Bytes point(double seconds, double amps) {
  const int t = steps_of(seconds, 1e-6, 10, 4095, "duration", "s");
  const int c = steps_of(amps, 0.5e-3, -260, 260, "current", "A") + 300;
  return {static_cast<std::uint8_t>(t >> 4),
          static_cast<std::uint8_t>(((t << 4) & 0xF0) | ((c >> 6) & 0x0F)),
          static_cast<std::uint8_t>((c << 2) & 0xFC), 0};
}

Bytes train(double amps, double width, double gap, double rate) {
  const int half_ms = steps_of(1 / rate, 0.5e-3, 1, 0x7FFF, "period", "s");
  const int points = gap > 0 ? 3 : 2;
  const int period = half_ms << 1;
  Bytes out{0x01, static_cast<std::uint8_t>((points - 1) << 4),
            static_cast<std::uint8_t>(period >> 8), static_cast<std::uint8_t>(period & 0xFF)};
  const auto add = [&out](const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); };
  add(point(width, amps));
  if (gap > 0) add(point(gap, 0));
  add(point(width, -amps));
  return out;
}

}  // namespace rig::sciencemode
