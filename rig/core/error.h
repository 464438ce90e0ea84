// The one exception of the rig: "I could not find out", never "the device is bad".
//
// A device out of tolerance is a Verdict, an ordinary value. RigError is for a bench that did not
// answer, a capture that was cut short. It becomes a verdict in one place only: the step, in
// run/runner.cc, which records it as Verdict::kError.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace rig {

class RigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Several of them, each a line of its own.
class RigErrors : public RigError {
 public:
  explicit RigErrors(std::vector<std::string> all) : RigError(all.at(0)), lines(std::move(all)) {}
  std::vector<std::string> lines;
};

// The device under test did not answer, or not sensibly. Its own fault, so the step that caught it
// makes a finding of it: Verdict::kFail.
class DeviceSilent : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The user pressed Ctrl-C: the case ends, in safe state.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What the user handed in is unusable: a file, an option, a unit. Nothing was written or
// energised; main prints the one line and leaves with exit code 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Several of them, each a line of its own.
class InputErrors : public InputError {
 public:
  explicit InputErrors(std::vector<std::string> all)
      : InputError(all.at(0)), lines(std::move(all)) {}
  std::vector<std::string> lines;
};

// The bench cannot do what the scenario needs. Becomes Verdict::kBlocked, with this reason.
class Blocked : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace rig
