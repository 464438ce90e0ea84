#include "rig/app/check_words.h"

#include <algorithm>
#include <string>
#include <vector>

#include "rig/config/suggest.h"
#include "rig/core/error.h"

namespace rig {

void check_words(const CLI::App& app, int argc, char** argv) {
  if (argc < 2) return;
  const std::string command = argv[1];
  std::vector<std::string> names;
  const CLI::App* chosen = nullptr;
  for (const CLI::App* known : app.get_subcommands({})) {
    names.push_back(known->get_name());
    if (known->get_name() == command) chosen = known;
  }
  if (chosen == nullptr) {
    if (command.starts_with("-")) return;
    throw InputError("unknown command '" + command + "'" + did_you_mean(command, names));
  }
  std::vector<std::string> flags;
  std::vector<const CLI::App*> parts{chosen};
  for (const CLI::App* part : chosen->get_subcommands({})) parts.push_back(part);
  for (const CLI::App* part : parts) {
    for (const CLI::Option* option : part->get_options()) {
      for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
    }
  }
  for (int k = 2; k < argc; ++k) {
    const std::string word = argv[k];
    if (word == "--") return;
    const std::string flag = word.substr(0, word.find('='));
    if (!flag.starts_with("--") || std::ranges::find(flags, flag) != flags.end()) continue;
    std::string complaint = command;
    complaint += ": unknown flag '";
    complaint += flag;
    complaint += "'";
    complaint += did_you_mean(flag, flags);
    throw InputError(complaint);
  }
}

}  // namespace rig
