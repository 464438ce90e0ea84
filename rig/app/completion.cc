#include "rig/app/completion.h"

#include "rig/core/error.h"

namespace rig {
namespace {

std::string options_of(const CLI::App& app) {
  std::string words;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      words += (words.empty() ? "--" : " --") + name;
    }
  }
  return words;
}

std::string commands_of(const CLI::App& app) {
  std::string words;
  for (const CLI::App* command : app.get_subcommands({})) {
    words += (words.empty() ? "" : " ") + command->get_name();
  }
  return words;
}

std::string bash(const CLI::App& app) {
  std::string script =
      "_rig() {\n  local word=${COMP_WORDS[COMP_CWORD]} options=\n  case ${COMP_WORDS[1]} in\n";
  for (const CLI::App* command : app.get_subcommands({})) {
    script += "    " + command->get_name() + ") options='" + options_of(*command) + "' ;;\n";
  }
  script += "  esac\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W '" +
            commands_of(app) + " " + options_of(app) +
            "' -- \"$word\"))\n  elif [[ $word == -* ]]; then\n"
            "    COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n  else\n"
            "    COMPREPLY=($(compgen -f -- \"$word\"))\n  fi\n}\n"
            "complete -o filenames -F _rig rig\n";
  return script;
}

// As fish reads it: in the other shells a quote cannot be escaped so.
std::string in_single_quotes(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\'' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string fish(const CLI::App& app) {
  std::string script;
  for (const CLI::App* command : app.get_subcommands({})) {
    script += "complete -c rig -n __fish_use_subcommand -a " + command->get_name() + " -d '" +
              in_single_quotes(command->get_description()) + "'\n";
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        script += "complete -c rig -n '__fish_seen_subcommand_from " + command->get_name() +
                  "' -l " + name + "\n";
      }
    }
  }
  return script;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  if (shell == "bash") return bash(app);
  if (shell == "zsh") return "autoload -U +X bashcompinit && bashcompinit\n" + bash(app);
  if (shell == "fish") return fish(app);
  throw InputError("completion: expected bash, zsh or fish, found '" + shell + "'");
}

}  // namespace rig
