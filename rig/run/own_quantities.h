// What the rig finds without being asked, or of the device's own words: the quantities of findings
// that measure/catalog.h does not have.
#pragma once

#include <span>
#include <string_view>

namespace rig {

struct OwnQuantity {
  std::string_view name;  // with words in capitals where anything may stand: "status.FIELD"
  std::string_view unit;  // SI base unit; empty: words
  std::string_view definition;
  std::string_view source;
  std::string_view limit;  // what it is held against, and since when
};

std::span<const OwnQuantity> own_quantities();

// "safe_state.current", "status.state", "led.high". nullptr: none of them.
const OwnQuantity* find_own_quantity(std::string_view name);

}  // namespace rig
