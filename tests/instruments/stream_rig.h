// What the tests of streaming digitizers share: a clock that goes as the model samples, a sink that
// keeps everything, and a capture from arming to its end.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "fixtures/devices/sample_stream.h"
#include "rig/bench/bench.h"
#include "rig/core/error.h"

namespace rig::fake {

class StreamClock final : public Clock {
 public:
  static constexpr double kBegin = 1;  // s
  explicit StreamClock(devices::SampleStream& stream) : stream_(stream) {
    stream.starts_when_looked_at = true;
  }
  Picos now() const override { return from_seconds(kBegin + stream_.seconds()); }
  void wait_until(Picos when) override { waited_ = std::max(waited_, when); }
  Picos waited() const { return waited_; }

 private:
  const devices::SampleStream& stream_;
  Picos waited_{};
};

struct KeptSamples final : BlockSink {
  std::vector<std::uint64_t> index;
  std::vector<std::vector<std::int16_t>> codes;
  int losses = 0;

  void take(const Block& block) override {
    codes.resize(block.codes.size());
    losses += block.lost_before ? 1 : 0;
    EXPECT_TRUE(index.empty() || block.first_sample > index.back());
    EXPECT_TRUE(block.lost_before || block.first_sample == (index.empty() ? 0 : index.back() + 1));
    for (std::size_t k = 0; k < block.size(); ++k) index.push_back(block.first_sample + k);
    for (std::size_t c = 0; c < codes.size(); ++c) {
      codes[c].insert(codes[c].end(), block.codes[c].begin(), block.codes[c].end());
    }
  }
};

// Arms and collects everything, 10 ms at a time. Returns the error's words, or "".
inline std::string capture(Digitizer& digitizer, const CaptureSetup& setup, CaptureInfo& info,
                           KeptSamples& kept) {
  try {
    info = digitizer.arm(setup);
    for (Picos until = info.armed_at; digitizer.collect(until, kept);) {
      until += std::chrono::milliseconds(10);
    }
  } catch (const RigError& error) {
    return error.what();
  } catch (const Blocked& blocked) {
    return std::string("blocked: ") + blocked.what();
  }
  return "";
}

// The model's seconds at a sample of the capture.
inline double seconds_at(const CaptureInfo& info, std::uint64_t index) {
  return to_seconds(info.armed_at) - StreamClock::kBegin +
         static_cast<double>(index) / info.rate.hertz();
}

}  // namespace rig::fake
