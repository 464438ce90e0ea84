#include "rig/measure/sine_quantities.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "rig/measure/evaluate.h"

namespace rig {
namespace {

// In the order of SineQuantity.
constexpr std::array<std::string_view, kSineQuantities> kNames{
    "vibration.frequency", "vibration.peak",      "vibration.peak_to_peak", "vibration.rms",
    "vibration.thd",       "vibration.offset",    "vibration.displacement", "vibration.harmonic2",
    "vibration.harmonic3", "vibration.harmonic4", "vibration.harmonic5",    "vibration.weighted"};
// Of all windows together.
constexpr std::string_view kDrift = "vibration.drift";
constexpr std::string_view kExposure = "vibration.exposure_8h";
constexpr double kWorkingDay = 8 * 3600;  // s

struct Over {
  SineWindow::Pooled all;
  double first = 0;
  double last = 0;
  double deciding = 0;
  double least = std::numeric_limits<double>::infinity();
  std::uint64_t at = 0;

  double sd() const {
    return all.count > 1 ? std::sqrt(all.m2 / static_cast<double>(all.count - 1)) : 0;
  }
  // Few windows do not show their scatter.
  Budget mean_u() const {
    const auto n = static_cast<double>(all.count);
    Budget u(Source::kScale, all.common_u);
    if (all.count < kFewestForScatter) return u.add(Source::kNoise, all.random_u / std::sqrt(n));
    return u.add(Source::kScatter, sd() / std::sqrt(n), n - 1);
  }

  void add(const SineWindow::Pooled& w, const Limit* limit, std::uint64_t sample) {
    if (all.count == 0) first = w.mean;
    last = w.mean;
    for (const double x : {w.lowest, w.highest}) {
      if (margin_to(limit, x) >= least) continue;
      least = margin_to(limit, x);
      deciding = x;
      at = sample;
    }
    const auto a = static_cast<double>(all.count);
    const auto b = static_cast<double>(w.count);
    const double delta = w.mean - all.mean;
    all.lowest = all.count == 0 ? w.lowest : std::min(all.lowest, w.lowest);
    all.highest = all.count == 0 ? w.highest : std::max(all.highest, w.highest);
    all.mean += delta * b / (a + b);
    all.m2 += w.m2 + delta * delta * a * b / (a + b);
    all.count += w.count;
    all.random_u = std::max(all.random_u, w.random_u);
    all.common_u = std::max(all.common_u, w.common_u);
  }
};

// What the quantities of all windows rest on.
std::size_t index_of(std::string_view name) {
  if (name == kDrift) name = "vibration.peak";
  if (name == kExposure) name = "vibration.weighted";
  return static_cast<std::size_t>(std::ranges::find(kNames, name) - kNames.begin());
}

// The line of least squares through equally sure values.
class Trend {
 public:
  void add(double t, double y) {
    ++n_;
    const double dt = t - t_;
    const double dy = y - y_;
    t_ += dt / n_;
    y_ += dy / n_;
    tt_ += dt * (t - t_);
    ty_ += dt * (y - y_);
    yy_ += dy * (y - y_);
    first_ = n_ == 1 ? t : first_;
    last_ = t;
  }
  double count() const { return n_; }
  double mean() const { return y_; }
  // From the first value to the last, and its standard deviation by the scatter about the line.
  double change() const { return ty_ / tt_ * (last_ - first_); }
  double change_u() const {
    const double rest = std::max(0.0, yy_ - ty_ * ty_ / tt_);
    return std::sqrt(rest / (n_ - 2) / tt_) * (last_ - first_);
  }
  double change_u_of(double one_u) const { return one_u / std::sqrt(tt_) * (last_ - first_); }

