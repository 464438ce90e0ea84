// An instrument that is not where the bench file says, or is there no longer.
#pragma once

#include <string>
#include <utility>

#include "rig/core/error.h"

namespace rig {

class Unreachable : public RigError {
 public:
  explicit Unreachable(const std::string& what, std::string how = {})
      : RigError(what), cure(std::move(how)) {}
  std::string cure;  // not in the text; empty: whoever knows what is there knows one
};

}  // namespace rig
