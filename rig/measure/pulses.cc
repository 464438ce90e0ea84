#include "rig/measure/pulses.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "rig/measure/region.h"

namespace rig {
namespace {

constexpr std::size_t kHistory = 256;       // samples for the baseline
constexpr std::size_t kLead = 16;           // samples of a region in front of its first active one
constexpr std::size_t kLongest = 1u << 21;  // rows; a longer region is reported in pieces, as cut

double mean_of(std::span<const std::int16_t> codes) {
  const auto sum = std::accumulate(codes.begin(), codes.end(), std::int64_t{0});
  return static_cast<double>(sum) / static_cast<double>(codes.size());
}

double deviation_of(std::span<const std::int16_t> codes, double mean) {
  double sum = 0;
  for (const std::int16_t code : codes) sum += (code - mean) * (code - mean);
  return codes.size() > 1 ? std::sqrt(sum / static_cast<double>(codes.size() - 1)) : 0;
}

int channel_index(const CaptureInfo& info, const std::string& name) {
  for (std::size_t i = 0; i < info.channels.size(); ++i) {
    if (info.channels[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

PulseFinder::PulseFinder(CaptureInfo info, PulseCriteria criteria,
                         std::function<void(const Pulse&)> found)
    : info_(std::move(info)), found_(std::move(found)) {
  current_ = band("current", criteria.current_threshold);
  voltage_ = band("voltage", criteria.voltage_threshold);
  gap_samples_ = static_cast<std::uint64_t>(criteria.max_gap * info_.rate.hertz()) + 1;
  totals_.clipped.resize(info_.channels.size());
  totals_.end = info_.armed_at;
}

PulseFinder::Band PulseFinder::band(const std::string& name, double threshold) const {
  Band b{.index = channel_index(info_, name)};
  if (b.index < 0) return b;
  const Channel& c = info_.channels[static_cast<std::size_t>(b.index)];
  const double zero = -c.offset / c.scale;
  const double half = std::fabs(threshold / c.scale);
  // A code at full scale may stand for anything beyond it, so it is never quiet.
  const auto clamped = [&c](double code) {
    return static_cast<int>(std::clamp(code, c.clip_low + 1.0, c.clip_high - 1.0));
  };
  b.low = clamped(std::ceil(zero - half));
  b.high = clamped(std::floor(zero + half));
  // Zero lies between two codes, and the threshold is smaller than a code.
  if (b.low > b.high) std::swap(b.low, b.high);
  return b;
}

Picos PulseFinder::time_at(double index) const {
  const double whole = std::floor(index);
  const double step_ps = 1e12 / info_.rate.hertz();
  return info_.armed_at + info_.rate.time_of(static_cast<std::uint64_t>(whole)) +
         Picos(std::llround((index - whole) * step_ps));
}

bool PulseFinder::continues(const Block& block) const {
  return started_ && !block.lost_before && block.segment == segment_ &&
         block.first_sample == next_sample_;
}

void PulseFinder::count_clipped(const Block& block) {
  for (std::size_t c = 0; c < block.codes.size(); ++c) {
    const Channel& channel = info_.channels[c];
    if (channel.unit == "logic") continue;
    totals_.clipped[c] += static_cast<std::uint64_t>(
        std::ranges::count_if(block.codes[c], [&channel](std::int16_t code) {
          return code <= channel.clip_low || code >= channel.clip_high;
        }));
  }
}

// Row of the first sample outside its band at or after `from`, or the block's size.
std::size_t PulseFinder::first_active(const Block& block, std::size_t from) const {
  std::size_t earliest = block.size();
  for (const Band* band : {&current_, &voltage_}) {
    if (band->index < 0) continue;
    const auto& codes = block.codes[static_cast<std::size_t>(band->index)];
    const auto width = static_cast<unsigned>(band->high - band->low);
    std::size_t i = from;
    while (i < earliest && static_cast<unsigned>(codes[i] - band->low) <= width) ++i;
    earliest = i;
  }
  return earliest;
}

void PulseFinder::remember(const Block& block, std::size_t from, std::size_t to) {
  const auto keep = [&](std::vector<std::int16_t>& history, const Band& band) {
    if (band.index < 0) return;
    const auto codes = block.codes[static_cast<std::size_t>(band.index)].subspan(from, to - from);
    if (codes.size() >= kHistory) {
      history.assign(codes.end() - kHistory, codes.end());
      return;
    }
    const std::size_t total = history.size() + codes.size();
    if (total > kHistory) {
      history.erase(history.begin(),
                    history.begin() + static_cast<std::ptrdiff_t>(total - kHistory));
    }
    history.insert(history.end(), codes.begin(), codes.end());
  };
  keep(history_i_, current_);
  keep(history_v_, voltage_);
}

void PulseFinder::open_region(const Block& block, std::size_t at) {
  open_ = true;
  const std::size_t known = std::max(history_i_.size(), history_v_.size());
  open_at_edge_ = known == 0;
  lead_ = std::min(kLead, known);
  region_first_ = block.first_sample + at - lead_;
  const auto tail = [this](const std::vector<std::int16_t>& history) {
    const std::size_t count = std::min(lead_, history.size());
    return std::vector<std::int16_t>(history.end() - static_cast<std::ptrdiff_t>(count),
                                     history.end());
  };
  region_i_ = tail(history_i_);
  region_v_ = tail(history_v_);
  baseline_code_ = noise_code_ = 0;
  baseline_samples_ = 0;
  if (current_.index >= 0) {
    // The last samples before the threshold may already be on the pulse's edge.
    const auto quiet = std::span<const std::int16_t>(history_i_)
                           .first(history_i_.size() - std::min(kLead, history_i_.size() / 4));
    // Without a quiet sample in front, the channel's own zero stands in for the baseline.
    const Channel& c = info_.channels[static_cast<std::size_t>(current_.index)];
    baseline_code_ = quiet.empty() ? -c.offset / c.scale : mean_of(quiet);
    noise_code_ = quiet.empty() ? 0.5 : deviation_of(quiet, baseline_code_);
    baseline_samples_ = static_cast<std::uint32_t>(quiet.size());
  }
  last_active_ = lead_;
  last_current_ = current_.index < 0 ? lead_ : 0;
}

void PulseFinder::append(const Block& block, std::size_t from, std::size_t to) {
  const auto copy = [&](std::vector<std::int16_t>& region, const Band& band) {
    if (band.index < 0) return;
    const auto codes = block.codes[static_cast<std::size_t>(band.index)].subspan(from, to - from);
    region.insert(region.end(), codes.begin(), codes.end());
  };
  copy(region_i_, current_);
  copy(region_v_, voltage_);
}

// Extends the open region from row `from` on. Returns the row after it: where it has been quiet for
// max_gap, where it has become too long, or where the block ends.
std::size_t PulseFinder::extend_over(const Block& block, std::size_t from) {
  const auto raw = [&block](const Band& band) {
    return band.index < 0 ? nullptr : block.codes[static_cast<std::size_t>(band.index)].data();
  };
  const std::int16_t* i_codes = raw(current_);
  const std::int16_t* v_codes = raw(voltage_);
  const auto i_width = static_cast<unsigned>(current_.high - current_.low);
  const auto v_width = static_cast<unsigned>(voltage_.high - voltage_.low);
  const std::uint64_t origin = region_first_ - block.first_sample;  // modulo 2^64, as intended
  std::uint64_t quiet_end = region_first_ + last_active_ + gap_samples_ + 1 - block.first_sample;
  const std::size_t limit =
      std::min<std::uint64_t>(block.size(), region_first_ + kLongest - block.first_sample);
  std::size_t row = from;
  while (row < limit && row < quiet_end) {
    const bool i_active =
        i_codes != nullptr && static_cast<unsigned>(i_codes[row] - current_.low) > i_width;
    const bool v_active =
        v_codes != nullptr && static_cast<unsigned>(v_codes[row] - voltage_.low) > v_width;
    if (i_active || v_active) {
      last_active_ = static_cast<std::size_t>(row - origin);
      if (i_active || i_codes == nullptr) last_current_ = last_active_;
      quiet_end = row + gap_samples_ + 1;
    }
    ++row;
  }
  append(block, from, row);
  return row;
}

void PulseFinder::take(const Block& block) {
  if (block.size() == 0) return;
  const bool jumps = started_ && block.segment == segment_ && block.first_sample != next_sample_;
  if (block.lost_before || jumps) ++totals_.losses;
  if (!continues(block)) {
    if (open_) close_region(End::kSamplesEnd);
    history_i_.clear();
    history_v_.clear();
    if (!started_ || block.segment != segment_) ++totals_.segments;
  }
  started_ = true;
  segment_ = block.segment;
  count_clipped(block);

  std::size_t row = 0;
  while (row < block.size()) {
    if (!open_) {
      const std::size_t active = first_active(block, row);
      remember(block, row, active);
      row = active;
      if (row == block.size()) break;
      open_region(block, row);
    }
    row = extend_over(block, row);
    const std::uint64_t now = block.first_sample + row;
    const bool too_long = now == region_first_ + kLongest;
    if (too_long) {
      close_region(End::kTooLong);
    } else if (now >= region_first_ + last_active_ + gap_samples_ + 1) {
      close_region(End::kQuiet);
    }
  }
  next_sample_ = block.first_sample + block.size();
  totals_.samples += block.size();
  totals_.end = time_at(static_cast<double>(next_sample_));
}

void PulseFinder::finish() {
  if (open_) close_region(End::kSamplesEnd);
}

// Whether the samples end so soon after the last current that a phase may go on.
bool PulseFinder::current_flows_at_end() const {
  return last_current_ + 4 >= std::max(region_i_.size(), region_v_.size());
}

void PulseFinder::close_region(End end) {
  found_(analyse(end));
  open_ = false;
  const auto keep_quiet_tail = [this](std::vector<std::int16_t>& history,
                                      const std::vector<std::int16_t>& region) {
    const std::size_t quiet = region.size() - std::min(region.size(), last_active_ + 1);
    history.assign(region.end() - static_cast<std::ptrdiff_t>(std::min(kHistory, quiet)),
                   region.end());
  };
  keep_quiet_tail(history_i_, region_i_);
  keep_quiet_tail(history_v_, region_v_);
}

Pulse PulseFinder::analyse(End end) const {
  const auto channel = [this](const Band& band) {
    return band.index < 0 ? nullptr : &info_.channels[static_cast<std::size_t>(band.index)];
  };
  const double threshold = std::min(current_.high - baseline_code_, baseline_code_ - current_.low);
  Pulse pulse = measure_region({.current = channel(current_),
                                .voltage = channel(voltage_),
                                .current_codes = region_i_,
                                .voltage_codes = region_v_,
                                .lead = kLead,
                                .baseline = baseline_code_,
                                .noise = noise_code_,
                                .threshold = std::max(1.0, threshold),
                                .step = 1.0 / info_.rate.hertz(),
                                .time_at = [this](double row) {
                                  return time_at(static_cast<double>(region_first_) + row);
                                }});
  pulse.active_begin = time_at(static_cast<double>(region_first_ + lead_));
  pulse.active_end = time_at(static_cast<double>(region_first_ + last_active_));
  pulse.segment = segment_;
  pulse.baseline_samples = baseline_samples_;
  pulse.late = open_at_edge_;
  // A second phase may still have been to come. Not so in a segment: its length was chosen for it.
  const bool unfinished =
      current_flows_at_end() || (pulse.phases == 1 && info_.segment_length == Picos(0));
  pulse.cut = open_at_edge_ || end == End::kTooLong || (end == End::kSamplesEnd && unfinished);
  return pulse;
}

}  // namespace rig
