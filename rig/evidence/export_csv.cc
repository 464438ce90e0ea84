#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>

#include "rig/evidence/export.h"
#include "rig/evidence/files.h"
#include "rig/evidence/text.h"

namespace rig {
namespace {

constexpr std::int64_t kWholeSecond = 1'000'000'000'000;

// "-0.000000062500": exact, twelve digits after the point.
std::string exact_seconds(Picos time) {
  const std::int64_t count = time.count();
  const std::uint64_t magnitude =
      count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  return fmt::format("{}{}.{:012}", count < 0 ? "-" : "", magnitude / kWholeSecond,
                     magnitude % kWholeSecond);
}

bool is_clipped(const Channel& channel, std::int16_t code) {
  return channel.unit != "logic" && (code <= channel.clip_low || code >= channel.clip_high);
}

// A column's name: no separators, no quotes.
std::string column(std::string_view text) {
  std::string name = to_one_line(text);
  std::ranges::replace_if(
      name, [](char c) { return c == ',' || c == '"' || c == ' ' || c == '#'; }, '_');
  return name;
}

class CsvLines final : public BlockSink {
 public:
  CsvLines(const CaptureInfo& info, FileWriter& file) : info_(info), file_(file) {}

  void take(const Block& block) override {
    std::string lines;
    for (std::size_t i = 0; i < block.size(); ++i) {
      const Picos time = info_.armed_at + info_.rate.time_of(block.first_sample + i);
      lines += fmt::format("{},{},{}", exact_seconds(time), block.segment, block.first_sample + i);
      bool clipped = false;
      for (std::size_t c = 0; c < info_.channels.size(); ++c) {
        const std::int16_t code = block.codes[c][i];
        fmt::format_to(std::back_inserter(lines), ",{},{}", info_.channels[c].value_of(code), code);
        clipped = clipped || is_clipped(info_.channels[c], code);
      }
      fmt::format_to(std::back_inserter(lines), ",{},{}\n", clipped ? 1 : 0,
                     block.lost_before && i == 0 ? 1 : 0);
    }
    file_.append(lines);
  }

 private:
  const CaptureInfo& info_;
  FileWriter& file_;
};

std::string heading(const CaptureInfo& info) {
  std::string text = fmt::format(
      "# capture: {}\n# rate: {} samples in {} s, relative standard uncertainty {}\n"
      "# armed_at_s: {}, standard uncertainty {} s\n# integrity_proven: {}\n",
      to_one_line(info.name), info.rate.samples, info.rate.seconds, info.rate_u,
      exact_seconds(info.armed_at), info.alignment_u, info.integrity_proven);
  std::string columns = "t_s,segment,sample";
  for (const Channel& channel : info.channels) {
    text += fmt::format(
        "# {}: {} + {} * code, unit {}, clipped at {} and {}, relative standard uncertainty of the "
        "scale {}, standard uncertainty of the offset {}, bandwidth {} Hz\n",
        to_one_line(channel.name), channel.offset, channel.scale, to_one_line(channel.unit),
        channel.clip_low, channel.clip_high, channel.gain_u, channel.offset_u,
        channel.bandwidth_hz);
    const std::string name = column(channel.name);
    columns += fmt::format(",{}_{},{}_code", name, column(channel.unit), name);
  }
  return text + columns + ",clipped,lost_before\n";
}

}  // namespace

void export_csv(const CaptureReader& capture, const std::filesystem::path& to,
                const ExportOptions& options) {
  const auto spans = selected_spans(capture, options);
  FileWriter file(to);
  file.append(heading(capture.info()));
  CsvLines lines(capture.info(), file);
  constexpr std::size_t kLinesAtOnce = 4096;
  for (const StoredSpan& span : spans) capture.replay(span, lines, kLinesAtOnce);
  file.close();
}

}  // namespace rig
