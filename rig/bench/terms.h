// The words in which scenarios talk about any stimulator, whatever protocol it speaks.
#pragma once

#include <span>
#include <string_view>

namespace rig {

// What can be set. Values are SI; each protocol turns them into its own units and refuses what it
// cannot express exactly.
struct SettingInfo {
  std::string_view name;       // "amplitude"
  std::string_view dimension;  // as config/units.h names it
  std::string_view unit;       // SI
  std::string_view what;       // for help and schema
};
std::span<const SettingInfo> settings_of_a_stimulator();

struct StatusFieldInfo {
  std::string_view name;
  std::string_view unit;       // "" for words
  std::string_view dimension;  // "" for words
  std::string_view what;
};
std::span<const StatusFieldInfo> status_fields();

}  // namespace rig
