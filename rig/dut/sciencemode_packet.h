// Packets of ScienceMode3 and 4, which Hasomed's RehaMove3 and P24 speak: the fact sheet of this
// project's instruments, 4.3, with vectors of the manufacturer's C library.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rig/dut/frame.h"

namespace rig::sciencemode {

struct Packet {
  std::uint8_t number = 0;    // 0 to 63: its answer has the same
  std::uint16_t command = 0;  // 0 to 1023; an answer has the request's plus one
  Bytes payload;
};

constexpr std::size_t kLongest = 1200;  // bytes on the line

// REQUIRES: it fits kLongest.
Bytes encode(const Packet& packet);

// Splits a byte stream into packets, in memory for one.
class Decoder {
 public:
  struct Item {
    std::optional<Packet> packet;
    Bytes bytes;      // as received
    std::string why;  // without a packet: what was wrong
  };
  // Returns the item that `byte` completes.
  std::optional<Item> take(std::uint8_t byte);

 private:
  Bytes pending_;
};

// One piece of a pulse: `amps` for `seconds`. Four bytes.
// Throws RigError for what they cannot say: 10 us to 4095 us in steps of 1 us, up to 130 mA either
// way in steps of 0.5 mA.
Bytes point(double seconds, double amps);

// Of a pulse train on the first channel, biphasic and balanced: the payload of MlUpdate. Throws
// RigError likewise; periods are multiples of 0.5 ms.
Bytes train(double amps, double width, double gap, double rate);

}  // namespace rig::sciencemode
