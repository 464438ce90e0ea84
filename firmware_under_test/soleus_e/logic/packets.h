// Answers packets: operation in, reply out.
#pragma once

#include <stdint.h>

#include "logic/device.h"

constexpr uint8_t kMaxFrame = kMaxPacket + 3;  // with its stuffing byte and both zeros

class PacketHandler {
 public:
  explicit PacketHandler(Device& device) : device_(device) {}

  // Executes a packet (CRC already checked and taken off) unless it repeats the last one, and
  // writes the framed reply to `frame`. Returns its size.
  // REQUIRES: 2 <= size <= kMaxPacket - 2; room for kMaxFrame bytes.
  uint8_t answer(const uint8_t* packet, uint8_t size, uint8_t* frame);

 private:
  bool repeats(const uint8_t* packet, uint8_t size) const;

  Device& device_;
  uint8_t last_[kMaxPacket - 2] = {};
  uint8_t last_size_ = 0;
  uint8_t reply_[kMaxPacket] = {};
  uint8_t reply_size_ = 0;
};
