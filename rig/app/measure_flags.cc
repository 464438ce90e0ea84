#include "rig/app/measure_flags.h"

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <utility>

#include "rig/config/units.h"
#include "rig/core/error.h"

namespace rig {
namespace {

// "1e-5V" per code: the unit says whether it is a voltage, a current or an acceleration.
std::pair<double, std::string> scale_of(const std::string& text) {
  if (text.ends_with("m/s2") || text.ends_with("gn")) {
    return {positive(text, "acceleration", "--scale"), "m/s2"};
  }
  const bool amps = text.ends_with("A");
  return {positive(text, amps ? "current" : "voltage", "--scale"), amps ? "A" : "V"};
}

std::string_view dimension_of_unit(std::string_view unit) {
  if (unit == "m/s2") return "acceleration";
  return unit == "A" ? "current" : "voltage";
}

SampleRate rate_of(const std::string& text) {
  const double hertz = si(text, "frequency", "--rate");
  if (!(hertz > 0) || hertz > 1e13) {
    throw InputError("--rate: expected a rate above 0 Hz, at most 10 THz, found '" + text + "'");
  }
  std::uint64_t seconds = 1;
  while (seconds < 1'000'000 &&
         std::fabs(hertz * static_cast<double>(seconds) -
                   std::round(hertz * static_cast<double>(seconds))) > 1e-9 * hertz) {
    seconds *= 10;
  }
  return {static_cast<std::uint64_t>(std::llround(hertz * static_cast<double>(seconds))), seconds};
}

}  // namespace

double si(const std::string& text, std::string_view dimension, const char* flag) {
  try {
    return quantity_of(text, dimension);
  } catch (const InputError& error) {
    throw InputError(std::string(flag) + ": " + error.what());
  }
}

double positive(const std::string& text, std::string_view dimension, const char* flag) {
  const double value = si(text, dimension, flag);
  if (!(value > 0)) {
    throw InputError(std::string(flag) + ": expected one above 0, found '" + text + "'");
  }
  return value;
}

void check_output(const std::string& path, const std::string& waveform, const char* flag) {
  if (path.empty()) return;
  std::error_code none;
  if (std::filesystem::equivalent(path, waveform, none)) {
    throw InputError(std::string(flag) + ": would overwrite the waveform");
  }
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  if (!std::filesystem::is_directory(folder, none) || std::filesystem::is_directory(path, none) ||
      ::access(folder.c_str(), W_OK) != 0) {
    throw InputError(std::string(flag) + ": expected a file that can be written, found '" + path +
                     "'");
  }
}

WaveformOptions file_options(const MeasureOptions& o) {
  WaveformOptions file{.path = o.path, .format = o.format};
  if (!o.rate.empty()) file.rate = rate_of(o.rate);
  if (o.channels > 0) file.channels = static_cast<std::size_t>(o.channels);
  if (!o.scale.empty()) {
    const auto [scale, unit] = scale_of(o.scale);
    file.scale = scale;
    file.unit = unit;
  }
  if (!o.offset.empty()) {
    file.offset = si(o.offset, dimension_of_unit(file.unit), "--offset");
  }
  return file;
}

}  // namespace rig
