// waveform_lines FILE [FORMAT]: prints the first channel's codes, a line each, or the one line of
// what is wrong. Raw samples come at 1 MHz.
#include <cstdio>
#include <span>

#include "tests/evidence/replayed.h"

namespace {

struct Lines final : rig::CodeSink {
  void take(const rig::CodeBlock& block) override {
    for (std::size_t i = 0; i < block.size; ++i) {
      std::printf("%g\n", rig::testing::code_at(block, 0, i));
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  rig::WaveformOptions options{.path = arguments[1]};
  if (argc > 2) {
    options.format = arguments[2];
    options.rate = rig::testing::kMega;
  }
  try {
    Lines lines;
    rig::open_waveform(options)->replay(lines);
  } catch (const rig::InputError& error) {
    std::printf("%s\n", error.what());
  }
}
