// A level that goes from one value to another in a straight line.
#pragma once

#include <stdint.h>

class Ramp {
 public:
  // REQUIRES: from and to at most 400000, duration at most 10000 ms.
  void begin(uint32_t from, uint32_t to, uint16_t duration_ms, uint32_t now_ms) {
    from_ = from;
    to_ = to;
    duration_ms_ = duration_ms;
    began_ms_ = now_ms;
  }

  uint32_t level(uint32_t now_ms) const {
    const uint32_t elapsed = now_ms - began_ms_;
    if (elapsed >= duration_ms_) return to_;
    if (to_ >= from_) return from_ + (to_ - from_) * elapsed / duration_ms_;
    return from_ - (from_ - to_) * elapsed / duration_ms_;
  }
  uint32_t end() const { return to_; }

 private:
  uint32_t from_ = 0;
  uint32_t to_ = 0;
  uint16_t duration_ms_ = 0;
  uint32_t began_ms_ = 0;
};
