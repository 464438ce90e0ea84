// The settings of the vibrator: their ranges, defaults, and how they are kept in EEPROM.
#pragma once

#include <stdint.h>

enum class Param : uint8_t {
  kAcceleration = 1,  // 0.1 um/s2, peak
  kFrequency,         // mHz
  kRampUp,            // ms
  kRampDown,          // ms
  kSession,           // ms; 0: no limit
  kCommsTimeout,      // ms
  kDeadManRequired,
  kFootRequired,
};
constexpr uint8_t kParamCount = 8;

struct ParamRange {
  int32_t min, max, initial;
};

// REQUIRES: 1 <= id <= kParamCount.
ParamRange range_of(uint8_t id);

class Params {
 public:
  Params() { reset(); }

  static bool known(uint8_t id) { return id >= 1 && id <= kParamCount; }

  int32_t get(Param id) const { return values_[static_cast<uint8_t>(id) - 1]; }

  // Changes nothing and returns false when the value is outside the range; an acceleration of 0 is
  // none. REQUIRES: known(id).
  bool set(uint8_t id, int32_t value);

  void reset();
  void clear_amplitude() { values_[0] = 0; }

 private:
  int32_t values_[kParamCount];
};

// Image in EEPROM: layout number, every parameter but the acceleration in 24 bits, CRC. The
// acceleration is not kept: after a reset it is zero.
constexpr uint8_t kImageLayout = 2;  // 1 is Soleus E's
constexpr uint8_t kImageSize = 1 + 3 * (kParamCount - 1) + 2;

enum class Loaded : uint8_t { kGood, kBlank, kBad };

void pack(const Params& params, uint8_t* image);

// Leaves the defaults in `params` unless the image is good in every respect.
Loaded unpack(const uint8_t* image, Params& params);
