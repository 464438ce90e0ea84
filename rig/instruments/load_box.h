// What changes the load and presses buttons on a real table: a relay board, or somebody's hands.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "rig/bench/bench.h"
#include "rig/bench/settings.h"

namespace rig {

// When something was done: between the two instants of the bench clock.
struct Done {
  Picos begun{};
  Picos ended{};
};

std::string load_in_words(const Load& load);  // "500 ohm", "open"

class LoadBox {
 public:
  virtual ~LoadBox() = default;
  // Returns once the contacts are at rest. Throws Blocked for a load or a button that it does not
  // have, RigError when it does not obey.
  virtual Done select(const Load& load) = 0;
  virtual Done press(const ButtonChange& change) = 0;
  virtual std::set<std::string> capabilities() const = 0;  // "load", "load.open", "button.stop"
  virtual std::string in_words() const = 0;
};

// Sends the line that the bench file gives for a load or a button, and waits for the board's answer
// and its settling time. The clock must outlive it. With its link, or with the one that the bench
// file names.
std::unique_ptr<LoadBox> make_switch_box(std::unique_ptr<Link> link,
                                         const SwitchBoxSettings& settings, Clock& clock);
std::unique_ptr<LoadBox> make_switch_box(const SwitchBoxSettings& settings, Clock& clock);

// Asks on the terminal and waits for the Return key: any load, and the contacts by hand. The
// instant is known as well as somebody's hands are quick. `ask` gets the question and returns
// whether it was done; nullptr: /dev/tty. Throws RigError when there is nobody to ask.
std::unique_ptr<LoadBox> make_operator(Clock& clock,
                                       std::function<bool(const std::string&)> ask = nullptr);

}  // namespace rig
