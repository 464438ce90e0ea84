#include "rig/measure/motion_quantities.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "rig/measure/amplitude.h"
#include "rig/measure/evaluate.h"
#include "rig/measure/extreme.h"
#include "rig/measure/sine.h"
#include "rig/measure/still.h"
#include "rig/measure/values.h"

namespace rig {
namespace {

constexpr std::array<std::string_view, 8> kNames{
    "vibration.largest",   "vibration.overshoot", "vibration.surge",     "vibration.ramp_up",
    "vibration.ramp_down", "vibration.ring_down", "vibration.stop_time", "cross_axis.A.to.B"};
constexpr double kUnknown = 20;       // Hz: of a platform that nobody saw a sine of
constexpr double kBeforeEvent = 0.5;  // s before the event that the amplitude is held against
constexpr double kReach = 5;          // times the noise: what the largest may have been taken from
constexpr double kApart = 0.75;       // of them: two neighbours share half a period
constexpr double kFar = 3.5;          // times the noise: clearly not at a level
constexpr std::size_t kFewest = 8;    // amplitudes that show how it rises or falls

using Bad = SineWindow::Bad;

// Mean over the good windows of the capture.
std::optional<double> frequency_of(const SineTrack* sine) {
  if (sine == nullptr) return std::nullopt;
  double sum = 0;
  double count = 0;
  for (const SineWindow& w : sine->windows()) {
    const auto& f = w.values[static_cast<std::size_t>(SineQuantity::kFrequency)];
    sum += f.mean * static_cast<double>(f.count);
    count += static_cast<double>(f.count);
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

// The amplitude over time, as far as the observation goes.
class Envelope {
 public:
  Envelope(const MotionTrack& track, double hertz, double from, double to)
      : unit_(std::fabs(track.channel().scale)) {
    const Channel& c = track.channel();
    const double noise = noise_of(track.points());
    all_ = amplitudes(track, hertz, from, to, noise);
    for (AmplitudeAt& at : all_) at.a *= unit_;
    const double slow = c.bandwidth_hz > 0 ? 1 - 1 / std::hypot(1.0, hertz / c.bandwidth_hz) : 0;
    gain_ = std::hypot(c.gain_u, slow / std::sqrt(3.0));
    one_ = std::max(noise * unit_, 0.3 * c.step()) * std::sqrt(2 * hertz / track.point_rate());
  }
  const std::vector<AmplitudeAt>& all() const { return all_; }
  double gain_u() const { return gain_; }  // relative
  double one_u() const { return one_; }    // of one amplitude, by noise

  struct Peak {
    double a = 0;
    double t = 0;
    Extreme extreme;
  };
  Peak largest() const {
    Peak peak;
    for (const AmplitudeAt& at : all_) {
      if (at.a >= peak.a) peak = {.a = at.a, .t = at.t, .extreme = {}};
    }
    const auto near = std::ranges::count_if(
        all_, [&](const AmplitudeAt& at) { return at.a > peak.a - kReach * one_; });
    peak.extreme = extreme_of(kApart * static_cast<double>(near));
    return peak;
  }
  struct Mean {
    double a = 0;
    double u = 0;
  };
  Mean mean(double from, double to) const {
    double sum = 0;
    double count = 0;
    for (const AmplitudeAt& at : all_) {
      if (at.t < from || at.t > to) continue;
      sum += at.a;
      ++count;
    }
    if (count == 0) return {};
    return {sum / count, one_ / std::sqrt(std::max(1.0, 0.5 * count))};
  }

 private:
  std::vector<AmplitudeAt> all_;
  double unit_;
  double gain_ = 0;
  double one_ = 0;
};

struct Seen {
  const QuantityName& what;
  const Observation& seen;
  const MotionTrack& track;
  std::optional<double> hertz;
  double from = 0;  // s since sample 0
  double to = 0;
  double event = 0;

  Measured result(double value, const Budget& u, double at, std::size_t count = 1) const {
    Measurement m{.name = std::string(what.info->name),
                  .value = value,
                  .unit = std::string(what.info->unit),
                  .statistic = "window",
                  .count = count,
                  .lowest = value,
                  .highest = value,
                  .at = seen.info->armed_at + from_seconds(at)};
    give(m, u);
    return {.value = std::move(m)};
  }
  Envelope envelope(double begin) const { return {track, hertz.value_or(kUnknown), begin, to}; }
};

Measured too_short() { return {.why_not = "the window is too short for it"}; }

Measured largest(const Seen& s) {
  const Envelope e = s.envelope(s.from);
  if (e.all().empty()) return too_short();
  const Envelope::Peak peak = e.largest();
  const Budget rest = Budget(Source::kNoise, peak.extreme.scatter * e.one_u())
                          .add(Source::kGain, e.gain_u() * peak.a);
  return s.result(peak.a, with_bias(rest, peak.extreme.bias * e.one_u()), peak.t, e.all().size());
}

// The largest amplitude against a mean of others.
Measured ratio(const Seen& s, const Envelope& e, const Envelope::Peak& peak,
               const Envelope::Mean& mean, double less) {
  const double share = peak.a / mean.a;
  const Budget rest(Source::kNoise,
                    100 * std::hypot(peak.extreme.scatter * e.one_u(), share * mean.u) / mean.a);
  return s.result(100 * (share - less),
                  with_bias(rest, 100 * peak.extreme.bias * e.one_u() / mean.a), peak.t,
                  e.all().size());
}

Measured overshoot(const Seen& s) {
  const Envelope e = s.envelope(s.from);
  if (e.all().size() < kFewest) return too_short();
  const Envelope::Mean settled = e.mean(s.to - 0.25 * (s.to - s.from), s.to);
  if (!(settled.a > 5 * e.one_u())) {
    return {.why_not = "no amplitude is left at the end of the window", .device_silent = true};
  }
  return ratio(s, e, e.largest(), settled, 1);
}

Measured surge(const Seen& s) {
  if (!s.seen.event) return {.why_not = "no event to count from"};
  const double hertz = s.hertz.value_or(kUnknown);
  const Envelope before(s.track, hertz, s.event - kBeforeEvent, s.event);
  const Envelope after = s.envelope(s.event);
  if (before.all().empty() || after.all().empty()) return too_short();
  const Envelope::Mean mean = before.mean(s.event - kBeforeEvent, s.event);
  if (!(mean.a > 5 * before.one_u())) {
    return {.why_not = "no amplitude before the event", .device_silent = true};
  }
  return ratio(s, after, after.largest(), mean, 0);
}

double passes(const AmplitudeAt& a, const AmplitudeAt& b, double level) {
  if (a.a == b.a) return a.t;
  return a.t + (b.t - a.t) * std::clamp((level - a.a) / (b.a - a.a), 0.0, 1.0);
}

// Where the amplitude passes `level` between two of its values, and how well that is known: it lies
// where amplitudes are clearly on this side and clearly on the other, however long they linger at
// it.
struct Crossing {
  double t = 0;
  double u = 0;
};
Crossing crossing(const Envelope& e, std::size_t k, double level, double level_u) {
  const std::vector<AmplitudeAt>& all = e.all();
  const double share = (level - all[k].a) / (all[k + 1].a - all[k].a);
  const double u = std::hypot(e.one_u() * std::hypot(1 - share, share), level_u);
  const double clear = std::min(kFar * u, 0.5 * level);  // no amplitude is below zero
  const double way = all[k + 1].a > all[k].a ? 1 : -1;
  std::size_t early = k;
  while (early > 0 && way * (all[early].a - level) > -clear) --early;
  std::size_t late = k + 1;
  while (late + 1 < all.size() && way * (all[late].a - level) < clear) ++late;
  const double t = passes(all[k], all[k + 1], level);
  const double earliest = passes(all[early], all[early + 1], level - way * clear);
  const double latest = passes(all[late - 1], all[late], level + way * clear);
  return {t, std::max(t - earliest, latest - t) * u / clear};
}

// From 10 % to 90 % of the amplitude that it settles at, or back.
Measured ramp(const Seen& s) {
  const bool up = s.what.info->name == "vibration.ramp_up";
  const Envelope e = s.envelope(s.from);
  const std::size_t n = e.all().size();
  if (n < kFewest) return too_short();
  const double part = 0.25 * (s.to - s.from);
  const Envelope::Mean settled = up ? e.mean(s.to - part, s.to) : e.mean(s.from, s.from + part);
  if (!(settled.a > 20 * e.one_u())) {
    return {.why_not = "the amplitude is lost in the noise", .device_silent = true};
  }
  // Seen from where it is low.
  const auto at = [&](std::size_t k) { return e.all()[up ? k : n - 1 - k].a; };
  const double low = 0.1 * settled.a;
  const double high = 0.9 * settled.a;
  std::size_t above = 0;
  while (above < n && at(above) < high) ++above;
  std::size_t below = above;
  while (below > 0 && at(below) > low) --below;
  if (above == n || above == 0 || at(below) > low) {
    const char* way =
        up ? "the window does not begin below 10 % and end above 90 % of the amplitude"
           : "the window does not begin above 90 % and end below 10 % of the amplitude";
    return {.why_not = way};
  }
  const auto cross = [&](std::size_t k, double level) {
    return crossing(e, up ? k : n - 2 - k, level, level / settled.a * settled.u);
  };
  const Crossing ten = cross(below, low);
  const Crossing ninety = cross(above - 1, high);
  const double value = std::fabs(ninety.t - ten.t);
  const Budget u = Budget(Source::kNoise, std::hypot(ten.u, ninety.u))
                       .add(Source::kClock, s.seen.info->rate_u * value);
  return s.result(value, u, std::min(ten.t, ninety.t), n);
}

Measured stop_time(const Seen& s) {
  if (!s.seen.event) return {.why_not = "no event to count from"};
  const Stillness still = stillness(s.track, s.seen.still, s.event, s.to);
  if (still.why_not) return {.why_not = *still.why_not, .device_silent = still.never_moved};
  const double value = std::max(0.0, still.since - s.event);
  Budget u(Source::kEvent, s.seen.event_u);
  u.add(Source::kAlignment, s.seen.info->alignment_u)
      .add(Source::kNoise, still.noise_u)
      .add(Source::kGain, still.gain_u)
      .add(Source::kClock, s.seen.info->rate_u * value);
  Measured m = s.result(value, u, still.since);
  m.lower_bound = still.goes_on;
  if (still.goes_on) m.doubt = "it still moves at the end of the window";
  return m;
}

Measured decay(const Seen& s) {
  const RingDown ring = ring_down(s.track, s.seen.still, s.seen.event ? s.event : s.from, s.to);
  if (ring.why_not) return {.why_not = *ring.why_not};
  const Budget u = Budget(Source::kNoise, ring.noise_u)
                       .add(Source::kClock, s.seen.info->rate_u * ring.time_constant);
  return s.result(ring.time_constant, u, ring.begin, ring.half_cycles);
}

std::string clipped_in(const MotionTrack& track, double from, double to, double rate) {
  const auto clipped = track.clipped();
  if (!clipped) return {};
  if (static_cast<double>(clipped->second) / rate < from) return {};
  if (static_cast<double>(clipped->first) / rate > to) return {};
  return "samples " + std::to_string(clipped->first) + " to " + std::to_string(clipped->second) +
         " of " + track.channel().name + ": clipped";
}

std::string unusable(const Seen& s, double from) {
  if (!s.track.continuous()) return "it needs a capture without segments";
  return clipped_in(s.track, from, s.to, s.seen.info->rate.hertz());
}

// An interval about a root stays at zero where the square might be negative.
double debiased(const SpectralLine& line) {
  return std::sqrt(std::max(0.0, line.amplitude * line.amplitude - 2 * line.u * line.u));
}

Measured cross_axis(const QuantityName& what, const Observation& seen, const MotionTrack& one,
                    const MotionTrack& other, const Limit* limit) {
  const CaptureInfo& info = *seen.info;
  if (seen.sine == nullptr) return {.why_not = "it needs channel acceleration"};
  const double k = std::fabs(one.channel().scale / other.channel().scale);
  const double gains = std::hypot(one.channel().gain_u, other.channel().gain_u);
  Values values;
  double noise = 0;
  double value_with = 0;
  for (const SineWindow& w : seen.sine->windows()) {
    const Picos begin = info.armed_at + info.rate.time_of(w.first);
    const Picos end = info.armed_at + info.rate.time_of(w.end);
    if (begin < seen.from) continue;
    if (end > seen.to) break;
    if (w.bad_count > 0) {
      return {.why_not = in_words(w), .device_silent = w.bad == Bad::kOnlyNoise};
    }
    const double from = to_seconds(begin - info.armed_at);
    const double to = to_seconds(end - info.armed_at);
    for (const MotionTrack* track : {&one, &other}) {
      if (auto why = clipped_in(*track, from, to, info.rate.hertz()); !why.empty()) {
        return {.why_not = why};
      }
    }
    const double hertz = w.values[static_cast<std::size_t>(SineQuantity::kFrequency)].mean;
    const SpectralLine a = line_of(one, hertz, from, to);
    const SpectralLine b = line_of(other, hertz, from, to);
    if (!(b.amplitude > 5 * b.u)) return {.why_not = "no sine on " + what.second};
    const double x = 100 * k * debiased(a) / b.amplitude;
    values.add(x, begin, limit);
    const double square = a.amplitude * a.amplitude;
    const double least = square > 4 * a.u * a.u ? a.u : 0.5 * std::sqrt(square + 4 * a.u * a.u);
    noise = std::max(noise, 100 * k / b.amplitude * std::hypot(least, x / 100 / k * b.u));
    value_with = std::max(value_with, x);
  }
  if (values.count == 0) return {.why_not = "no whole window lies inside"};
  const Budget u = budget_of(what.statistic, values, Budget(Source::kNoise, noise),
                             1 / std::sqrt(static_cast<double>(values.count)));
  Budget with_gain = u;
  return measured(what, values, with_gain.add(Source::kGain, gains * value_with));
}

}  // namespace

bool is_of_a_motion(std::string_view quantity) {
  return std::ranges::find(kNames, quantity) != kNames.end();
}

Measured measure_motion(const QuantityName& what, const Observation& seen, const Limit* limit) {
  const auto track_of = [&seen](const std::string& channel) {
    return seen.motion == nullptr ? nullptr : seen.motion->motion(channel);
  };
  if (!what.first.empty()) {
    const MotionTrack* one = track_of(what.first);
    const MotionTrack* other = track_of(what.second);
    if (one == nullptr || other == nullptr) {
      return {.why_not =
                  "it needs the channels " + what.first + " and " + what.second + " in m/s2"};
    }
    if (!one->continuous()) return {.why_not = "it needs a capture without segments"};
    return cross_axis(what, seen, *one, *other, limit);
  }
  const MotionTrack* track = track_of("acceleration");
  if (track == nullptr) {
    return {.why_not = std::string(what.info->name) + " needs channel acceleration"};
  }
  const auto since = [&seen](Picos t) { return to_seconds(t - seen.info->armed_at); };
  const double length = track->time_of(static_cast<double>(track->points().size()));
  const Seen s{.what = what,
               .seen = seen,
               .track = *track,
               .hertz = frequency_of(seen.sine),
               .from = std::max(0.0, since(seen.from)),
               .to = std::min(length, since(seen.to)),
               .event = seen.event ? since(*seen.event) : 0};
  const std::string_view name = what.info->name;
  const double begin = name == "vibration.surge" ? s.event - kBeforeEvent : s.from;
  if (std::string why = unusable(s, begin); !why.empty()) return {.why_not = why};
  if (name == "vibration.largest") return largest(s);
  if (name == "vibration.stop_time") return stop_time(s);
  if (name == "vibration.ring_down") return decay(s);
  if (!s.hertz) return {.why_not = "no sine stands out of the noise", .device_silent = true};
  if (name == "vibration.overshoot") return overshoot(s);
  if (name == "vibration.surge") return surge(s);
  return ramp(s);
}

}  // namespace rig
