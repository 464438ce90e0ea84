// A whole waveform in a few thousand columns, each with its lowest and highest sample, whatever its
// length; and its beginning sample by sample.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rig/core/capture.h"

namespace rig {

class Overview {
 public:
  void take(const CodeBlock& block, std::size_t channel, const Channel& scale);

  struct Column {
    float low = 0;
    float high = 0;
  };
  const std::vector<Column>& columns() const { return columns_; }
  std::uint64_t per_column() const { return per_column_; }

 private:
  void add(float value);

  std::vector<Column> columns_;
  std::uint64_t per_column_ = 1;  // doubles when there are too many columns
  std::uint64_t in_last_ = 0;
};

// Draws it as a PNG. Throws RigError when that fails.
void draw_overview(const std::string& path, const Overview& overview, const CaptureInfo& info,
                   std::size_t channel);

}  // namespace rig
