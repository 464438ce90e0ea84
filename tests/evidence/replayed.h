// A waveform file, opened and replayed into memory: what the tests compare.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "rig/core/error.h"
#include "rig/evidence/capture_file.h"
#include "rig/evidence/files.h"
#include "rig/evidence/waveform_file.h"
#include "tests/evidence/drawn.h"

namespace rig::testing {

inline double code_at(const CodeBlock& block, std::size_t channel, std::size_t i) {
  const auto* const at = static_cast<const std::byte*>(block.first_code.at(channel)) +
                         i * block.stride * size_of(block.type);
  const auto as = [at](auto value) {
    std::memcpy(&value, at, sizeof value);
    return static_cast<double>(value);
  };
  switch (block.type) {
    case CodeType::kU8: return as(std::uint8_t{});
    case CodeType::kI8: return as(std::int8_t{});
    case CodeType::kI16: return as(std::int16_t{});
    case CodeType::kU16: return as(std::uint16_t{});
    case CodeType::kF32: break;
  }
  return as(float{});
}

struct Replayed final : CodeSink {
  struct Piece {
    std::uint64_t first_sample = 0;
    std::uint32_t segment = 0;
    bool lost_before = false;
    std::size_t size = 0;
    bool operator==(const Piece&) const = default;
  };

  void take(const CodeBlock& block) override {
    codes.resize(block.channels);
    for (std::size_t c = 0; c < block.channels; ++c) {
      for (std::size_t i = 0; i < block.size; ++i) codes[c].push_back(code_at(block, c, i));
    }
    const bool goes_on = !pieces.empty() && !block.lost_before &&
                         pieces.back().segment == block.segment &&
                         pieces.back().first_sample + pieces.back().size == block.first_sample;
    if (goes_on) {
      pieces.back().size += block.size;
    } else {
      pieces.push_back({block.first_sample, block.segment, block.lost_before, block.size});
    }
    largest = std::max(largest, block.size * block.channels * size_of(block.type));
  }

  CaptureInfo info;
  CodeType type = CodeType::kI16;
  std::vector<std::vector<double>> codes;  // of each channel
  std::vector<Piece> pieces;               // blocks that follow each other are one
  std::size_t largest = 0;                 // block, bytes
};

inline Replayed replayed(const WaveformOptions& options) {
  const auto file = open_waveform(options);
  Replayed out;
  out.info = file->info();
  out.type = file->type();
  file->replay(out);
  return out;
}

// The one line that a bad file gives, without the folder of the test.
inline std::string refusal(const WaveformOptions& options) {
  std::string text = thrown<InputError>([&] { replayed(options); });
  const std::string folder = std::filesystem::path(options.path).parent_path().string() + "/";
  if (text.starts_with(folder)) text.erase(0, folder.size());
  return text;
}

class WaveformTest : public InFolder {
 protected:
  std::string file(const std::string& name, std::string_view bytes) const {
    write_file(folder_ / name, bytes);
    return (folder_ / name).string();
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  // Runs a Python program in the test's folder.
  void python(const std::string& program) const {
    write_file(folder_ / "make.py", program);
    const auto outcome = run_command("cd " + folder_.string() + " && " PYTHON " make.py");
    ASSERT_EQ(outcome.exit_code, 0) << outcome.text;
  }
};

inline constexpr SampleRate kMega{.samples = 1'000'000, .seconds = 1};

}  // namespace rig::testing
