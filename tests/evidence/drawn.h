// Records and captures drawn at random from a seed, and a folder to put them in.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "rig/core/capture.h"
#include "rig/core/record.h"

namespace rig::testing {

// Every field set; texts hold control characters, bytes that are not UTF-8 and things that look
// like escapes; numbers hold NaN, infinities and the ends of their ranges.
RunRecord drawn_run(std::uint64_t seed);

// A complete case that passed with one finding.
CaseRecord passed_case(std::uint32_t index, const std::string& id);
CaseRecord case_with(std::uint32_t index, Verdict verdict, const std::string& reason);

// A finished run of these cases, all planned.
RunRecord run_of(std::vector<CaseRecord> cases);

// Two analog channels at 5 MHz, armed at 1.5 s: "current" in A, "voltage" in V.
CaptureInfo two_channels();

// Deterministic noise around a pulse train, within +-2000.
std::vector<std::int16_t> drawn_codes(std::size_t count, std::uint64_t seed);

// A block of one span per channel. Borrows the codes.
Block block_of(std::uint64_t first_sample, const std::vector<std::vector<std::int16_t>>& codes,
               std::uint32_t segment = 0, bool lost_before = false);

// Runs a shell command; returns what it printed (both streams) and its exit code.
struct Outcome {
  int exit_code = 0;
  std::string text;
};
Outcome run_command(const std::string& command);

// A test with an empty folder of its own.
class InFolder : public ::testing::Test {
 protected:
  InFolder();
  ~InFolder() override;
  InFolder(const InFolder&) = delete;
  InFolder& operator=(const InFolder&) = delete;
  std::filesystem::path folder_;
};

// The text of the exception that `action` throws; "" when it throws nothing.
template <typename Exception, typename Action>
std::string thrown(const Action& action) {
  try {
    action();
  } catch (const Exception& error) {
    return error.what();
  }
  return "";
}

}  // namespace rig::testing
