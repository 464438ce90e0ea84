// Signs of life while the rig waits for its bench: whoever watches over the rig hears that it has
// not hung. Called at least every 20 ms by whatever waits for an instrument, and where samples
// flow.
#pragma once

#include <chrono>
#include <functional>

namespace rig {

constexpr std::chrono::milliseconds kBetweenSigns(20);

// One watcher in a process; nullptr: none.
void on_alive(void (*watcher)());
void alive();

// What this thread does besides, at each sign of life, as long as this exists: an instrument that
// takes its time does not keep the device under test from hearing of its host. Never from within
// itself. `what` takes as long as an exchange with the device, and must not throw.
class Meanwhile {
 public:
  explicit Meanwhile(std::function<void()> what);
  ~Meanwhile();
  Meanwhile(const Meanwhile&) = delete;
  Meanwhile& operator=(const Meanwhile&) = delete;

 private:
  std::function<void()> what_;
  const std::function<void()>* before_;
};

// As long as this exists, what this thread waits for may be given up: `wanted` throws once it is.
class WaitsWhile {
 public:
  explicit WaitsWhile(std::function<void()> wanted);
  ~WaitsWhile();
  WaitsWhile(const WaitsWhile&) = delete;
  WaitsWhile& operator=(const WaitsWhile&) = delete;

 private:
  std::function<void()> wanted_;
  const std::function<void()>* before_;
};

// Where an instrument can be left as it is, to be armed anew: between two messages to it.
void still_wanted();

// As long as this exists nothing is done meanwhile: an instant is being taken, and has to be sharp.
// REQUIRES: shorter than a device bears a silent host.
class Undisturbed {
 public:
  Undisturbed();
  ~Undisturbed();
  Undisturbed(const Undisturbed&) = delete;
  Undisturbed& operator=(const Undisturbed&) = delete;

 private:
  const std::function<void()>* before_;
};

}  // namespace rig
