// The settings of the stimulator: their ranges, defaults, and how they are kept in EEPROM.
#pragma once

#include <stdint.h>

enum class Param : uint8_t {
  kAmplitude = 1,  // uA
  kWidth,          // us, each phase
  kGap,            // us, between the phases
  kRate,           // mHz
  kRampUp,         // ms
  kRampDown,       // ms
  kOnTime,         // ms; 0: continuous
  kOffTime,        // ms
  kSession,        // ms; 0: no limit
  kCommsTimeout,   // ms
  kDeadManRequired,
};
constexpr uint8_t kParamCount = 11;

struct ParamRange {
  int32_t min, max, initial;
};

// REQUIRES: 1 <= id <= kParamCount.
ParamRange range_of(uint8_t id);

// True when a pulse of this shape fills at most half of the period.
bool fits_half_period(int32_t width_us, int32_t gap_us, int32_t rate_mhz);

class Params {
 public:
  Params() { reset(); }

  static bool known(uint8_t id) { return id >= 1 && id <= kParamCount; }

  int32_t get(Param id) const { return values_[static_cast<uint8_t>(id) - 1]; }

  // Changes nothing and returns false when the value is outside the range, or when the pulse
  // would no longer fit. REQUIRES: known(id).
  bool set(uint8_t id, int32_t value);

  void reset();
  void clear_amplitude() { values_[0] = 0; }

 private:
  int32_t values_[kParamCount];
};

// Image in EEPROM: layout number, every parameter but the amplitude in 24 bits, CRC. The
// amplitude is not kept: after a reset it is zero.
constexpr uint8_t kImageLayout = 1;
constexpr uint8_t kImageSize = 1 + 3 * (kParamCount - 1) + 2;

enum class Loaded : uint8_t { kGood, kBlank, kBad };

void pack(const Params& params, uint8_t* image);

// Leaves the defaults in `params` unless the image is good in every respect.
Loaded unpack(const uint8_t* image, Params& params);
