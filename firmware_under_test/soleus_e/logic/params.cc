// The table of ranges is the only place where they stand.
#include "logic/params.h"

#include "logic/crc16.h"
#include "logic/flash.h"

namespace {

constexpr uint8_t kLayout = 1;

constexpr ParamRange kRanges[kParamCount] IN_FLASH = {
    {0, 100000, 0},         // amplitude
    {50, 450, 300},         // width
    {0, 200, 100},          // gap
    {1000, 120000, 35000},  // rate
    {0, 10000, 0},          // ramp_up
    {0, 10000, 0},          // ramp_down
    {0, 60000, 0},          // on_time
    {0, 60000, 0},          // off_time
    {0, 3600000, 1800000},  // session
    {100, 10000, 1000},     // comms_timeout
    {0, 1, 0},              // dead_man_required
};

bool in_range(uint8_t id, int32_t value) {
  const ParamRange range = range_of(id);
  return value >= range.min && value <= range.max;
}

}  // namespace

ParamRange range_of(uint8_t id) {
  ParamRange range{};
  copy_from_flash(&range, &kRanges[id - 1], sizeof range);
  return range;
}

bool fits_half_period(int32_t width_us, int32_t gap_us, int32_t rate_mhz) {
  return 2 * width_us + gap_us <= 500000000 / rate_mhz;
}

bool Params::set(uint8_t id, int32_t value) {
  if (!in_range(id, value)) return false;
  int32_t& slot = values_[id - 1];
  const int32_t before = slot;
  slot = value;
  if (fits_half_period(get(Param::kWidth), get(Param::kGap), get(Param::kRate))) return true;
  slot = before;
  return false;
}

void Params::reset() {
  for (uint8_t id = 1; id <= kParamCount; ++id) values_[id - 1] = range_of(id).initial;
}

void pack(const Params& params, uint8_t* image) {
  uint8_t* out = image;
  *out++ = kLayout;
  for (uint8_t id = 2; id <= kParamCount; ++id) {
    const uint32_t value = static_cast<uint32_t>(params.get(static_cast<Param>(id)));
    *out++ = static_cast<uint8_t>(value);
    *out++ = static_cast<uint8_t>(value >> 8);
    *out++ = static_cast<uint8_t>(value >> 16);
  }
  const uint16_t crc = crc16(image, kImageSize - 2);
  *out++ = static_cast<uint8_t>(crc >> 8);
  *out = static_cast<uint8_t>(crc);
}

Loaded unpack(const uint8_t* image, Params& params) {
  params.reset();
  bool blank = true;
  for (uint8_t i = 0; i < kImageSize; ++i) blank = blank && image[i] == 0xFF;
  if (blank) return Loaded::kBlank;
  const unsigned crc = static_cast<unsigned>(image[kImageSize - 2] << 8 | image[kImageSize - 1]);
  if (crc16(image, kImageSize - 2) != crc || image[0] != kLayout) return Loaded::kBad;
  const uint8_t* in = image + 1;
  for (uint8_t id = 2; id <= kParamCount; ++id, in += 3) {
    const uint32_t value =
        in[0] | static_cast<uint32_t>(in[1]) << 8 | static_cast<uint32_t>(in[2]) << 16;
    if (!params.set(id, static_cast<int32_t>(value))) {
      params.reset();
      return Loaded::kBad;
    }
  }
  return Loaded::kGood;
}
