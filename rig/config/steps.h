// Reads the steps of a scenario. Internal to config/.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rig/config/scenario.h"

namespace rig {

struct StepContext {
  const Spec& spec;
  std::string folder;                  // of the file, for includes
  std::vector<std::string> including;  // files being read, to find cycles
  std::function<void(Yaml&)> fill_in;  // puts the sweep row into what a file says
};

std::vector<Step> read_steps(const Yaml& list, const std::string& prefix, const StepContext& on);

// Throws when the steps make no physical sense. Walks the settings as the run will.
void check_sense(const std::vector<Step>& steps);

}  // namespace rig
