// The amplitude of a motion over time. Internal to measure/.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "rig/measure/motion.h"

namespace rig {

struct AmplitudeAt {
  double t = 0;  // s since sample 0, the middle of the period
  double a = 0;  // codes
};

// The amplitude that a sine of the same r.m.s. about its mean has, over one period of `hertz`,
// every half period inside [from, to] s; what noise of `noise` codes r.m.s. a point adds is taken
// off.
std::vector<AmplitudeAt> amplitudes(const MotionTrack& track, double hertz, double from, double to,
                                    double noise);

// Noise of a point in codes: what fourth differences have left of a smooth motion.
double noise_of(std::span<const float> points);

// A line of known frequency, fitted to the points in [from, to] s with an offset: its amplitude in
// codes and its standard uncertainty from the residuals; what averaging took is undone.
struct SpectralLine {
  double amplitude = 0;
  double u = 0;
};
SpectralLine line_of(const MotionTrack& track, double hertz, double from, double to);

}  // namespace rig
