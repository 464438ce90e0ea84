// "a, b, c".
#pragma once

#include <string>
#include <string_view>

namespace rig {

template <typename... Parts>
void add_item(std::string& list, std::string_view separator, const Parts&... parts) {
  if (!list.empty()) list += separator;
  ((list += parts), ...);
}

}  // namespace rig
