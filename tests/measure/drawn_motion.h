// Accelerations drawn in closed form, as an accelerometer shows them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rig/measure/catalog.h"
#include "rig/measure/motion.h"
#include "rig/measure/sine.h"

namespace rig::testing {

struct Accelerometer {
  double rate = 5000;   // Hz
  double range = 50;    // m/s2, of 16 bits
  double noise = 0.02;  // m/s2, r.m.s.
  double zero = 0.05;   // m/s2, that it shows too much
  double gain_u = 0;
  double rate_u = 0;
  double gain = 1;  // what it really is
  double clock = 1;
};

// One channel, "acceleration", or with a second signal "acceleration_x" beside it.
class DrawnMotion final : public MotionTracks {
 public:
  using Signal = std::function<double(double)>;  // m/s2 at so many s since sample 0

  DrawnMotion(const Signal& z, const Signal& x, double seconds, const Accelerometer& how,
              std::uint64_t seed);
  DrawnMotion(const Signal& z, double seconds, const Accelerometer& how, std::uint64_t seed)
      : DrawnMotion(z, nullptr, seconds, how, seed) {}

  Measured of(const std::string& quantity, double from = 0, double to = 1e3,
              std::optional<double> event = std::nullopt) const;
  const MotionTrack* motion(const std::string& channel) const override;
  const MotionTrack& track() const { return tracks_.front(); }

 private:
  CaptureInfo info_;
  std::uint64_t samples_ = 0;
  std::optional<SineTrack> sine_;
  std::vector<MotionTrack> tracks_;
};

}  // namespace rig::testing
