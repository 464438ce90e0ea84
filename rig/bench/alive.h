// Signs of life while the rig waits for its bench: whoever watches over the rig hears that it has
// not hung. Called at least every 20 ms by whatever waits for an instrument, and where samples
// flow.
#pragma once

#include <chrono>

namespace rig {

constexpr std::chrono::milliseconds kBetweenSigns(20);

// One watcher in a process; nullptr: none.
void on_alive(void (*watcher)());
void alive();

}  // namespace rig
