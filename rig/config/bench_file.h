// Reads a bench file (fixtures/*.yaml).
#pragma once

#include <string>
#include <vector>

#include "rig/bench/settings.h"

namespace rig {

// `firmware`, when not empty, replaces the image named in the file. An image named without a
// folder is looked for beside the bench file, then in `image_folders`. Throws InputError.
BenchSettings load_bench(const std::string& path, const std::string& firmware,
                         const std::vector<std::string>& image_folders);

}  // namespace rig
