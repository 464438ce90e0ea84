#include "rig/app/overview.h"

#include <algorithm>
#include <cstdio>

#include "rig/app/python.h"
#include "rig/core/error.h"
#include "rig/evidence/text.h"

namespace rig {
namespace {

constexpr std::size_t kMostColumns = 4096;

template <typename T>
float value_at(const CodeBlock& block, std::size_t channel, std::size_t row, const Channel& c) {
  return static_cast<float>(
      c.value_of(static_cast<const T*>(block.first_code.at(channel))[row * block.stride]));
}

}  // namespace

void Overview::add(float value) {
  if (columns_.empty() || in_last_ == per_column_) {
    if (columns_.size() == kMostColumns) {
      for (std::size_t k = 0; k < kMostColumns / 2; ++k) {
        const Column& a = columns_[2 * k];
        const Column& b = columns_[2 * k + 1];
        columns_[k] = {std::min(a.low, b.low), std::max(a.high, b.high)};
      }
      columns_.resize(kMostColumns / 2);
      per_column_ *= 2;
    }
    columns_.push_back({value, value});
    in_last_ = 0;
  }
  columns_.back().low = std::min(columns_.back().low, value);
  columns_.back().high = std::max(columns_.back().high, value);
  ++in_last_;
}

void Overview::take(const CodeBlock& block, std::size_t channel, const Channel& c) {
  for (std::size_t k = 0; k < block.size; ++k) {
    switch (block.type) {
      case CodeType::kU8: add(value_at<std::uint8_t>(block, channel, k, c)); break;
      case CodeType::kI8: add(value_at<std::int8_t>(block, channel, k, c)); break;
      case CodeType::kI16: add(value_at<std::int16_t>(block, channel, k, c)); break;
      case CodeType::kU16: add(value_at<std::uint16_t>(block, channel, k, c)); break;
      case CodeType::kF32: add(value_at<float>(block, channel, k, c)); break;
    }
  }
}

void draw_overview(const std::string& path, const Overview& overview, const CaptureInfo& info,
                   std::size_t channel) {
  std::string text = "{\"title\": " + json_string(info.name) +
                     ", \"unit\": " + json_string(info.channels[channel].unit);
  char number[64];
  std::snprintf(number, sizeof number, ", \"seconds_per_column\": %.9g, \"columns\": [",
                static_cast<double>(overview.per_column()) / info.rate.hertz());
  text += number;
  const char* separator = "";
  for (const Overview::Column& c : overview.columns()) {
    std::snprintf(number, sizeof number, "%s[%.7g, %.7g]", separator, static_cast<double>(c.low),
                  static_cast<double>(c.high));
    text += number;
    separator = ", ";
  }
  if (!run_python({"-m", "soleus_report.overview", path}, text + "]}")) {
    throw RigError(path + ": the plot could not be drawn");
  }
}

}  // namespace rig
