// The names in a capture file, described once for the writer and the reader. For evidence/ alone.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "rig/core/capture.h"

namespace rig {

constexpr const char* kCaptureSchema = "soleus-rig capture 1";
constexpr const char* kSchemaAttribute = "schema";
constexpr const char* kIndexAttribute = "index";  // of a channel: HDF5 sorts them by name
constexpr const char* kSegments = "segments";
constexpr const char* kSegmentLost = "segment_lost";
constexpr const char* kSegmentNumber = "segment_number";
constexpr std::array<std::string_view, 3> kOwnDatasets{kSegments, kSegmentLost, kSegmentNumber};
constexpr std::size_t kChunkSamples = 65536;
constexpr std::size_t kChunkSpans = 1024;

// Calls visit(name, value) for every attribute of the file. `info` may be const, to be written, or
// not, to be read; values that the file holds in another type pass through a copy.
template <typename Info, typename Visit>
requires std::same_as<std::remove_const_t<Info>, CaptureInfo>
void for_each_attribute(Info& info, const Visit& visit) {
  visit("name", info.name);
  visit("rate_samples", info.rate.samples);
  visit("rate_seconds", info.rate.seconds);
  visit("rate_u", info.rate_u);
  visit("alignment_u", info.alignment_u);
  const auto through = [&](const char* name, auto copy, const auto& store) {
    visit(name, copy);
    if constexpr (!std::is_const_v<Info>) store(copy);
  };
  through("armed_at_ps", info.armed_at.count(), [&](auto v) { info.armed_at = Picos(v); });
  through("pre_trigger_ps", info.pre_trigger.count(), [&](auto v) { info.pre_trigger = Picos(v); });
  through("segment_length_ps", info.segment_length.count(),
          [&](auto v) { info.segment_length = Picos(v); });
  through("integrity_proven", static_cast<std::uint8_t>(info.integrity_proven),
          [&](auto v) { info.integrity_proven = v != 0; });
}

template <typename C, typename Visit>
requires std::same_as<std::remove_const_t<C>, Channel>
void for_each_attribute(C& channel, const Visit& visit) {
  visit("unit", channel.unit);
  visit("bits", channel.bits);
  visit("scale", channel.scale);
  visit("offset", channel.offset);
  visit("bandwidth_hz", channel.bandwidth_hz);
  visit("gain_u", channel.gain_u);
  visit("offset_u", channel.offset_u);
  visit("clip_low", channel.clip_low);
  visit("clip_high", channel.clip_high);
}

}  // namespace rig
