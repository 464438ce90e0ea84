#include "rig/bench/alive.h"

#include <utility>

namespace rig {
namespace {
void (*watching)() = nullptr;
thread_local const std::function<void()>* besides = nullptr;
}  // namespace

void on_alive(void (*watcher)()) { watching = watcher; }
void alive() {
  if (watching != nullptr) watching();
  if (besides == nullptr) return;
  const auto& what = *besides;
  const Undisturbed not_within_itself;
  what();
}

Meanwhile::Meanwhile(std::function<void()> what)
    : what_(std::move(what)), before_(std::exchange(besides, &what_)) {}
Meanwhile::~Meanwhile() { besides = before_; }

Undisturbed::Undisturbed() : before_(std::exchange(besides, nullptr)) {}
Undisturbed::~Undisturbed() { besides = before_; }

}  // namespace rig
