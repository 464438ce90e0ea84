#include "rig/measure/sine.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "rig/measure/weighting.h"

namespace rig {
namespace {

constexpr std::size_t kMostPoints = 65536;  // of a window
constexpr std::size_t kHead = 32768;        // samples that tell a fast sine from a slow one
constexpr double kFast = 8;                 // cycles in the head
constexpr std::size_t kFewestPoints = 256;  // of a window
constexpr double kWindow = 1.0;             // s
constexpr int kOrders = 10;
constexpr std::size_t kMostWindows = 16384;

using Bad = SineWindow::Bad;

Bad bad_of(NoSine why) {
  switch (why) {
    case NoSine::kNone: return Bad::kNone;
    case NoSine::kOnlyNoise: return Bad::kOnlyNoise;
    case NoSine::kTooFewCycles: return Bad::kTooFewCycles;
    case NoSine::kUndersampled: return Bad::kUndersampled;
  }
  return Bad::kNone;
}

// Chan, Golub and LeVeque: two sets of values as one.
void pool(SineWindow::Pooled& into, const SineWindow::Pooled& more) {
  if (more.count == 0) return;
  if (into.count == 0) {
    into = more;
    return;
  }
  const auto a = static_cast<double>(into.count);
  const auto b = static_cast<double>(more.count);
  const double delta = more.mean - into.mean;
  into.mean += delta * b / (a + b);
  into.m2 += more.m2 + delta * delta * a * b / (a + b);
  into.count += more.count;
  into.lowest = std::min(into.lowest, more.lowest);
  into.highest = std::max(into.highest, more.highest);
  into.random_u = std::max(into.random_u, more.random_u);
  into.common_u = std::max(into.common_u, more.common_u);
}

void pool(SineWindow& into, const SineWindow& next) {
  into.end = next.end;
  if (into.bad == Bad::kNone) {
    into.bad = next.bad;
    into.bad_first = next.bad_first;
    into.bad_end = next.bad_end;
  }
  into.bad_count += next.bad_count;
  for (std::size_t q = 0; q < kSineQuantities; ++q) pool(into.values[q], next.values[q]);
}

// An interval about a root stays at zero where the square might be negative.
double root_u(double square, double square_u) {
  const double root = std::sqrt(square);
  return 0.5 * std::max(std::sqrt(square + 2 * square_u) - root,
                        root - std::sqrt(std::max(0.0, square - 2 * square_u)));
}

// Of the harmonics 2 to 5 in percent of the fundamental; NaN where the samples do not carry one.
SineValue harmonic_of(const SineFit& fit, int order, double stuck) {
  const auto at = static_cast<std::size_t>(order) - 2;
  if (order > fit.orders) return {.value = std::nan("")};
  const double a = fit.amplitude;
  const double square = std::max(0.0, fit.squares[at]);
  return {100 * std::sqrt(square) / a, 100 * root_u(square, fit.squares_u[at]) / a, 100 * stuck};
}

// R.m.s. with each line weighted; `gain` and `stuck` relative, of the channel.
SineValue weighted_of(const SineFit& fit, double hertz, double unit, double gain, double stuck) {
  const double w1 = wk_weighting(hertz);
  double square = std::pow(w1 * fit.amplitude, 2);
  double variance = std::pow(2 * w1 * w1 * fit.amplitude * fit.amplitude_u, 2);
  for (int h = 2; h <= fit.orders; ++h) {
    const auto at = static_cast<std::size_t>(h) - 2;
    const double w2 = std::pow(wk_weighting(h * hertz), 2);
    square += w2 * fit.squares[at];
    variance += std::pow(w2 * fit.squares_u[at], 2);
  }
  const double rms = std::sqrt(0.5 * std::max(square, 0.0));
  return {rms * unit, rms > 0 ? 0.25 * std::sqrt(variance) / rms * unit : 0,
          rms * unit * std::hypot(gain, stuck)};
}

// `per_second`: points of the fit.
std::array<SineValue, kSineQuantities> values_of(const SineFit& fit, double per_second,
                                                 double sample_noise, const Channel& c,
                                                 const CaptureInfo& info) {
  const double k = std::fabs(c.scale);
  const double f = fit.frequency * per_second;
  const double a = fit.amplitude * k;
  // Without noise to carry it over the converter's steps a value may be off by a part of one.
  const double stuck = sample_noise * k < 0.6 * c.step() ? c.step() / std::sqrt(12.0) : 0;
  const double slow = c.bandwidth_hz > 0 ? 1 - 1 / std::hypot(1.0, f / c.bandwidth_hz) : 0;
  const double gain = std::hypot(c.gain_u, slow / std::sqrt(3.0));
  const double a_random = fit.amplitude_u * k;
  const double a_common = std::hypot(gain * a, stuck);
  const double harmonics = fit.harmonic_square * k * k;
  const double harmonics_u = fit.harmonic_square_u * k * k;
  const double rms = std::sqrt(0.5 * (a * a + harmonics));
  const double offset = c.offset + c.scale * fit.offset;
  const double omega = 2 * std::numbers::pi * f;
  const double f_random = fit.frequency_u * per_second;
  const double displacement = 2 * a / (omega * omega);
  return {SineValue{f, f_random, info.rate_u * f},
          SineValue{a, a_random, a_common},
          SineValue{2 * a, 2 * a_random, 2 * a_common},
          SineValue{rms, std::hypot(a * a_random, 0.5 * harmonics_u) / (2 * rms),
                    std::hypot(gain * rms, stuck)},
          SineValue{100 * std::sqrt(harmonics) / a, 100 * root_u(harmonics, harmonics_u) / a,
                    100 * stuck / a},
          SineValue{offset, fit.offset_u * k,
                    std::hypot(c.offset_u, std::hypot(c.gain_u * (offset - c.offset), stuck))},
          SineValue{displacement, displacement * std::hypot(a_random / a, 2 * f_random / f),
                    displacement * std::hypot(a_common / a, 2 * info.rate_u)},
          harmonic_of(fit, 2, stuck / a),
          harmonic_of(fit, 3, stuck / a),
          harmonic_of(fit, 4, stuck / a),
          harmonic_of(fit, 5, stuck / a),
          weighted_of(fit, f, k, gain, stuck / a)};
}

template <typename T>
T code_at(const CodeBlock& block, std::size_t channel, std::size_t row) {
  return static_cast<const T*>(block.first_code.at(channel))[row * block.stride];
}

}  // namespace

class SineTrack::Engine {
 public:
  Engine(const CaptureInfo& info, std::size_t channel)
      : info_(info), channel_(info.channels[channel]), index_(channel) {
    const double rate = info.rate.hertz();
    averaged_ = std::max<std::size_t>(
        1, static_cast<std::size_t>(std::ceil(rate * kWindow / static_cast<double>(kMostPoints))));
    length_ = std::clamp(
        static_cast<std::size_t>(std::lround(rate * kWindow / static_cast<double>(averaged_))),
        kFewestPoints, kMostPoints);
    known_ = averaged_ == 1;
  }

