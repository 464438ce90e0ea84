// Divides time into periods whose mean is exact: each is whole ticks, the rest is carried on.
#pragma once

#include <stdint.h>

class Rhythm {
 public:
  // The next period at this rate, in ticks of 0.5 us. REQUIRES: rate_mhz > 0.
  uint32_t next_period(uint32_t rate_mhz) {
    if (rate_mhz != rate_mhz_) {
      rate_mhz_ = rate_mhz;
      whole_ = kTicksPerKilosecond / rate_mhz;
      rest_ = kTicksPerKilosecond % rate_mhz;
      carried_ = 0;
    }
    carried_ += rest_;
    if (carried_ < rate_mhz_) return whole_;
    carried_ -= rate_mhz_;
    return whole_ + 1;
  }

 private:
  static constexpr uint32_t kTicksPerKilosecond = 2000000000;

  uint32_t rate_mhz_ = 0;
  uint32_t whole_ = 0;
  uint32_t rest_ = 0;
  uint32_t carried_ = 0;
};
