// One buffer serves both modes: a frame ends a half-typed line.
#include "logic/receiver.h"

#include "logic/cobs.h"
#include "logic/crc16.h"

Receiver::Got Receiver::feed(uint8_t byte, uint32_t now_ms) {
  poll(now_ms);
  last_byte_ms_ = now_ms;
  const bool text = mode_ == Mode::kText || mode_ == Mode::kBrokenText;
  return text ? feed_text(byte) : feed_frame(byte);
}

void Receiver::poll(uint32_t now_ms) {
  if (mode_ != Mode::kFrame && mode_ != Mode::kBrokenFrame) return;
  if (now_ms - last_byte_ms_ < kFrameSilence) return;
  if (mode_ == Mode::kFrame && used_ != 0) count_bad();
  mode_ = Mode::kText;
  used_ = 0;
}

void Receiver::damaged() {
  if (mode_ == Mode::kFrame) {
    count_bad();
    mode_ = Mode::kBrokenFrame;
  } else if (mode_ == Mode::kText) {
    mode_ = Mode::kBrokenText;
    too_long_ = false;
  }
}

Receiver::Got Receiver::feed_text(uint8_t byte) {
  if (byte == 0) {
    mode_ = Mode::kFrame;
    used_ = 0;
    return Got::kNothing;
  }
  if (byte == '\r') return Got::kNothing;
  if (byte != '\n') {
    if (used_ < kMaxLine) {
      line_[used_++] = static_cast<char>(byte);
    } else {
      mode_ = Mode::kBrokenText;
      too_long_ = true;
    }
    return Got::kNothing;
  }
  const bool broken = mode_ == Mode::kBrokenText;
  line_[used_] = '\0';
  used_ = 0;
  mode_ = Mode::kText;
  if (!broken) return Got::kLine;
  return too_long_ ? Got::kLongLine : Got::kNothing;
}

Receiver::Got Receiver::feed_frame(uint8_t byte) {
  if (byte != 0) {
    if (mode_ == Mode::kBrokenFrame) return Got::kNothing;
    if (used_ == kMaxPacket + 1) {
      count_bad();
      mode_ = Mode::kBrokenFrame;
    } else {
      bytes_[used_++] = byte;
    }
    return Got::kNothing;
  }
  if (mode_ == Mode::kFrame && used_ == 0) return Got::kNothing;  // zeros in a row are one
  const bool broken = mode_ == Mode::kBrokenFrame;
  const uint8_t size = broken ? 0 : cobs_decode(bytes_, used_);
  mode_ = Mode::kText;
  used_ = 0;
  if (broken) return Got::kNothing;
  if (size < 4) {
    count_bad();
    return Got::kNothing;
  }
  size_ = static_cast<uint8_t>(size - 2);
  const unsigned crc = static_cast<unsigned>(bytes_[size_] << 8 | bytes_[size_ + 1]);
  if (crc16(bytes_, size_) != crc) {
    count_bad();
    return Got::kNothing;
  }
  return Got::kPacket;
}

void Receiver::count_bad() {
  if (bad_frames_ != 0xFFFF) ++bad_frames_;
}