  void take(const CodeBlock& block) {
    if (block.size == 0) return;
    const bool same_segment = started_ && block.segment == segment_;
    const bool lost = block.lost_before || (same_segment && block.first_sample != next_);
    if (started_ && (!same_segment || lost)) end_stretch(lost ? Bad::kMissing : Bad::kNone);
    if (!started_ || !same_segment || lost) next_ = window_first_ = block.first_sample;
    started_ = true;
    segment_ = block.segment;
    switch (block.type) {
      case CodeType::kU8: return feed<std::uint8_t>(block);
      case CodeType::kI8: return feed<std::int8_t>(block);
      case CodeType::kI16: return feed<std::int16_t>(block);
      case CodeType::kU16: return feed<std::uint16_t>(block);
      case CodeType::kF32: return feed<float>(block);
    }
  }

  void finish() {
    if (started_) end_stretch(Bad::kNone);
  }

  const std::vector<SineWindow>& windows() const { return windows_; }
  const Channel& channel() const { return channel_; }
  double window_length() const {
    return static_cast<double>(length_ * averaged_) / info_.rate.hertz();
  }

 private:
  template <typename T>
  void feed(const CodeBlock& block) {
    for (std::size_t row = 0; row < block.size; ++row) {
      const auto code = static_cast<double>(code_at<T>(block, index_, row));
      ++next_;
      if (known_) {
        add(code);
        continue;
      }
      head_.push_back(code);
      if (head_.size() == kHead) know();
    }
  }

  // A fast sine needs no averaging, and windows of the head's length.
  void know() {
    known_ = true;
    const SineFit fit = fit_sine(head_, 1, 1);
    if (head_.size() < kHead ||
        (fit.why_not == NoSine::kNone && fit.frequency * static_cast<double>(kHead) >= kFast)) {
      averaged_ = 1;
      length_ = kHead;
    }
    for (const double code : std::exchange(head_, {})) add(code);
  }

  void add(double code) {
    if (code <= channel_.clip_low || code >= channel_.clip_high) {
      if (clipped_ == 0) clipped_first_ = window_first_ + used_;
      clipped_end_ = window_first_ + used_ + 1;
      ++clipped_;
    }
    ++used_;
    sum_ += code;
    if (++summed_ < averaged_) return;
    points_.push_back(sum_ / static_cast<double>(averaged_));
    sum_ = 0;
    summed_ = 0;
    if (points_.size() == length_) end_window();
  }