 private:
  double n_ = 0;
  double t_ = 0;
  double y_ = 0;
  double tt_ = 0;
  double ty_ = 0;
  double yy_ = 0;
  double first_ = 0;
  double last_ = 0;
};

Measured whole(const QuantityName& what, double value, const Budget& u, const Over& over,
               const CaptureInfo& info) {
  Measurement m{.name = std::string(what.info->name),
                .value = value,
                .unit = std::string(what.info->unit),
                .statistic = "window",
                .count = over.all.count,
                .lowest = value,
                .highest = value,
                .at = info.armed_at + info.rate.time_of(over.at)};
  give(m, u);
  return {.value = std::move(m)};
}

Measured drift(const QuantityName& what, const Over& over, const Trend& line,
               const CaptureInfo& info) {
  if (line.count() < 3) return {.why_not = "a drift needs 3 windows"};
  const double percent = 100 / line.mean();
  // Few windows do not show their scatter; gain and clock have no part in it.
  Budget u;
  if (line.count() < kFewestForScatter + 1) {
    u.add(Source::kNoise, percent * line.change_u_of(over.all.random_u));
  } else {
    u.add(Source::kScatter, percent * line.change_u(), line.count() - 2);
  }
  return whole(what, percent * line.change(), u, over, info);
}

// As if the rest of eight hours were still.
Measured exposure(const QuantityName& what, const Over& over, double dose,
                  const CaptureInfo& info) {
  const double value = std::sqrt(dose / kWorkingDay);
  const double relative =
      std::hypot(over.all.common_u,
                 over.all.random_u / std::sqrt(static_cast<double>(over.all.count))) /
      over.all.mean;
  return whole(what, value, Budget(Source::kScale, relative * value), over, info);
}

Measurement taken(const QuantityName& what, const Over& over, const CaptureInfo& info) {
  Measurement m{.name = std::string(what.info->name),
                .value = over.deciding,
                .unit = std::string(what.info->unit),
                .statistic = std::string(statistic_name(what.statistic)),
                .count = over.all.count,
                .lowest = over.all.lowest,
                .highest = over.all.highest,
                .at = info.armed_at + info.rate.time_of(over.at)};
  Budget u = Budget(Source::kScale, over.all.common_u).add(Source::kNoise, over.all.random_u);
  switch (what.statistic) {
    case Statistic::kEvery: break;
    case Statistic::kMin: m.value = over.all.lowest; break;
    case Statistic::kMax: m.value = over.all.highest; break;
    case Statistic::kFirst: m.value = over.first; break;
    case Statistic::kLast: m.value = over.last; break;
    case Statistic::kMean:
      m.value = over.all.mean;
      u = over.mean_u();
      break;
    case Statistic::kSd: {
      m.value = over.sd();
      const double n = static_cast<double>(over.all.count) - 1;
      u = Budget().add(Source::kScatter, m.value / std::sqrt(2 * n), n);  // GUM E.4.3
      break;
    }
  }
  give(m, u);
  if (what.statistic != Statistic::kEvery) m.name += "." + m.statistic;
  return m;
}

}  // namespace

bool is_of_a_sine(std::string_view quantity) {
  return quantity == kDrift || quantity == kExposure ||
         std::ranges::find(kNames, quantity) != kNames.end();
}

Measured measure_sine(const QuantityName& what, const Observation& seen, const Limit* limit) {
  if (seen.sine == nullptr) {
    return {.why_not = std::string(what.info->name) + " needs channel acceleration"};
  }
  const CaptureInfo& info = *seen.info;
  const std::size_t q = index_of(what.info->name);
  Over over;
  Trend line;
  double dose = 0;  // integral of the square
  for (const SineWindow& w : seen.sine->windows()) {
    if (info.armed_at + info.rate.time_of(w.first) < seen.from) continue;
    if (info.armed_at + info.rate.time_of(w.end) > seen.to) break;
    if (w.bad_count > 0) {
      return {.why_not = in_words(w), .device_silent = w.bad == SineWindow::Bad::kOnlyNoise};
    }
    const SineWindow::Pooled& value = w.values[q];
    if (value.count == 0) return {.why_not = "the samples do not carry that harmonic"};
    over.add(value, limit, w.first);
    const double begin = to_seconds(info.rate.time_of(w.first));
    const double end = to_seconds(info.rate.time_of(w.end));
    line.add(0.5 * (begin + end), value.mean);
    dose += (end - begin) * (value.mean * value.mean + value.m2 / static_cast<double>(value.count));
  }
  if (over.all.count == 0) {
    return {.why_not = "no whole window of " + rig::in_words(seen.sine->window_length(), "s") +
                       " lies inside"};
  }
  if (what.statistic == Statistic::kSd && over.all.count < 2) {
    return {.why_not = "one window has no scatter"};
  }
  if (what.info->name == kDrift) return drift(what, over, line, info);
  if (what.info->name == kExposure) return exposure(what, over, dose, info);
  return {.value = taken(what, over, info)};
}

Summary summarise_sine(const SineTrack& track) {
  Summary summary;
  std::string doubt;
  std::size_t bad = 0;
  for (const SineWindow& w : track.windows()) {
    if (w.bad_count > 0 && bad == 0) doubt = in_words(w);
    bad += w.bad_count;
  }
  if (bad > 1) doubt += ", and " + std::to_string(bad - 1) + " more windows";
  const bool of_acceleration = track.channel().unit == "m/s2";
  for (std::size_t q = 0; q < kSineQuantities; ++q) {
    const QuantityInfo* info = find_quantity(kNames[q])->info;
    Over over;
    for (const SineWindow& w : track.windows()) {
      if (w.values[q].count > 0) over.add(w.values[q], nullptr, w.first);
    }
    if (over.all.count == 0) {
      const char* why =
          track.windows().empty() ? "the record is too short" : "the samples do not carry it";
      summary.not_measured.push_back({info, doubt.empty() ? why : doubt});
    } else if ((kNames[q] == "vibration.displacement" || kNames[q] == "vibration.weighted") &&
               !of_acceleration) {
      summary.not_measured.push_back({info, "it needs an acceleration in m/s2"});
    } else {
      summary.measured.push_back({.info = info,
                                  .name = std::string(info->name),
                                  .n = over.all.count,
                                  .mean = over.all.mean,
                                  .sd = over.sd(),
                                  .lowest = over.all.lowest,
                                  .highest = over.all.highest,
                                  .u = over.mean_u().u(),
                                  .doubt = doubt});
    }
  }
  return summary;
}

}  // namespace rig
