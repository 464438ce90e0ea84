// Whether silence is the device's or this computer's, which did not look.
#pragma once

#include <array>
#include <chrono>
#include <string>

#include "rig/bench/bench.h"
#include "rig/core/error.h"
#include "rig/core/verdict.h"

namespace rig {

// The time of an answer is over at `deadline`, and nothing was read. Throws RigError where that is
// seen so late that it would have been there to be read: a busy computer, and no finding about the
// device. What is there then is lost.
inline void require_timely_look(Link& link, const Clock& clock, Picos deadline) {
  constexpr Picos kLate = std::chrono::milliseconds(5);
  const Picos late = clock.now() - deadline;
  std::array<std::byte, 256> waiting{};
  if (late <= kLate || link.read(waiting, Picos(0)) == 0) return;
  throw RigError("an answer lay there unread " + in_words(to_seconds(late), "s") +
                 " after its time: this computer was too busy to tell whether the device was late");
}

}  // namespace rig
