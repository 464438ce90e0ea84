#include "rig/bench/alive.h"

#include <utility>

namespace rig {
namespace {
void (*watching)() = nullptr;
thread_local const std::function<void()>* besides = nullptr;
thread_local const std::function<void()>* wanting = nullptr;
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

WaitsWhile::WaitsWhile(std::function<void()> wanted)
    : wanted_(std::move(wanted)), before_(std::exchange(wanting, &wanted_)) {}
WaitsWhile::~WaitsWhile() { wanting = before_; }

void still_wanted() {
  if (wanting != nullptr) (*wanting)();
}

Undisturbed::Undisturbed() : before_(std::exchange(besides, nullptr)) {}
Undisturbed::~Undisturbed() { besides = before_; }

}  // namespace rig
