// libFuzzer target: any bytes as a waveform file of FORMAT. A file is replayed or refused by one
// line; anything else is a finding.
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "rig/core/error.h"
#include "rig/evidence/waveform_file.h"

namespace {

struct Sum final : rig::CodeSink {
  void take(const rig::CodeBlock& block) override {
    for (std::size_t c = 0; c < block.channels; ++c) {
      const auto* const first = static_cast<const unsigned char*>(block.first_code.at(c));
      const std::size_t last = (block.size - 1) * block.stride * rig::size_of(block.type);
      sum += first[0] + first[last + rig::size_of(block.type) - 1];
    }
    samples += block.size;
    if (samples > kEnough) throw rig::RigError("enough");  // of a dataset of fill values
  }
  static constexpr std::uint64_t kEnough = 100'000'000;
  std::uint64_t samples = 0;
  std::uint64_t sum = 0;
};

rig::WaveformOptions options_for(std::size_t size) {
  rig::WaveformOptions options;
  options.format = FORMAT;
  if (options.format == "raw") {
    constexpr std::array<const char*, 8> kFormats{"u8",    "i8",    "i16le", "i16be",
                                                  "u16le", "u16be", "f32le", "f32be"};
    options.format = kFormats.at(size % kFormats.size());
    options.channels = 1 + size / kFormats.size() % 4;
    options.rate = rig::SampleRate{.samples = 1'000'000, .seconds = 1};
  }
  if (options.format == "any") options.format.clear();
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = ::memfd_create("waveform", MFD_CLOEXEC);
  if (file < 0 || ::write(file, data, size) != static_cast<ssize_t>(size)) std::abort();
  rig::WaveformOptions options = options_for(size);
  options.path = "/proc/self/fd/" + std::to_string(file);
  try {
    Sum sum;
    rig::open_waveform(options)->replay(sum);
  } catch (const rig::InputError& error) {
    const std::string line = error.what();
    if (line.empty() || line.find('\n') != std::string::npos) std::abort();
  } catch (const rig::RigError& error) {
    if (std::string(error.what()) != "enough") std::abort();
  }
  ::close(file);
  return 0;
}
