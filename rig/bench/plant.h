// The parameters of a modelled plant as its file says them. Passive: config/ reads it and checks
// each entry by itself, the plant takes it and checks what they mean together.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rig {

struct PlantParameter {
  std::string name;  // "calf_deep.compliance"
  std::string text;  // "2.2 mL/mmHg", as written
  std::string unit;  // "mL/mmHg"
  double value = 0;  // in the dimension's base unit
  double low = 0;    // the range that is plausible, same unit
  double high = 0;
  std::string_view dimension;  // as config/units.h names it
  std::string source;          // "assumed": nobody's figure
  std::string where;           // file:line:column

  bool assumed() const { return source.starts_with("assumed"); }
};

struct PlantSettings {
  std::string title;
  std::string file;
  std::vector<PlantParameter> parameters;  // in the order of the file
};

// A plant on a bench: driven by what the device puts out.
struct PlantBench {
  PlantSettings settings;
  std::string posture;  // "supine", "sitting", "standing"
};

}  // namespace rig
