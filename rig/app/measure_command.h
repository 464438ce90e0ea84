// rig measure: the engine alone, for a waveform from anywhere.
#pragma once

#include <string>
#include <vector>

namespace rig {

struct MeasureOptions {
  std::string path;
  std::string format;
  std::string rate;     // "10MHz"
  std::string scale;    // "1e-5V": per code
  std::string offset;   // "0.1 V"
  std::string load;     // "500 ohm": a voltage is measured as the current through it
  std::string channel;  // that pulses are measured in; default: the current, else the first
  std::string against;  // another channel: latencies and overlaps
  std::string threshold;
  std::string baseline;
  std::string max_gap;
  std::string electrode;  // "25 cm2"
  std::string edges = "fitted";
  int channels = 0;  // raw only; 0: one
  bool json = false;
  bool sine = false;   // a sine, not pulses; a channel in m/s2 is one anyway
  std::string pulses;  // CSV of a row a pulse
  std::string plot;    // PNG
};

// Returns the exit code. Throws InputError for what cannot be measured.
int measure_command(const MeasureOptions& options);

}  // namespace rig
