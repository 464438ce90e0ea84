#include "rig/bench/alive.h"

namespace rig {
namespace {
void (*watching)() = nullptr;
}  // namespace

void on_alive(void (*watcher)()) { watching = watcher; }
void alive() {
  if (watching != nullptr) watching();
}

}  // namespace rig
