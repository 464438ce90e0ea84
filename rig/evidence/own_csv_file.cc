// The CSV that export_csv writes, back to the codes that it was written from.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "rig/evidence/csv_lines.h"
#include "rig/evidence/waveform_parts.h"

namespace rig {
namespace {

constexpr std::size_t kFixedCells = 5;  // t_s, segment, sample ... clipped, lost_before
constexpr std::size_t kSegmentCell = 1;
constexpr std::size_t kSampleCell = 2;

// Splits at the last `separator`: "a: b: 1" at ": " becomes "a: b" and "1".
std::optional<std::pair<std::string_view, std::string_view>> split_last(
    std::string_view text, std::string_view separator) {
  const std::size_t at = text.rfind(separator);
  if (at == std::string_view::npos) return std::nullopt;
  return std::pair(text.substr(0, at), text.substr(at + separator.size()));
}

class OwnCsvFile final : public WaveformFile {
 public:
  OwnCsvFile(std::unique_ptr<ByteSource> source, const WaveformOptions& options)
      : lines_(std::move(source)) {
    info_.name = lines_.file();
    while (lines_.next() && lines_.text().starts_with("# ")) {
      if (!take_comment(lines_.text().substr(2))) {
        throw lines_.error(1, "a line as 'rig export' writes it", found_in(lines_.text()));
      }
    }
    if (!lines_.text().starts_with("t_s,segment,sample,")) {
      throw lines_.error(1, "'t_s,segment,sample,...'", found_in(lines_.text()));
    }
    if (info_.channels.empty() || info_.channels.size() > kMostWaveformChannels) {
      throw lines_.error(1, "1 to 4 channels", std::to_string(info_.channels.size()));
    }
    split_cells(lines_.text(), ',', cells_);
    expect_cells();
    if (!next_row()) throw lines_.error(1, "a row of numbers", "none up to the end of the file");
    assumed_ = apply_options(info_, options, lines_.file(), {.rate = has_rate_, .scale = true});
  }

  const CaptureInfo& info() const override { return info_; }
  CodeType type() const override { return CodeType::kI16; }

  void replay(CodeSink& sink) override {
    std::vector<std::int16_t> codes;
    CodeBlock block;
    const auto hand_over = [&] {
      const std::size_t size = codes.size() / info_.channels.size();
      if (size == 0) return;
      CodeBlock full = interleaved(CodeType::kI16, codes.data(), info_.channels.size(), size,
                                   block.first_sample);
      full.segment = block.segment;
      full.lost_before = block.lost_before;
      sink.take(full);
      codes.clear();
    };
    do {
      const CodeBlock row = read_place();
      const std::size_t size = codes.size() / info_.channels.size();
      const bool goes_on = row.segment == block.segment && !row.lost_before &&
                           row.first_sample == block.first_sample + size;
      if (!goes_on || codes.size() * sizeof(std::int16_t) >= kBlockBytes) hand_over();
      if (codes.empty()) block = row;
      read_codes(codes);
    } while (next_row());
    hand_over();
  }

 private:
  bool take_comment(std::string_view text) {
    if (const auto capture = after(text, "capture: ")) {
      info_.name = *capture;
      return true;
    }
    if (const auto rate = after(text, "rate: ")) return take_rate(*rate);
    if (const auto armed = after(text, "armed_at_s: ")) return take_armed(*armed);
    if (const auto proven = after(text, "integrity_proven: ")) {
      info_.integrity_proven = *proven == "true";
      return info_.integrity_proven || *proven == "false";
    }
    return take_channel(text);
  }

  static std::optional<std::string_view> after(std::string_view text, std::string_view head) {
    if (!text.starts_with(head)) return std::nullopt;
    return text.substr(head.size());
  }

  // "5000000 samples in 1 s, relative standard uncertainty 2.5e-05"
  bool take_rate(std::string_view text) {
    const auto parts = split_last(text, " s, relative standard uncertainty ");
    const auto ratio = parts ? split_last(parts->first, " samples in ") : std::nullopt;
    if (!ratio) return false;
    const auto samples = integer_in(ratio->first);
    const auto seconds = integer_in(ratio->second);
    const auto uncertainty = finite(parts->second);
    if (!samples || !seconds || !uncertainty || *samples <= 0 || *seconds <= 0) return false;
    info_.rate = {.samples = static_cast<std::uint64_t>(*samples),
                  .seconds = static_cast<std::uint64_t>(*seconds)};
    info_.rate_u = *uncertainty;
    has_rate_ = is_usable(info_.rate);
    return has_rate_;
  }

  // "-1.500000000000, standard uncertainty 1e-07 s": picoseconds, exactly.
  bool take_armed(std::string_view text) {
    const auto parts = split_last(text, ", standard uncertainty ");
    if (!parts || !parts->second.ends_with(" s")) return false;
    const auto uncertainty = finite(parts->second.substr(0, parts->second.size() - 2));
    const auto decimals = split_last(parts->first, ".");
    if (!uncertainty || !decimals || decimals->second.size() != 12) return false;
    const auto picos = integer_in(std::string(decimals->first) + std::string(decimals->second));
    if (!picos) return false;
    info_.armed_at = Picos(*picos);
    info_.alignment_u = *uncertainty;
    return true;
  }

