#include "rig/app/python.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "rig/app/places.h"
#include "rig/app/signals.h"
#include "rig/core/error.h"

namespace rig {
namespace {

// Another python3, without matplotlib, may come first on PATH.
constexpr const char* kPython = "/usr/bin/python3";

[[noreturn]] void become_python(const std::vector<std::string>& arguments, int input,
                                const std::string& reports) {
  std::signal(SIGINT, SIG_IGN);  // the page of an interrupted run is made all the same
  dup2(input, STDIN_FILENO);
  setenv("PYTHONPATH", reports.c_str(), 1);
  setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
  std::vector<char*> words{const_cast<char*>(kPython)};
  for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execv(kPython, words.data());
  std::fprintf(stderr, "rig: %s: %s (package python3)\n", kPython, std::strerror(errno));
  _exit(127);
}

}  // namespace

bool run_python(const std::vector<std::string>& arguments, const std::string& input) {
  const std::string reports = reports_folder();
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw RigError(std::string("pipe: ") + std::strerror(errno));
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) throw RigError(std::string("fork: ") + std::strerror(errno));
  if (pid == 0) {
    close(ends[1]);
    become_python(arguments, ends[0], reports);
  }
  close(ends[0]);
  const auto before = std::signal(SIGPIPE, SIG_IGN);  // it may end without reading
  std::size_t written = 0;
  while (written < input.size()) {
    const ssize_t n = write(ends[1], input.data() + written, input.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    written += static_cast<std::size_t>(n);
  }
  std::signal(SIGPIPE, before);
  close(ends[1]);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    if (signals_caught() >= 2) kill(pid, SIGKILL);
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace rig
