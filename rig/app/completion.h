// Shell completion, made from the same description that parses the command line.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string>

namespace rig {

// Throws InputError for a shell other than bash, zsh or fish.
std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace rig
