#include "rig/measure/pulses.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>

#include "rig/core/error.h"
#include "rig/measure/edges.h"
#include "rig/measure/region.h"
#include "rig/measure/rows.h"
#include "rig/measure/scan.h"

namespace rig {

class PulseFinder::Engine {
 public:
  virtual ~Engine() = default;
  virtual void take(const CodeBlock& block) = 0;
  virtual void finish() = 0;
  CaptureTotals totals;
};

namespace {

constexpr std::size_t kHistory = 256;       // samples for the baseline
constexpr std::size_t kLead = 16;           // samples of a region in front of its first active one
constexpr std::size_t kLongest = 1u << 21;  // rows; a longer region is reported in pieces, as cut
constexpr std::uint64_t kNear = 16;         // samples between clipped ones of one stretch

template <typename T>
class Finder final : public PulseFinder::Engine {
 public:
  Finder(CaptureInfo info, PulseCriteria criteria, std::function<void(const Pulse&)> found)
      : info_(std::move(info)),
        criteria_(criteria),
        found_(std::move(found)),
        current_(watch<T>(info_, "current", criteria.current_zero, criteria.current_threshold)),
        voltage_(watch<T>(info_, "voltage", criteria.voltage_zero, criteria.voltage_threshold)),
        gap_rows_(static_cast<std::uint64_t>(criteria.max_gap * info_.rate.hertz()) + 1),
        last_row_(last_row_of(info_)) {
    if (current_.present()) watched_[count_++] = &current_;
    if (voltage_.present()) watched_[count_++] = &voltage_;
    totals.clipped.resize(info_.channels.size());
    totals.clipped_at.resize(info_.channels.size(), Stretches(kNear));
    totals.end = info_.armed_at;
    if (criteria.edges == EdgeEstimator::kFitted) {
      fitter_ = std::make_unique<EdgeFitter>(
          1.0 / info_.rate.hertz(),
          [this](std::uint64_t first, double row) { return time_at(first, row); }, found_);
    }
  }

  void take(const CodeBlock& block) override {
    if (block.size == 0) return;
    if (block.first_sample + block.size > last_row_) {
      throw RigError("capture '" + info_.name + "': longer than 106 days");
    }
    follow(block);
    const Rows<T> rows(block);
    count_clipped_elsewhere(rows);
    std::size_t row = 0;
    while (row < block.size) {
      if (!open_) {
        const std::size_t active = rows.first_active(watched(), row, block.size);
        remember(rows, row, active);
        row = active;
        if (row == block.size) break;
        open_region(block.first_sample + row);
      }
      row = extend_over(rows, block.first_sample, row);
      const std::uint64_t now = block.first_sample + row;
      if (now == region_first_ + kLongest) {
        close_region(End::kTooLong);
      } else if (now >= region_first_ + last_active_ + gap_rows_ + 1) {
        close_region(End::kQuiet);
      }
    }
    next_sample_ = block.first_sample + block.size;
    totals.samples += block.size;
    totals.end = time_at(next_sample_, 0);
  }

  void finish() override {
    if (open_) close_region(End::kSamplesEnd);
    if (fitter_) fitter_->finish();
  }

 private:
  enum class End { kQuiet, kSamplesEnd, kLost, kTooLong };

  std::span<const Watched<T>* const> watched() const { return {watched_.data(), count_}; }

  static std::uint64_t last_row_of(const CaptureInfo& info) {
    const double left = to_seconds(Picos::max() - info.armed_at);
    return static_cast<std::uint64_t>(std::min(0.999 * left * info.rate.hertz(), 1.8e19));
  }

  // Bench clock of `offset` samples after sample `row`: exact however far from arming it lies.
  Picos time_at(std::uint64_t row, double offset) const {
    const double whole = std::floor(offset);
    const double step_ps = 1e12 / info_.rate.hertz();
    const auto at = static_cast<std::int64_t>(row) + static_cast<std::int64_t>(whole);
    return info_.armed_at + info_.rate.time_of(static_cast<std::uint64_t>(at)) +
           Picos(std::llround((offset - whole) * step_ps));
  }

  // Where a block does not go on from the one before, what is open ends.
  void follow(const CodeBlock& block) {
    const bool same_segment = started_ && block.segment == segment_;
    const bool jumps = same_segment && block.first_sample != next_sample_;
    const bool lost = block.lost_before || jumps;
    if (lost) note_lost(block, same_segment);
    if (!same_segment && !lost) lost_until_.reset();
    if (!same_segment || lost) {
      if (open_) close_region(lost ? End::kLost : End::kSamplesEnd);
      current_.history.clear();
      voltage_.history.clear();
      if (!same_segment) ++totals.segments;
    }
    started_ = true;
    segment_ = block.segment;
  }

  void note_lost(const CodeBlock& block, bool same_segment) {
    ++totals.losses;
    const bool known = same_segment && block.first_sample > next_sample_;
    totals.lost_at.add({block.segment, known ? next_sample_ : block.first_sample,
                        known ? block.first_sample - next_sample_ : 0});
    lost_until_ = block.first_sample;
  }

