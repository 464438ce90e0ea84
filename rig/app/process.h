// Another program, run to its end.
#pragma once

#include <string>
#include <vector>

namespace rig {

struct Finished {
  int exit_code = -1;  // 128 + the signal that ended it
  std::string said;    // on both of its outputs
};

// Looks for words[0] on PATH and runs it in `folder`. Exit code 127: it cannot be run.
Finished run_program(const std::vector<std::string>& words, const std::string& folder);

}  // namespace rig
