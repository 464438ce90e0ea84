// What scenario files say that they verify, and what they hold against limits.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "rig/config/scenario.h"

namespace rig {

struct Claims {
  std::set<std::string> verified;  // requirements: "SRS-043"
  std::set<std::string> held;      // those whose limits are held, and the limits: "SRS-043.latency"
  std::vector<std::string> not_held() const;  // said to be verified, and nothing is held against it
};

// Over all sweep rows of each file.
std::map<std::string, Claims> claims_by_file(const std::vector<Scenario>& scenarios);

}  // namespace rig
