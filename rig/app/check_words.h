// Commands and flags that there are not.
#pragma once

#include <CLI/App.hpp>

namespace rig {

// The parser complains of what is missing before it complains of what is wrong; users mean the
// other way round. Throws InputError, with the word that was meant.
void check_words(const CLI::App& app, int argc, char** argv);

}  // namespace rig
