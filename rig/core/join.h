// "a, b, c".
#pragma once

#include <string>
#include <string_view>

namespace rig {

inline void add_item(std::string& list, std::string_view separator, std::string_view item) {
  if (!list.empty()) list += separator;
  list += item;
}

}  // namespace rig
