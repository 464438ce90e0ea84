#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "rig/core/error.h"
#include "rig/evidence/export.h"
#include "rig/evidence/files.h"
#include "rig/evidence/text.h"

namespace rig {
namespace {

constexpr std::uint64_t kPicosPerSecond = 1'000'000'000'000;

// The longest power of ten that every sample time is a multiple of; 1 ps where none is.
std::int64_t timescale_of(const CaptureInfo& info) {
  constexpr std::uint64_t kLongest = 1'000'000;  // seconds whose picoseconds fit 64 bits
  const std::uint64_t numerator = info.rate.seconds * kPicosPerSecond;
  if (info.rate.seconds > kLongest || numerator % info.rate.samples != 0) return 1;
  const auto step = static_cast<std::int64_t>(numerator / info.rate.samples);
  std::int64_t scale = 1'000'000'000'000;
  while (step % scale != 0 || info.armed_at.count() % scale != 0) scale /= 10;
  return scale;
}

// "10 ns" for 10,000 ps.
std::string timescale_text(std::int64_t picos) {
  std::size_t unit = 0;
  constexpr std::array kUnits{"ps", "ns", "us", "ms", "s"};
  while (picos >= 1000) {
    picos /= 1000;
    ++unit;
  }
  return fmt::format("{} {}", picos, kUnits.at(unit));
}

// Names without spaces, as the format wants them.
std::string variable(std::string_view text) {
  std::string name = to_one_line(text);
  std::ranges::replace(name, ' ', '_');
  return name;
}

// A channel's identifier; '!' is the wire `captured`.
std::string identifier(std::size_t channel) {
  constexpr std::size_t kFirst = '!';
  constexpr std::size_t kLetters = '~' - '!' + 1;
  std::string id;
  for (std::size_t left = channel + 1; id.empty() || left > 0; left /= kLetters) {
    id += static_cast<char>(kFirst + left % kLetters);
  }
  return id;
}

bool is_logic(const Channel& channel) { return channel.unit == "logic"; }

class VcdChanges final : public BlockSink {
 public:
  VcdChanges(const CaptureInfo& info, std::int64_t timescale, FileWriter& file)
      : info_(info), timescale_(timescale), file_(file), last_(info.channels.size()) {}

  void take(const Block& block) override {
    if (block.size() == 0) return;
    const bool continues = end_ && *end_ == block.first_sample && !block.lost_before;
    if (!continues) {
      end_span();
      change(block.first_sample, "1!\n");
    }
    for (std::size_t i = 0; i < block.size(); ++i) {
      for (std::size_t c = 0; c < info_.channels.size(); ++c) {
        const std::int16_t code = block.codes[c][i];
        if (last_[c] == code) continue;
        last_[c] = code;
        change(block.first_sample + i, value_text(c, code));
      }
    }
    end_ = block.first_sample + block.size();
  }

  void end_span() {
    if (end_) change(*end_, "0!\n");
    end_.reset();
  }

 private:
  std::string value_text(std::size_t channel, std::int16_t code) const {
    if (is_logic(info_.channels[channel])) {
      return fmt::format("{}{}\n", code != 0 ? 1 : 0, identifier(channel));
    }
    return fmt::format("r{} {}\n", info_.channels[channel].value_of(code), identifier(channel));
  }

  void change(std::uint64_t sample, const std::string& text) {
    const std::int64_t ticks = (info_.armed_at + info_.rate.time_of(sample)).count() / timescale_;
    if (ticks != now_) file_.append(fmt::format("#{}\n", ticks));
    now_ = ticks;
    file_.append(text);
  }

  const CaptureInfo& info_;
  std::int64_t timescale_;
  FileWriter& file_;
  std::vector<std::optional<std::int16_t>> last_;
  std::optional<std::uint64_t> end_;  // sample after the last one, while inside a span
  std::int64_t now_ = -1;
};

std::string heading(const CaptureInfo& info, std::int64_t timescale) {
  std::string text = fmt::format(
      "$version soleus-rig $end\n$comment {} samples in {} s $end\n$timescale {} $end\n"
      "$scope module {} $end\n$var wire 1 ! captured $end\n",
      info.rate.samples, info.rate.seconds, timescale_text(timescale), variable(info.name));
  for (std::size_t c = 0; c < info.channels.size(); ++c) {
    const Channel& channel = info.channels[c];
    const std::string name = variable(channel.name);
    text += is_logic(channel) ? fmt::format("$var wire 1 {} {} $end\n", identifier(c), name)
                              : fmt::format("$var real 64 {} {}_{} $end\n", identifier(c), name,
                                            variable(channel.unit));
  }
  return text + "$upscope $end\n$enddefinitions $end\n";
}

// The format's times only grow, and begin at zero.
void check_times(const CaptureReader& capture, const std::vector<StoredSpan>& spans) {
  const std::string where = capture.file().string() + ": ";
  if (capture.info().armed_at.count() < 0) {
    throw InputError(where + "armed before time zero, which .vcd cannot hold; use .csv");
  }
  std::uint64_t end = 0;
  for (const StoredSpan& span : spans) {
    if (span.first_sample < end) {
      throw InputError(where + "segments overlap, which .vcd cannot hold; select one segment");
    }
    end = span.first_sample + span.count;
  }
}

}  // namespace

void export_vcd(const CaptureReader& capture, const std::filesystem::path& to,
                const ExportOptions& options) {
  const auto spans = selected_spans(capture, options);
  check_times(capture, spans);
  const std::int64_t timescale = timescale_of(capture.info());
  FileWriter file(to);
  file.append(heading(capture.info(), timescale));
  VcdChanges changes(capture.info(), timescale, file);
  for (const StoredSpan& span : spans) capture.replay(span, changes);
  changes.end_span();
  file.close();
}

}  // namespace rig
