#include "rig/app/signals.h"

#include <csignal>

namespace rig {
namespace {
volatile std::sig_atomic_t caught = 0;
volatile std::sig_atomic_t first = 0;
void on_signal(int number) {
  if (caught == 0) first = number;
  caught = caught + 1;
}
}  // namespace

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = &on_signal;  // no SA_RESTART: a wait for a worker has to end
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  struct sigaction hang_up {};
  sigaction(SIGHUP, nullptr, &hang_up);
  if (hang_up.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);  // nohup keeps its word
}

int signals_caught() { return caught; }
const char* signal_caught() {
  return first == SIGINT ? "SIGINT" : first == SIGTERM ? "SIGTERM" : "SIGHUP";
}

}  // namespace rig
