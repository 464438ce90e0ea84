// Waveforms from anywhere: raw samples, CSV, sigrok .sr, WAV, HDF5. A file becomes blocks of codes
// in the layout that it has; nothing holds a whole file, so size does not matter.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rig/core/capture.h"

namespace rig {

inline constexpr std::size_t kMostWaveformChannels = 4;

// What the user says about a file. Needed for raw samples, which say nothing themselves; for the
// other formats it wins over what the file says.
struct WaveformOptions {
  std::string path;    // "-": standard input
  std::string format;  // "i16le", "csv", "sr", "wav", "hdf5"; empty: by content
  std::optional<SampleRate> rate;
  std::optional<std::size_t> channels;  // raw only
  std::vector<std::string> names;       // of the channels, in order: "current", "voltage", ...
  std::optional<double> scale;          // unit per code
  std::string unit;                     // of scale: "V", "A"
  std::optional<double> offset;         // unit
};

class WaveformFile {
 public:
  virtual ~WaveformFile() = default;

  virtual const CaptureInfo& info() const = 0;  // channels, rate, scale; known once opened
  // What neither the file nor the user says, and what was taken for it; one sentence each.
  const std::vector<std::string>& assumed() const { return assumed_; }
  virtual CodeType type() const = 0;

  // Hands over all samples in order, in blocks of bounded size. Once. Throws InputError
  // "FILE: byte N: what was expected, what was found" when the file breaks its word.
  virtual void replay(CodeSink& sink) = 0;

 protected:
  std::vector<std::string> assumed_;
};

// Opens a waveform file of up to four channels; of a sigrok session the first four, analog ones
// first. Where the file does not say: one unit per code, offset 0 (8-bit WAV: code 128 is 0), unit
// "V", the name "current" or "voltage" for the only channel in A or V, else "ch1", "ch2", ...
// The first time in a CSV file becomes armed_at. Throws InputError, one line, when it
// is not a waveform: where, what was expected, what was found.
std::unique_ptr<WaveformFile> open_waveform(const WaveformOptions& options);

}  // namespace rig
