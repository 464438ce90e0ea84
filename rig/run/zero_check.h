// Whether the channels read zero while the device cannot put anything out.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "rig/run/session.h"

namespace rig {

// What a channel shows while nothing flows, in codes.
struct IdleLevel {
  std::uint64_t count = 0;
  double sum = 0;
  double square = 0;

  double mean() const { return sum / static_cast<double>(count); }
  double deviation() const {
    return std::sqrt(std::max(0.0, square / static_cast<double>(count) - mean() * mean()));
  }
};

struct IdleCapture {
  CaptureInfo info;
  std::vector<IdleLevel> levels;  // of each channel
};

// Arms, does what is to be done `meanwhile`, and collects. A rate beyond the digitizer's is lowered
// to its highest. Throws RigError when samples are lost or a channel gives none.
IdleCapture capture_idle(Session& session, CaptureSetup setup,
                         const std::function<void()>& meanwhile = {});

// Within four standard uncertainties of the offset and of the mean itself, and half a code.
bool is_zero(const Channel& channel, const IdleLevel& level);

// Takes the device's power away and gives it back, sampling every analogue channel meanwhile for
// 20 ms, one period of 50 Hz mains. What they show then is the bench's own: a ground loop, an input
// that was not zeroed, a probe in the wrong place. Throws RigError "channel 'current' reads 2 mA
// while the device has no power; its offset is known to 10 uA" where it is not zero. Does nothing
// on a bench that cannot switch the device off.
void check_zero(Session& session);

}  // namespace rig
