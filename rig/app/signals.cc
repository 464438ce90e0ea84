#include "rig/app/signals.h"

#include <csignal>

namespace rig {
namespace {
volatile std::sig_atomic_t caught = 0;
void on_signal(int /*number*/) { caught = caught + 1; }
}  // namespace

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = &on_signal;  // no SA_RESTART: a wait for a worker has to end
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int signals_caught() { return caught; }

}  // namespace rig
