// The safe state of a bench of instruments, held by a process of its own: small, in its own
// session, and idle until the rig that drives the bench dies, hangs or does not obey a signal. Then
// it ends that rig, tells the device to stop, measures that the current is gone, and writes into
// the record how the case ended and how long the output was on.
//
// A simulated bench needs none: it dies with the rig, and its output with it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "rig/bench/settings.h"
#include "rig/run/recorder.h"

namespace rig {

// After a signal the rig itself has so long to tell the device to stop.
constexpr std::chrono::milliseconds kObeys(100);

class Guard {
 public:
  // Forks the guard of this process. It opens the bench only when it has to act.
  Guard(InstrumentBenchSettings bench, std::filesystem::path run_folder);
  ~Guard();  // the guard goes too, unless output is commanded
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  void begin_case(std::uint32_t index);
  // `settings` as the device accepted them: what the measurement has to resolve, and for how long.
  void output(bool commanded, const std::map<std::string, double>& settings);

 private:
  int to_guard_ = -1;
};

// Waits until the guard of a run folder has written what it has to write, at most `time`. Returns
// whether there is none at work any more.
bool guard_is_done(const std::filesystem::path& run_folder, std::chrono::milliseconds time);

}  // namespace rig
