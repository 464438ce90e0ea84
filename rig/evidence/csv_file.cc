#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "rig/evidence/csv_header.h"
#include "rig/evidence/time_steps.h"
#include "rig/evidence/waveform_parts.h"

namespace rig {
namespace {

constexpr std::size_t kFloatsAtOnce = kBlockBytes / sizeof(float);

class CsvFile final : public WaveformFile {
 public:
  CsvFile(std::unique_ptr<ByteSource> source, const WaveformOptions& options)
      : lines_(std::move(source)),
        layout_(read_csv_head(lines_, options.rate.has_value())),
        steps_(layout_.time_scale) {
    if (layout_.columns.size() > kMostWaveformChannels || layout_.columns.empty()) {
      throw lines_.error(1, "1 to 4 channels", std::to_string(layout_.columns.size()));
    }
    has_row_ = true;
    read_first_rows();
    settle_rate(options);
    for (const CsvColumn& column : layout_.columns) {
      Channel channel = channel_of(CodeType::kF32);
      channel.name = column.name;
      channel.unit = column.unit;
      channel.scale = column.scale;
      info_.channels.push_back(channel);
    }
    info_.name = lines_.file();
    info_.armed_at = start();
    info_.rate = layout_.rate.value_or(SampleRate{});
    assumed_ = apply_options(info_, options, lines_.file(),
                             {.rate = layout_.rate.has_value(), .scale = true});
  }

  const CaptureInfo& info() const override { return info_; }
  CodeType type() const override { return CodeType::kF32; }

  void replay(CodeSink& sink) override {
    std::uint64_t first = 0;
    const auto hand_over = [&] {
      const std::size_t size = floats_.size() / layout_.columns.size();
      if (size == 0) return;
      sink.take(interleaved(CodeType::kF32, floats_.data(), layout_.columns.size(), size, first));
      first += size;
      floats_.clear();
    };
    for (; has_row_; has_row_ = next_row()) {
      read_row();
      check_time();
      if (floats_.size() + layout_.columns.size() > kFloatsAtOnce) hand_over();
    }
    hand_over();
  }

 private:
  struct Time {
    double value = 0;
    std::string text;
    std::uint64_t line = 0;
    std::size_t column = 1;
  };

  // The first rows tell the rate, so they are read before anyone asks for it.
  void read_first_rows() {
    std::vector<Time> times;
    for (; has_row_ && rows_ < TimeSteps::kRowsForRate; has_row_ = next_row()) {
      read_row();
      if (layout_.told_beside) take_remark(cells_, lines_, layout_);
      if (!layout_.time_cell) continue;
      const Cell& cell = cells_[*layout_.time_cell];
      steps_.learn(time_, cell.text);
      times.push_back({time_, std::string(cell.text.substr(0, 64)), lines_.number(), cell.column});
      if (times.size() == 1) first_time_ = time_;
    }
    first_times_ = std::move(times);
  }

  void settle_rate(const WaveformOptions& options) {
    checks_time_ = layout_.counts;
    if (!options.rate && layout_.time_cell && !layout_.counts) {
      checks_time_ = true;
      const bool said = layout_.rate.has_value();
      if (!said) layout_.rate = steps_.rate();
      if (!layout_.rate) throw no_rate();
      steps_.begin_check(*layout_.rate, said);
    }
    if (!checks_time_) return;
    for (const Time& time : first_times_) check_time(time.value, time.text, time.line, time.column);
    first_times_.clear();
  }

  InputError no_rate() const {
    if (first_times_.size() < 2) {
      return lines_.error(1, "at least two rows, to tell the sample rate", "one");
    }
    return lines_.error(
        first_times_.back().column, "times that rise by 0.1 ps to 1e6 s a row",
        fmt::format("{:g} s after {:g} s", first_times_.back().value * layout_.time_scale,
                    first_times_.front().value * layout_.time_scale));
  }

  Picos start() const {
    const double seconds = layout_.start.value_or(
        layout_.counts || !layout_.time_cell ? 0 : first_time_ * layout_.time_scale);
    constexpr double kMost = 9e6;  // what 64 bits of picoseconds hold
    if (!(std::fabs(seconds) < kMost)) return Picos(0);
    return Picos(std::llround(seconds * 1e12));
  }

  bool next_row() {
    while (lines_.next()) {
      if (!trimmed(lines_.text()).empty()) return true;
    }
    return false;
  }

  double number_at(std::size_t i) const {
    if (i >= cells_.size()) {
      throw lines_.error(lines_.text().size() + 1, "a number", "the end of the line");
    }
    const auto number = number_in(cells_[i].text, layout_.decimal_comma);
    if (!number || !std::isfinite(*number)) {
      throw lines_.error(cells_[i].column, number ? "a finite number" : "a number",
                         found_in(cells_[i].text));
    }
    return *number;
  }

  // Appends the row's values to floats_ and its time to time_.
  void read_row() {
    split_cells(lines_.text(), layout_.separator, cells_);
    for (std::size_t i = layout_.columns.back().cell + 1; i < cells_.size(); ++i) {
      if (!cells_[i].text.empty()) {
        throw lines_.error(cells_[i].column, "the end of the line", found_in(cells_[i].text));
      }
    }
    if (layout_.time_cell) time_ = number_at(*layout_.time_cell);
    for (const CsvColumn& column : layout_.columns) {
      const double value = number_at(column.cell);
      if (std::fabs(value) > std::numeric_limits<float>::max()) {
        throw lines_.error(cells_[column.cell].column, "a number below 3.4e38",
                           found_in(cells_[column.cell].text));
      }
      floats_.push_back(static_cast<float>(value));
    }
    ++rows_;
  }

  void check_time() {
    if (!checks_time_) return;
    const Cell& cell = cells_[*layout_.time_cell];
    check_time(time_, cell.text, lines_.number(), cell.column);
  }

  void check_time(double time, std::string_view text, std::uint64_t line, std::size_t column) {
    std::string expected;
    if (layout_.counts) {
      const double next = first_time_ + static_cast<double>(counted_++);
      if (time == next) return;
      expected = fmt::format("row number {:.15g}, found {}", next, found_in(text));
    } else {
      if (steps_.follows(time, text)) return;
      expected =
          fmt::format("a time step of {:.6g} s, found {:.6g} s", steps_.step(), steps_.last_step());
    }
    throw InputError(fmt::format("{}:{}:{}: expected {}", lines_.file(), line, column, expected));
  }

  LineReader lines_;
  CsvLayout layout_;
  TimeSteps steps_;
  CaptureInfo info_;
  std::vector<Cell> cells_;
  std::vector<float> floats_;
  std::vector<Time> first_times_;  // of the rows read before the rate was known
  double time_ = 0;
  double first_time_ = 0;
  std::uint64_t rows_ = 0;
  std::uint64_t counted_ = 0;
  bool has_row_ = false;  // a row stands in lines_ and was not read yet
  bool checks_time_ = false;
};

}  // namespace

std::unique_ptr<WaveformFile> open_csv(std::unique_ptr<ByteSource> source,
                                       const WaveformOptions& options) {
  if (source->peek(11) == "# capture: ") return open_own_csv(std::move(source), options);
  return std::make_unique<CsvFile>(std::move(source), options);
}

}  // namespace rig
