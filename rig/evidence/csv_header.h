// What the head of a CSV file says about its rows, in the dialects of several oscilloscopes. For
// the sources of evidence/ alone.
//
//   X,CH1,Start,Increment,            Rigol: rows are numbered
//   Sequence,Volt,-6e-04,1e-06
//   Record Length,Analog:7000         Siglent, Tektronix (newer): lines about the recording, then
//   Second,Volt                       names and units
//   "Record Length",2500,,-.005,.02   Tektronix (older): lines about it beside the first rows
//   Time;Channel A                    anyone: names, units or neither
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "rig/core/capture.h"
#include "rig/evidence/csv_lines.h"

namespace rig {

struct CsvColumn {
  std::size_t cell = 0;
  std::string name;
  std::string unit;  // without prefix: "V", not "mV"
  double scale = 1;
};

struct CsvLayout {
  char separator = ',';
  bool decimal_comma = false;
  std::optional<std::size_t> time_cell;
  double time_scale = 1;        // to seconds
  bool counts = false;          // the time cell counts samples
  bool told_beside = false;     // the first two cells of a row tell about the recording
  std::optional<double> start;  // time of the first sample, seconds
  std::optional<SampleRate> rate;
  std::vector<CsvColumn> columns;
};

char separator_of(std::string_view line);

// Reads up to the first row of numbers, which is then lines.text(). `rate_given`: a first column
// that does not look like a time is a channel.
CsvLayout read_csv_head(LineReader& lines, bool rate_given);

// Takes what "Sample Interval", "Vertical Units" and the like say in the line that `lines` is at.
void take_remark(const std::vector<Cell>& cells, const LineReader& lines, CsvLayout& layout);

}  // namespace rig
