#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

#include "rig/evidence/sr_session.h"
#include "rig/evidence/waveform_parts.h"

namespace rig {
namespace {

constexpr std::size_t kSamplesOfAChunk = 65536;

// At most four channels, analog ones first: floats when there are any, else bytes of 0 and 1.
class SrFile final : public WaveformFile {
 public:
  explicit SrFile(const WaveformOptions& options) : file_(ByteSource(options.path).name()) {
    archive_ = open_zip(options.path, file_);
    const SrMetadata metadata = read_sr_metadata(archive_.get(), file_);
    unit_size_ = metadata.unit_size;
    for (const auto& [number, name] : metadata.analogs) {
      if (info_.channels.size() == kMostWaveformChannels) break;
      analogs_.emplace_back(archive_.get(), file_, fmt::format("analog-1-{}", number));
      add_channel(name, "V", CodeType::kF32);
    }
    type_ = analogs_.empty() ? CodeType::kU8 : CodeType::kF32;
    if (!metadata.logic_file.empty()) add_probes(metadata);
    if (info_.channels.empty()) throw error_at_byte(file_, 0, "at least one channel", "none");
    info_.name = file_;
    if (metadata.rate) info_.rate = *metadata.rate;
    assumed_ =
        apply_options(info_, options, file_, {.rate = metadata.rate.has_value(), .scale = true});
    codes_.assign(info_.channels.size(), std::vector<std::byte>(kSamplesOfAChunk * size_of(type_)));
    read_block();
    if (size_ == 0) throw error_at_byte(file_, 0, "samples", "none in the session");
  }

  const CaptureInfo& info() const override { return info_; }
  CodeType type() const override { return type_; }

  void replay(CodeSink& sink) override {
    for (std::uint64_t first = 0; size_ > 0; read_block()) {
      CodeBlock block;
      block.first_sample = first;
      block.type = type_;
      block.channels = codes_.size();
      block.size = size_;
      for (std::size_t c = 0; c < codes_.size(); ++c) block.first_code[c] = codes_[c].data();
      sink.take(block);
      first += size_;
    }
  }

 private:
  void add_channel(const std::string& name, const char* unit, CodeType type) {
    Channel channel = channel_of(type);
    channel.name = name;
    channel.unit = unit;
    info_.channels.push_back(std::move(channel));
  }

  void add_probes(const SrMetadata& metadata) {
    for (const auto& [number, name] : metadata.probes) {
      if (info_.channels.size() == kMostWaveformChannels) break;
      if (number > 8 * unit_size_) {
        throw InputError(fmt::format("{}: metadata: expected probe numbers up to {}, found {}",
                                     file_, 8 * unit_size_, number));
      }
      probes_.push_back(number - 1);
      add_channel(name, "logic", type_);
    }
    if (probes_.empty()) return;
    logic_.emplace(archive_.get(), file_, metadata.logic_file);
    words_.resize(kSamplesOfAChunk * unit_size_);
  }

  // Fills codes_ and size_; size_ is 0 at the end.
  void read_block() {
    std::optional<std::size_t> size;
    for (std::size_t c = 0; c < analogs_.size(); ++c) {
      const std::size_t got = whole_samples(analogs_[c], codes_[c], sizeof(float));
      expect_same(size, got, analogs_[c], sizeof(float));
      check_floats(analogs_[c], codes_[c], got);
    }
    if (logic_) {
      const std::size_t got = whole_samples(*logic_, words_, unit_size_);
      expect_same(size, got, *logic_, unit_size_);
      for (std::size_t p = 0; p < probes_.size(); ++p) take_bits(p, got);
    }
    size_ = size.value_or(0);
  }

  static std::size_t whole_samples(ChunkStream& stream, std::vector<std::byte>& into,
                                   std::size_t bytes) {
    const std::size_t got = stream.read(into);
    if (const std::size_t rest = got % bytes; rest != 0) {
      throw stream.error(rest, fmt::format("a whole sample of {} bytes", bytes),
                         fmt::format("{} at the end", rest));
    }
    return got / bytes;
  }

  // All channels have equally many samples.
  static void expect_same(std::optional<std::size_t>& size, std::size_t got,
                          const ChunkStream& stream, std::size_t bytes) {
    if (!size) size = got;
    if (*size == got) return;
    const std::size_t more = got > *size ? got - *size : 0;
    throw stream.error(more * bytes,
                       more > 0
                           ? "the end, as in the channel before"
                           : fmt::format("{} more samples, as in the channel before", *size - got),
                       more > 0 ? fmt::format("{} more samples", more) : "the end");
  }

  static void check_floats(const ChunkStream& stream, std::vector<std::byte>& floats,
                           std::size_t count) {
    static_assert(std::endian::native == std::endian::little);
    const std::size_t bad = first_not_finite(floats.data(), count);
    if (bad == count) return;
    throw stream.error(4 * (count - bad), "a finite number",
                       name_of_not_finite(floats.data(), bad));
  }

  void take_bits(std::size_t p, std::size_t count) {
    std::vector<std::byte>& codes = codes_[analogs_.size() + p];
    const std::size_t byte = probes_[p] / 8;
    const std::size_t bit = probes_[p] % 8;
    for (std::size_t i = 0; i < count; ++i) {
      const auto value = std::to_integer<unsigned>(words_[i * unit_size_ + byte] >> bit) & 1u;
      if (type_ == CodeType::kU8) {
        codes[i] = std::byte(value);
      } else {
        const auto level = static_cast<float>(value);
        std::memcpy(&codes[i * sizeof level], &level, sizeof level);
      }
    }
  }

  std::string file_;
  ZipArchive archive_;
  CaptureInfo info_;
  CodeType type_ = CodeType::kU8;
  std::vector<ChunkStream> analogs_;
  std::optional<ChunkStream> logic_;
  std::vector<std::size_t> probes_;  // bits of the logic channels handed out
  std::size_t unit_size_ = 1;
  std::vector<std::byte> words_;
  std::vector<std::vector<std::byte>> codes_;  // planar
  std::size_t size_ = 0;                       // samples in codes_
};

}  // namespace

std::unique_ptr<WaveformFile> open_sr(const WaveformOptions& options) {
  return std::make_unique<SrFile>(options);
}

}  // namespace rig
