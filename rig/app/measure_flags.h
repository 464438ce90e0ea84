// What the flags of `rig measure` say, with units. Each throws InputError that names the flag.
#pragma once

#include <string>
#include <string_view>

#include "rig/app/measure_command.h"
#include "rig/evidence/waveform_file.h"

namespace rig {

double si(const std::string& text, std::string_view dimension, const char* flag);
double positive(const std::string& text, std::string_view dimension, const char* flag);

// A place that can be written to and is not the waveform's, whatever they are called. Checked
// before a long stream is measured in vain.
void check_output(const std::string& path, const std::string& waveform, const char* flag);

WaveformOptions file_options(const MeasureOptions& o);

}  // namespace rig