  // ", relative standard uncertainty of the scale 0.005, standard uncertainty of the offset 1e-05,
  // bandwidth 2000000 Hz"; older exports do not say.
  static bool take_uncertainties(std::string_view& text, Channel& channel) {
    constexpr std::string_view kScale = ", relative standard uncertainty of the scale ";
    if (text.find(kScale) == std::string_view::npos) return true;
    const auto band = split_last(text, ", bandwidth ");
    if (!band || !band->second.ends_with(" Hz")) return false;
    const auto zero = split_last(band->first, ", standard uncertainty of the offset ");
    const auto scale = zero ? split_last(zero->first, kScale) : std::nullopt;
    if (!scale) return false;
    const auto gain_u = finite(scale->second);
    const auto offset_u = finite(zero->second);
    const auto bandwidth = finite(band->second.substr(0, band->second.size() - 3));
    if (!gain_u || !offset_u || !bandwidth || *gain_u < 0 || *offset_u < 0 || *bandwidth < 0) {
      return false;
    }
    channel.gain_u = *gain_u;
    channel.offset_u = *offset_u;
    channel.bandwidth_hz = *bandwidth;
    text = scale->first;
    return true;
  }

  // "current: 0 + 0.00012 * code, unit A, clipped at -2048 and 2047"
  bool take_channel(std::string_view text) {
    Channel channel;
    if (!take_uncertainties(text, channel)) return false;
    const auto high = split_last(text, " and ");
    const auto low = high ? split_last(high->first, ", clipped at ") : std::nullopt;
    const auto unit = low ? split_last(low->first, " * code, unit ") : std::nullopt;
    const auto scale = unit ? split_last(unit->first, " + ") : std::nullopt;
    const auto offset = scale ? split_last(scale->first, ": ") : std::nullopt;
    if (!offset) return false;
    const auto clip_high = integer_in(high->second);
    const auto clip_low = integer_in(low->second);
    const auto per_code = finite(scale->second);
    const auto zero = finite(offset->second);
    constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
    if (!clip_high || !clip_low || !per_code || !zero || *per_code == 0) return false;
    if (*clip_low < -kMost || *clip_high > kMost || *clip_low >= *clip_high) return false;
    channel.name = offset->first;
    channel.unit = unit->second;
    channel.scale = *per_code;
    channel.offset = *zero;
    channel.clip_low = static_cast<std::int32_t>(*clip_low);
    channel.clip_high = static_cast<std::int32_t>(*clip_high);
    info_.channels.push_back(std::move(channel));
    return true;
  }

  static std::optional<double> finite(std::string_view text) {
    const auto value = number_in(text, false);
    return value && std::isfinite(*value) ? value : std::nullopt;
  }

  bool next_row() {
    while (lines_.next()) {
      if (!trimmed(lines_.text()).empty()) return true;
    }
    return false;
  }

  std::size_t cells_in_row() const { return kFixedCells + 2 * info_.channels.size(); }

  void expect_cells() const {
    if (cells_.size() == cells_in_row()) return;
    throw lines_.error(1, fmt::format("{} cells", cells_in_row()), std::to_string(cells_.size()));
  }

  std::int64_t whole_number(std::size_t cell, std::int64_t least, std::int64_t most) const {
    const auto value = integer_in(cells_[cell].text);
    if (value && *value >= least && *value <= most) return *value;
    throw lines_.error(cells_[cell].column,
                       fmt::format("a whole number from {} to {}", least, most),
                       found_in(cells_[cell].text));
  }

  CodeBlock read_place() {
    split_cells(lines_.text(), ',', cells_);
    expect_cells();
    CodeBlock place;
    place.segment = static_cast<std::uint32_t>(
        whole_number(kSegmentCell, 0, std::numeric_limits<std::uint32_t>::max()));
    constexpr std::int64_t kMostSamples = std::int64_t{1} << 53;
    place.first_sample = static_cast<std::uint64_t>(whole_number(kSampleCell, 0, kMostSamples));
    place.lost_before = whole_number(cells_in_row() - 1, 0, 1) == 1;
    if (has_sample_ && place.first_sample <= last_sample_) {
      throw lines_.error(cells_[kSampleCell].column, fmt::format("a sample after {}", last_sample_),
                         found_in(cells_[kSampleCell].text));
    }
    last_sample_ = place.first_sample;
    has_sample_ = true;
    return place;
  }

  void read_codes(std::vector<std::int16_t>& codes) const {
    for (std::size_t c = 0; c < info_.channels.size(); ++c) {
      codes.push_back(static_cast<std::int16_t>(
          whole_number(kSampleCell + 2 + 2 * c, std::numeric_limits<std::int16_t>::min(),
                       std::numeric_limits<std::int16_t>::max())));
    }
  }

  LineReader lines_;
  CaptureInfo info_;
  std::vector<Cell> cells_;
  bool has_rate_ = false;
  std::uint64_t last_sample_ = 0;
  bool has_sample_ = false;
};

}  // namespace

std::unique_ptr<WaveformFile> open_own_csv(std::unique_ptr<ByteSource> source,
                                           const WaveformOptions& options) {
  return std::make_unique<OwnCsvFile>(std::move(source), options);
}

}  // namespace rig
