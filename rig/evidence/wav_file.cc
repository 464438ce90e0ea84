// RIFF WAVE: PCM of 8 or 16 bits or 32-bit floats, also as WAVE_FORMAT_EXTENSIBLE; RF64 (EBU Tech
// 3306) beyond 4 GB.
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "rig/evidence/text.h"
#include "rig/evidence/waveform_parts.h"

namespace rig {
namespace {

constexpr std::uint32_t kUnknownSize = 0xFFFF'FFFF;
constexpr std::uint16_t kPcm = 1;
constexpr std::uint16_t kFloat = 3;
constexpr std::uint16_t kExtensible = 0xFFFE;

template <typename T>
T little(std::string_view bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) {
    value = static_cast<T>(value << 8 | static_cast<unsigned char>(bytes[at + i]));
  }
  return value;
}

struct Chunk {
  std::string id;
  std::uint32_t size = 0;
  std::uint64_t at = 0;  // of its content
};

class WavFile final : public WaveformFile {
 public:
  WavFile(std::unique_ptr<ByteSource> source, const WaveformOptions& options)
      : source_(std::move(source)) {
    const std::string head = take(12, "a RIFF header");
    const bool big = head.starts_with("RF64") || head.starts_with("BW64");
    if (!big && !head.starts_with("RIFF")) {
      throw source_->error(0, "'RIFF' or 'RF64'", quoted(head.substr(0, 4)));
    }
    if (!head.ends_with("WAVE")) throw source_->error(8, "'WAVE'", quoted(head.substr(8)));
    read_chunks();
    info_.name = source_->name();
    info_.rate = {.samples = rate_, .seconds = 1};
    info_.channels.assign(layout_.channels, channel_of(layout_.type));
    assumed_ = apply_options(info_, options, source_->name(), {.rate = true});
    if (layout_.type == CodeType::kU8 && !options.offset) {
      for (Channel& channel : info_.channels) channel.offset = -128 * channel.scale;
    }
  }

  const CaptureInfo& info() const override { return info_; }
  CodeType type() const override { return layout_.type; }
  void replay(CodeSink& sink) override { replay_frames(*source_, layout_, length_, sink); }

 private:
  static std::string quoted(std::string_view bytes) { return "'" + to_one_line(bytes) + "'"; }

  std::string take(std::size_t count, std::string_view expected) {
    const std::uint64_t at = source_->position();
    std::string bytes(count, '\0');
    const std::size_t got = source_->read(bytes.data(), count);
    if (got < count) throw source_->error(at + got, expected, kEndOfFile);
    return bytes;
  }

  // Up to the first byte of the samples.
  void read_chunks() {
    while (true) {
      const std::string head = take(8, has_format_ ? "a 'data' chunk" : "a 'fmt ' chunk");
      const Chunk chunk{head.substr(0, 4), little<std::uint32_t>(head, 4), source_->position()};
      if (chunk.id == "data") return begin_data(chunk);
      std::uint64_t left = std::uint64_t{chunk.size} + chunk.size % 2;
      if (chunk.id == "fmt ") left -= read_format(chunk);
      if (chunk.id == "ds64") left -= read_sizes(chunk);
      if (!source_->skip(left)) {
        throw source_->error(source_->position(),
                             fmt::format("{} bytes of chunk {}", chunk.size, quoted(chunk.id)),
                             kEndOfFile);
      }
    }
  }

  std::size_t read_sizes(const Chunk& chunk) {
    constexpr std::size_t kUsed = 24;
    if (chunk.size < kUsed) {
      throw source_->error(chunk.at - 4, "at least 24 bytes of 'ds64'", std::to_string(chunk.size));
    }
    big_size_ = little<std::uint64_t>(take(kUsed, "the chunk 'ds64'"), 8);
    return kUsed;
  }