  void note_clipped(const Rows<T>& rows, std::size_t channel, CodeBand<T> in_scale,
                    std::size_t from, std::size_t to) {
    const std::uint64_t count = rows.count_outside(channel, in_scale, from, to);
    if (count > 0) rows.list_outside(channel, in_scale, from, to, totals.clipped_at[channel]);
    totals.clipped[channel] += count;
  }

  // In the watched channels a clipped sample is active, and counted there.
  void count_clipped_elsewhere(const Rows<T>& rows) {
    for (std::size_t c = 0; c < info_.channels.size(); ++c) {
      const Channel& channel = info_.channels[c];
      if (channel.unit == "logic" || c == current_.index || c == voltage_.index) continue;
      const CodeBand<T> in_scale{clamped_to<T>(channel.clip_low + 1.0),
                                 clamped_to<T>(channel.clip_high - 1.0)};
      note_clipped(rows, c, in_scale, 0, rows.size());
    }
  }

  void remember(const Rows<T>& rows, std::size_t from, std::size_t to) {
    for (Watched<T>* w : {&current_, &voltage_}) {
      if (!w->present()) continue;
      std::vector<Kept<T>>& history = w->history;
      if (to - from >= kHistory) {
        history.clear();
      } else if (history.size() + (to - from) > kHistory) {
        history.erase(history.begin(),
                      history.end() - static_cast<std::ptrdiff_t>(kHistory - (to - from)));
      }
      rows.copy(w->index, std::max(from, to - std::min(to, kHistory)), to, history);
    }
  }

  // The last samples before the threshold may already be on the pulse's edge.
  static std::span<const Kept<T>> before_the_edge(const Watched<T>& w) {
    return std::span<const Kept<T>>(w.history).first(w.history.size() -
                                                     std::min(kLead, w.history.size() / 4));
  }

  void open_region(std::uint64_t at) {
    open_ = true;
    const std::size_t known = std::max(current_.history.size(), voltage_.history.size());
    // What begins so soon after missing samples may be the rest of a pulse that they hold.
    open_at_edge_ = known == 0 || (lost_until_ && at - *lost_until_ <= gap_rows_);
    lead_ = std::min(kLead, known);
    region_first_ = at - lead_;
    for (Watched<T>* w : {&current_, &voltage_}) {
      const std::size_t count = std::min(lead_, w->history.size());
      w->region.assign(w->history.end() - static_cast<std::ptrdiff_t>(count), w->history.end());
    }
    baseline_code_ = noise_code_ = 0;
    baseline_samples_ = 0;
    if (current_.present()) {
      const auto quiet = before_the_edge(current_);
      // Without a quiet sample in front, the channel's own zero stands in for the baseline.
      baseline_code_ =
          quiet.empty() ? -current_.kept.offset / current_.kept.scale : mean_of<Kept<T>>(quiet);
      noise_code_ = quiet.empty() ? 0.5 : deviation_of(quiet, baseline_code_);
      baseline_samples_ = static_cast<std::uint32_t>(quiet.size());
    }
    const auto quiet = before_the_edge(voltage_);
    voltage_baseline_code_.reset();
    if (!quiet.empty()) voltage_baseline_code_ = mean_of<Kept<T>>(quiet);
    voltage_noise_code_ = quiet.empty() ? 0 : deviation_of(quiet, *voltage_baseline_code_);
    last_active_ = lead_;
    last_current_ = current_.present() ? 0 : lead_;
  }

  // Extends the open region from row `from` on. Returns the row after it: where it has been quiet
  // for max_gap, where it has become too long, or where the block ends.
  std::size_t extend_over(const Rows<T>& rows, std::uint64_t first_sample, std::size_t from) {
    const std::uint64_t origin = region_first_ - first_sample;  // modulo 2^64, as intended
    const std::size_t limit =
        std::min<std::uint64_t>(rows.size(), region_first_ + kLongest - first_sample);
    std::uint64_t quiet_end = origin + last_active_ + gap_rows_ + 1;
    std::size_t row = from;
    while (row < limit && row < quiet_end) {
      const auto stop = static_cast<std::size_t>(std::min<std::uint64_t>(limit, quiet_end));
      const std::size_t active = rows.first_active(watched(), row, stop);
      row = active;
      if (active == stop) break;
      row = rows.first_quiet(watched(), active, limit);
      note_active(rows, active, row, origin);
      quiet_end = row + gap_rows_;
    }
    for (Watched<T>* w : {&current_, &voltage_}) {
      if (w->present()) rows.copy(w->index, from, row, w->region);
    }
    return row;
  }

  void note_active(const Rows<T>& rows, std::size_t from, std::size_t to, std::uint64_t origin) {
    last_active_ = static_cast<std::size_t>(to - 1 - origin);
    for (const Watched<T>* w : watched()) {
      note_clipped(rows, w->index, w->in_scale, from, to);
    }
    if (!current_.present()) {
      last_current_ = last_active_;
      return;
    }
    std::size_t row = to;
    while (row > from && !rows.outside(current_, row - 1)) --row;
    if (row > from) last_current_ = static_cast<std::size_t>(row - 1 - origin);
  }

