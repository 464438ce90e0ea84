#include <fmt/format.h>

#include <array>
#include <bit>
#include <utility>

#include "rig/evidence/waveform_parts.h"

namespace rig {
namespace {

class RawFile final : public WaveformFile {
 public:
  RawFile(std::unique_ptr<ByteSource> source, const WaveformOptions& options, FrameLayout layout)
      : source_(std::move(source)), layout_(layout) {
    layout_.channels = options.channels.value_or(1);
    if (source_->peek(1).empty()) throw source_->error(0, "samples", kEndOfFile);
    if (const std::uint64_t rest = source_->size().value_or(0) % layout_.bytes(); rest != 0) {
      throw source_->error(*source_->size() - rest,
                           fmt::format("a whole frame of {} bytes", layout_.bytes()),
                           fmt::format("{} at the end of the file", rest));
    }
    info_.name = source_->name();
    info_.channels.assign(layout_.channels, channel_of(layout_.type));
    assumed_ = apply_options(info_, options, source_->name(), {});
  }

  const CaptureInfo& info() const override { return info_; }
  CodeType type() const override { return layout_.type; }
  void replay(CodeSink& sink) override { replay_frames(*source_, layout_, {}, sink); }

 private:
  std::unique_ptr<ByteSource> source_;
  FrameLayout layout_;
  CaptureInfo info_;
};

}  // namespace

std::optional<FrameLayout> raw_layout(std::string_view format) {
  constexpr bool kBig = std::endian::native == std::endian::big;
  struct Named {
    std::string_view name;
    CodeType type;
    bool swapped;
  };
  constexpr std::array<Named, 8> kFormats{{{"u8", CodeType::kU8, false},
                                           {"i8", CodeType::kI8, false},
                                           {"i16le", CodeType::kI16, kBig},
                                           {"i16be", CodeType::kI16, !kBig},
                                           {"u16le", CodeType::kU16, kBig},
                                           {"u16be", CodeType::kU16, !kBig},
                                           {"f32le", CodeType::kF32, kBig},
                                           {"f32be", CodeType::kF32, !kBig}}};
  for (const Named& known : kFormats) {
    if (known.name == format) return FrameLayout{.type = known.type, .swapped = known.swapped};
  }
  return std::nullopt;
}

std::unique_ptr<WaveformFile> open_raw(std::unique_ptr<ByteSource> source,
                                       const WaveformOptions& options, FrameLayout layout) {
  return std::make_unique<RawFile>(std::move(source), options, layout);
}

}  // namespace rig