  std::size_t read_format(const Chunk& chunk) {
    constexpr std::size_t kPlain = 16;
    constexpr std::size_t kLong = 40;
    if (chunk.size < kPlain) {
      throw source_->error(chunk.at - 4, "at least 16 bytes of 'fmt '", std::to_string(chunk.size));
    }
    const std::size_t used = chunk.size >= kLong ? kLong : kPlain;
    const std::string bytes = take(used, "the chunk 'fmt '");
    std::uint16_t tag = little<std::uint16_t>(bytes, 0);
    std::uint64_t tag_at = chunk.at;
    if (tag == kExtensible) {
      if (used < kLong) {
        throw source_->error(chunk.at - 4, "at least 40 bytes of an extensible 'fmt '",
                             std::to_string(chunk.size));
      }
      using namespace std::string_view_literals;
      if (!bytes.ends_with("\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x71"sv)) {
        throw source_->error(chunk.at + 26, "a wave format's GUID", "another one");
      }
      tag = little<std::uint16_t>(bytes, 24);
      tag_at += 24;
    }
    layout_.type = sample_type(tag, little<std::uint16_t>(bytes, 14), tag_at, chunk.at);
    layout_.swapped = std::endian::native == std::endian::big;
    layout_.channels = little<std::uint16_t>(bytes, 2);
    check_channel_count(layout_.channels, source_->name(), chunk.at + 2);
    rate_ = little<std::uint32_t>(bytes, 4);
    if (rate_ == 0) throw source_->error(chunk.at + 4, "a sample rate above 0", "0");
    if (const auto align = little<std::uint16_t>(bytes, 12); align != layout_.bytes()) {
      throw source_->error(chunk.at + 12, fmt::format("frames of {} bytes", layout_.bytes()),
                           std::to_string(align));
    }
    has_format_ = true;
    return used;
  }

  CodeType sample_type(std::uint16_t tag, std::uint16_t bits, std::uint64_t tag_at,
                       std::uint64_t at) const {
    if (tag != kPcm && tag != kFloat) {
      throw source_->error(tag_at, "format 1 (PCM) or 3 (float)", std::to_string(tag));
    }
    if (tag == kPcm && bits == 8) return CodeType::kU8;
    if (tag == kPcm && bits == 16) return CodeType::kI16;
    if (tag == kFloat && bits == 32) return CodeType::kF32;
    throw source_->error(at + 14, tag == kPcm ? "8 or 16 bits per sample" : "floats of 32 bits",
                         std::to_string(bits));
  }

  void begin_data(const Chunk& chunk) {
    if (!has_format_) throw source_->error(chunk.at - 8, "a 'fmt ' chunk", "'data' before it");
    if (chunk.size != 0 && chunk.size != kUnknownSize) length_ = chunk.size;
    if (chunk.size == kUnknownSize && big_size_ && *big_size_ != 0) length_ = big_size_;
    if (length_ && *length_ % layout_.bytes() != 0) {
      throw source_->error(chunk.at - 4, fmt::format("a multiple of {} bytes", layout_.bytes()),
                           std::to_string(*length_));
    }
    if (source_->size() && length_ && *length_ > *source_->size() - chunk.at) {
      throw source_->error(
          chunk.at - 4,
          fmt::format("at most the {} bytes that follow", *source_->size() - chunk.at),
          fmt::format("a data size of {}", *length_));
    }
    if (source_->peek(1).empty()) throw source_->error(chunk.at, "samples", kEndOfFile);
  }

  std::unique_ptr<ByteSource> source_;
  FrameLayout layout_;
  CaptureInfo info_;
  std::uint32_t rate_ = 0;
  bool has_format_ = false;
  std::optional<std::uint64_t> big_size_;  // of the samples, from ds64
  std::optional<std::uint64_t> length_;    // of the samples; empty: to the end
};

}  // namespace

std::unique_ptr<WaveformFile> open_wav(std::unique_ptr<ByteSource> source,
                                       const WaveformOptions& options) {
  return std::make_unique<WavFile>(std::move(source), options);
}

}  // namespace rig