  std::size_t region_rows() const {
    return std::max(current_.region.size(), voltage_.region.size());
  }

  void close_region(End end) {
    if (fitter_) {
      PulseEdges edges{.region_first = region_first_};
      edges.pulse = analyse(end, &edges.edges);
      fitter_->take(edges);
    } else {
      found_(analyse(end, nullptr));
    }
    open_ = false;
    for (Watched<T>* w : {&current_, &voltage_}) {
      const std::size_t size = w->region.size();
      const std::size_t quiet = std::min(kHistory, size - std::min(size, last_active_ + 1));
      w->history.assign(w->region.end() - static_cast<std::ptrdiff_t>(quiet), w->region.end());
    }
  }

  Pulse analyse(End end, EdgeWindows* edges) const {
    const double low = current_.quiet.low - kMoved<T>;
    const double high = current_.quiet.high - kMoved<T>;
    const double threshold = std::min(high - baseline_code_, baseline_code_ - low);
    Pulse pulse = measure_region<Kept<T>>(
        {.current = current_.present() ? &current_.kept : nullptr,
         .voltage = voltage_.present() ? &voltage_.kept : nullptr,
         .current_codes = current_.region,
         .voltage_codes = voltage_.region,
         .lead = kLead,
         .baseline = baseline_code_,
         .noise = noise_code_,
         .voltage_baseline = voltage_baseline_code_,
         .voltage_noise = voltage_noise_code_,
         .threshold = std::is_same_v<T, float> ? threshold : std::max(1.0, threshold),
         .step = 1.0 / info_.rate.hertz(),
         .criteria = &criteria_,
         .edges = edges,
         .time_at = [this](double row) { return time_at(region_first_, row); }});
    pulse.active_begin = time_at(region_first_, static_cast<double>(lead_));
    pulse.active_end = time_at(region_first_, static_cast<double>(last_active_));
    pulse.segment = segment_;
    pulse.baseline_samples = baseline_samples_;
    pulse.late = open_at_edge_;
    // A second phase may still have been to come. Not so in a segment: its length was chosen for
    // it. The samples may also end so soon after the last current that a phase goes on.
    const bool flows_at_end = last_current_ + 4 >= region_rows();
    const bool unfinished = flows_at_end || (pulse.phases == 1 && info_.segment_length == Picos(0));
    pulse.cut = open_at_edge_ || end == End::kTooLong || end == End::kLost ||
                (end == End::kSamplesEnd && unfinished);
    return pulse;
  }

  CaptureInfo info_;
  PulseCriteria criteria_;
  std::function<void(const Pulse&)> found_;
  Watched<T> current_;
  Watched<T> voltage_;
  std::array<const Watched<T>*, 2> watched_{};
  std::size_t count_ = 0;
  std::uint64_t gap_rows_ = 0;
  std::uint64_t last_row_ = 0;

  std::uint64_t next_sample_ = 0;
  std::uint32_t segment_ = 0;
  bool started_ = false;
  std::optional<std::uint64_t> lost_until_;  // first sample after the last missing one

  bool open_ = false;
  bool open_at_edge_ = false;       // no quiet sample was seen before it
  std::uint64_t region_first_ = 0;  // sample index of the region's first row
  std::size_t last_active_ = 0;     // row in the region, any channel
  std::size_t last_current_ = 0;    // row in the region, the current channel
  std::size_t lead_ = 0;            // rows before the first active one
  double baseline_code_ = 0;
  double noise_code_ = 0;
  std::optional<double> voltage_baseline_code_;
  double voltage_noise_code_ = 0;
  std::uint32_t baseline_samples_ = 0;
  std::unique_ptr<EdgeFitter> fitter_;  // null: edges are interpolated
};

}  // namespace

PulseFinder::PulseFinder(CaptureInfo info, PulseCriteria criteria,
                         std::function<void(const Pulse&)> found, CodeType type) {
  const auto engine = [&]<typename T>(T /*code*/) -> std::unique_ptr<Engine> {
    return std::make_unique<Finder<T>>(std::move(info), criteria, std::move(found));
  };
  switch (type) {
    case CodeType::kU8: engine_ = engine(std::uint8_t{}); break;
    case CodeType::kI8: engine_ = engine(std::int8_t{}); break;
    case CodeType::kI16: engine_ = engine(std::int16_t{}); break;
    case CodeType::kU16: engine_ = engine(std::uint16_t{}); break;
    case CodeType::kF32: engine_ = engine(float{}); break;
  }
}

PulseFinder::~PulseFinder() = default;

void PulseFinder::take(const CodeBlock& block) { engine_->take(block); }

void PulseFinder::take(const Block& block) { engine_->take(code_block(block)); }

void PulseFinder::finish() { engine_->finish(); }

const CaptureTotals& PulseFinder::totals() const { return engine_->totals; }

}  // namespace rig
