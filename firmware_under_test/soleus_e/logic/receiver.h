// Tells text lines and frames apart, byte by byte, and takes the frames apart.
//
//   set rate 35 Hz LF   00 <cobs: seq op args crc> 00   status LF
//   '----- line ----'   '-------- packet ---------'     '- line -'
#pragma once

#include <stdint.h>

constexpr uint8_t kMaxPacket = 32;     // with its CRC, before stuffing
constexpr uint8_t kMaxLine = 63;       // without its LF
constexpr uint8_t kFrameSilence = 50;  // ms after which an unfinished frame is dropped

class Receiver {
 public:
  enum class Got : uint8_t { kNothing, kLine, kLongLine, kPacket };

  // Takes one byte received at `now_ms`. What it returns stays readable until the next byte.
  Got feed(uint8_t byte, uint32_t now_ms);

  // Drops a frame that has gone silent.
  void poll(uint32_t now_ms);

  // The line broke (framing error, overrun): what is half received is worth nothing.
  void damaged();

  char* line() { return line_; }
  const uint8_t* packet() const { return bytes_; }
  uint8_t packet_size() const { return size_; }  // without the CRC
  uint16_t bad_frames() const { return bad_frames_; }

 private:
  enum class Mode : uint8_t { kText, kBrokenText, kFrame, kBrokenFrame };

  Got feed_text(uint8_t byte);
  Got feed_frame(uint8_t byte);
  void count_bad();

  union {
    uint8_t bytes_[kMaxLine + 1];
    char line_[kMaxLine + 1];
  };
  Mode mode_ = Mode::kText;
  bool too_long_ = false;
  uint8_t used_ = 0;
  uint8_t size_ = 0;
  uint16_t bad_frames_ = 0;
  uint32_t last_byte_ms_ = 0;
};
