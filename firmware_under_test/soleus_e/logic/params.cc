// The table of ranges is the only place where they stand.
#include "logic/params.h"

#include "logic/flash.h"

namespace {

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
