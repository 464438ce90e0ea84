// The table of ranges is the only place where they stand.
#include "logic/params.h"

#include "logic/flash.h"

namespace {

constexpr ParamRange kRanges[kParamCount] IN_FLASH = {
    {4903325, 49033250, 0},  // acceleration: 0.05 g to 0.5 g, peak
    {20000, 60000, 45000},   // frequency
    {500, 10000, 1000},      // ramp_up
    {100, 800, 300},         // ramp_down
    {0, 3600000, 1800000},   // session
    {100, 10000, 1000},      // comms_timeout
    {0, 1, 0},               // dead_man_required
    {0, 1, 1},               // foot_required
};

}  // namespace

ParamRange range_of(uint8_t id) {
  ParamRange range{};
  copy_from_flash(&range, &kRanges[id - 1], sizeof range);
  return range;
}

bool Params::set(uint8_t id, int32_t value) {
  const ParamRange range = range_of(id);
  const bool none = id == static_cast<uint8_t>(Param::kAcceleration) && value == 0;
  if (!none && (value < range.min || value > range.max)) return false;
  values_[id - 1] = value;
  return true;
}

void Params::reset() {
  for (uint8_t id = 1; id <= kParamCount; ++id) values_[id - 1] = range_of(id).initial;
}
