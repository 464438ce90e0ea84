// Holds the samples of a waveform back until they tell what its pulses look like, then measures
// them. Internal to app/.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rig/app/measure_flags.h"
#include "rig/app/overview.h"
#include "rig/core/error.h"
#include "rig/measure/scout.h"
#include "rig/run/pulse_store.h"

namespace rig {

// The channel of that name; "": the current, or the first that is not logic. Throws InputError.
std::size_t primary_channel(const CaptureInfo& info, const std::string& wanted);

void append_values(const CodeBlock& block, std::size_t channel, const Channel& c,
                   std::vector<float>& values);  // in the channel's unit

// A block with its own memory, planar.
class KeptBlock {
 public:
  explicit KeptBlock(const CodeBlock& block) : block_(block) {
    const std::size_t bytes = size_of(block.type);
    codes_.resize(bytes * block.size * block.channels);
    std::byte* out = codes_.data();
    for (std::size_t c = 0; c < block.channels; ++c) {
      block_.first_code.at(c) = out;
      const auto* in = static_cast<const std::byte*>(block.first_code.at(c));
      if (block.stride == 1) {
        std::memcpy(out, in, block.size * bytes);
        out += block.size * bytes;
        continue;
      }
      for (std::size_t k = 0; k < block.size; ++k, out += bytes) {
        std::memcpy(out, in + k * block.stride * bytes, bytes);
      }
    }
    block_.stride = 1;
  }
  const CodeBlock& block() const { return block_; }

 private:
  CodeBlock block_;
  std::vector<std::byte> codes_;
};

// Holds the first blocks back until they tell what pulses look like; then feeds the finder.
class Measurer final : public CodeSink {
 public:
  Measurer(const MeasureOptions& options, CaptureInfo info, CodeType type, std::size_t primary);

  void take(const CodeBlock& block) override;

  void finish();

  const CaptureInfo& info() const { return info_; }
  const CaptureTotals& totals() const { return finder_->totals(); }
  const PulseStore& pulses() const { return pulses_; }
  const Scouted& scouted() const { return scouted_; }
  const PulseCriteria& criteria() const { return criteria_; }
  const Overview& overview() const { return overview_; }

 private:
  void look();

  void begin();

  const MeasureOptions& options_;
  CaptureInfo info_;
  CodeType type_;
  std::size_t primary_;
  std::vector<KeptBlock> head_;
  std::vector<float> values_;
  std::size_t next_look_ = 0;
  ScoutGiven given_;
  Scouted scouted_;
  PulseCriteria criteria_;
  std::unique_ptr<PulseFinder> finder_;
  PulseStore pulses_;
  Overview overview_;
};

}  // namespace rig
