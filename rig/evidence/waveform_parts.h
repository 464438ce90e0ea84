// What the readers of waveform files share. For the sources of evidence/ alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/core/capture.h"
#include "rig/evidence/byte_source.h"
#include "rig/evidence/waveform_file.h"

namespace rig {

inline constexpr std::size_t kBlockBytes = 1 << 20;

// A channel whose codes fill their type: clipped at either end of it. A float has no ends.
Channel channel_of(CodeType type);

// The simplest rate within `tolerance` (relative) of `hertz`: whole hertz, or a whole number of
// picoseconds per sample, whichever has fewer decimal digits. Empty beyond 1 uHz ... 10 THz.
std::optional<SampleRate> simplest_rate(double hertz, double tolerance);

// "10 MHz", "44.1 kHz", "500000".
std::optional<SampleRate> rate_from_text(std::string_view text);

// Whether a rate is one: above zero, at most 10 THz.
bool is_usable(const SampleRate& rate);

struct FileSays {
  bool rate = false;   // info.rate is set
  bool scale = false;  // what a code is worth
};

// What the user says wins; what nobody says gets its default: unit "V", the name "current" for the
// only channel in A, "voltage" for the only one in V, else "ch1", "ch2", ...
// Returns what was assumed of scale and unit, for people.
std::vector<std::string> apply_options(CaptureInfo& info, const WaveformOptions& options,
                                       const std::string& file, FileSays says);

void check_channel_count(std::size_t channels, const std::string& file, std::uint64_t byte);

struct FrameLayout {
  CodeType type = CodeType::kI16;
  bool swapped = false;  // not the machine's byte order
  std::size_t channels = 1;
  std::size_t bytes() const { return channels * size_of(type); }
};

// Hands over interleaved frames: `length` bytes of them, or all up to the end.
void replay_frames(ByteSource& source, const FrameLayout& layout,
                   std::optional<std::uint64_t> length, CodeSink& sink);

// A block of interleaved codes.
CodeBlock interleaved(CodeType type, const void* codes, std::size_t channels, std::size_t size,
                      std::uint64_t first_sample);

// Index of the first NaN or infinity; count when there is none.
std::size_t first_not_finite(const void* floats, std::size_t count);
std::string_view name_of_not_finite(const void* floats, std::size_t index);

// The readers. Each throws InputError when the file is not what it reads.
std::optional<FrameLayout> raw_layout(std::string_view format);
std::unique_ptr<WaveformFile> open_raw(std::unique_ptr<ByteSource> source,
                                       const WaveformOptions& options, FrameLayout layout);
std::unique_ptr<WaveformFile> open_csv(std::unique_ptr<ByteSource> source,
                                       const WaveformOptions& options);
std::unique_ptr<WaveformFile> open_own_csv(std::unique_ptr<ByteSource> source,
                                           const WaveformOptions& options);
std::unique_ptr<WaveformFile> open_wav(std::unique_ptr<ByteSource> source,
                                       const WaveformOptions& options);
std::unique_ptr<WaveformFile> open_sr(const WaveformOptions& options);
std::unique_ptr<WaveformFile> open_hdf5(const WaveformOptions& options);

}  // namespace rig
