// Appends little endian fields to a packet.
#pragma once

#include <stdint.h>
#include <string.h>

class Writer {
 public:
  explicit Writer(uint8_t* to) : to_(to) {}

  void u8(uint8_t value) { to_[size_++] = value; }
  void u16(uint16_t value) {
    u8(static_cast<uint8_t>(value));
    u8(static_cast<uint8_t>(value >> 8));
  }
  void u32(uint32_t value) {
    u16(static_cast<uint16_t>(value));
    u16(static_cast<uint16_t>(value >> 16));
  }
  void bytes(const char* from, uint8_t size) {
    memcpy(to_ + size_, from, size);
    size_ = static_cast<uint8_t>(size_ + size);
  }
  uint8_t size() const { return size_; }

 private:
  uint8_t* to_;
  uint8_t size_ = 0;
};
