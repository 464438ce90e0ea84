// Debian's Python with the project's package: it draws pages and plots from what the rig measured.
#pragma once

#include <string>
#include <vector>

namespace rig {

// Runs python3 with `arguments` and `input` on its standard input. False when it fails; it has told
// why on standard error.
bool run_python(const std::vector<std::string>& arguments, const std::string& input);

}  // namespace rig