  void end_window() {
    SineWindow w{.first = window_first_, .end = window_first_ + used_};
    const SineFit fit = fit_sine(points_, averaged_, kOrders);
    w.bad = clipped_ > 0 ? Bad::kClipped : bad_of(fit.why_not);
    if (w.bad == Bad::kNone) {
      const double noise = fit.residual * std::sqrt(static_cast<double>(averaged_));
      const double per_second = info_.rate.hertz() / static_cast<double>(averaged_);
      const auto values = values_of(fit, per_second, noise, channel_, info_);
      for (std::size_t q = 0; q < kSineQuantities; ++q) {
        const SineValue& v = values[q];
        if (!std::isfinite(v.value)) continue;
        w.values[q] = {.count = 1,
                       .mean = v.value,
                       .lowest = v.value,
                       .highest = v.value,
                       .random_u = v.random_u,
                       .common_u = v.common_u};
      }
    } else {
      w.bad_first = clipped_ > 0 ? clipped_first_ : w.first;
      w.bad_end = clipped_ > 0 ? clipped_end_ : w.end;
      w.bad_count = 1;
    }
    keep(w);
    whole_ = true;
    window_first_ += used_;
    forget();
  }

  // What is left is a window of its own when it is long enough, or when there is no other.
  void end_stretch(Bad why) {
    if (!known_) know();
    if (why == Bad::kMissing) {
      const std::uint64_t end = window_first_ + used_;
      keep({.first = window_first_,
            .end = end,
            .bad = why,
            .bad_first = window_first_,
            .bad_end = end,
            .bad_count = 1});
    } else if (used_ > 0 && (!whole_ || points_.size() >= length_ / 4)) {
      const bool other = whole_;
      end_window();
      if (other && windows_.back().bad == Bad::kTooFewCycles && span_ == 1) windows_.pop_back();
    }
    whole_ = false;
    forget();
  }

  void forget() {
    points_.clear();
    sum_ = 0;
    summed_ = used_ = 0;
    clipped_ = 0;
  }

  void keep(const SineWindow& w) {
    if (pending_++ % span_ == 0) {
      windows_.push_back(w);
    } else {
      pool(windows_.back(), w);
    }
    if (windows_.size() < kMostWindows || pending_ % span_ != 0) return;
    for (std::size_t k = 0; k < kMostWindows / 2; ++k) {
      windows_[k] = windows_[2 * k];
      pool(windows_[k], windows_[2 * k + 1]);
    }
    windows_.resize(kMostWindows / 2);
    span_ *= 2;
    pending_ = 0;
  }

  CaptureInfo info_;
  Channel channel_;
  std::size_t index_;
  std::size_t averaged_ = 1;  // samples of a point
  std::size_t length_ = 0;    // points of a window
  bool known_ = false;        // how many
  std::vector<double> head_;

  bool started_ = false;
  std::uint32_t segment_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t window_first_ = 0;
  std::size_t used_ = 0;  // samples of the window so far
  bool whole_ = false;    // this stretch has had a window
  std::vector<double> points_;
  double sum_ = 0;
  std::size_t summed_ = 0;
  std::uint64_t clipped_ = 0;
  std::uint64_t clipped_first_ = 0;
  std::uint64_t clipped_end_ = 0;

  std::vector<SineWindow> windows_;
  std::size_t span_ = 1;  // fitted windows in one that is kept
  std::size_t pending_ = 0;
};

SineTrack::SineTrack(const CaptureInfo& info, std::size_t channel)
    : engine_(std::make_unique<Engine>(info, channel)) {}
SineTrack::~SineTrack() = default;
SineTrack::SineTrack(SineTrack&&) noexcept = default;

void SineTrack::take(const CodeBlock& block) { engine_->take(block); }
void SineTrack::finish() { engine_->finish(); }
const std::vector<SineWindow>& SineTrack::windows() const { return engine_->windows(); }
double SineTrack::window_length() const { return engine_->window_length(); }
const Channel& SineTrack::channel() const { return engine_->channel(); }

std::string in_words(const SineWindow& bad) {
  const auto why = [&bad]() -> std::string {
    switch (bad.bad) {
      case Bad::kNone: return "a sine";
      case Bad::kOnlyNoise: return "no sine stands out of the noise";
      case Bad::kTooFewCycles: return "fewer than 3 cycles of a sine";
      case Bad::kUndersampled: return "undersampled, fewer than 4 samples a cycle";
      case Bad::kClipped: return "clipped";
      case Bad::kMissing: return "samples are missing after them";
    }
    return "?";
  };
  return "samples " + std::to_string(bad.bad_first) + " to " +
         std::to_string(std::max(bad.bad_end, bad.bad_first + 1) - 1) + ": " + why();
}

}  // namespace rig
