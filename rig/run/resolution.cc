#include "rig/run/resolution.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace rig {
namespace {

constexpr std::size_t kPulses = 8;  // of the train that stands for the one to come

// Identical pulses as the settings ask for them.
class NominalTrain final : public PulseSource {
 public:
  NominalTrain(const std::map<std::string, double>& settings, double step, double ohms, double code)
      : period_(1 / of(settings, "rate", 40)) {
    const double width = of(settings, "width", 200e-6);
    const double gap = of(settings, "gap", 0);
    const double amps = of(settings, "amplitude", 20e-3);
    pulse_.first = phase(0, width, amps, step);
    pulse_.second = phase(width + gap, width, -amps, step);
    pulse_.phases = 2;
    pulse_.gap = gap;
    pulse_.duration = 2 * width + gap;
    pulse_.noise = code;  // enough to average over the converter's steps
    pulse_.current_peak = amps;
    pulse_.square = 2 * amps * amps * width;
    pulse_.energy = ohms * pulse_.square;
    pulse_.voltage_peak = ohms * amps;
    pulse_.edge_u = pulse_.edge_common_u = step / std::sqrt(12.0);
    pulse_.samples = static_cast<std::uint32_t>(pulse_.duration / step);
    pulse_.baseline_samples = 256;
  }

  void visit(const std::function<void(const Pulse&)>& each) const override {
    for (std::size_t k = 0; k < kPulses; ++k) {
      const Picos moved = from_seconds(static_cast<double>(k) * period_);
      Pulse pulse = pulse_;
      pulse.first.begin += moved;
      pulse.second.begin += moved;
      pulse.active_begin = pulse.first.begin;
      pulse.active_end = pulse.first.begin + from_seconds(pulse.duration);
      each(pulse);
    }
  }

 private:
  static double of(const std::map<std::string, double>& settings, const char* name,
                   double otherwise) {
    const auto found = settings.find(name);
    return found == settings.end() || found->second <= 0 ? otherwise : found->second;
  }
  static Phase phase(double begin, double width, double amps, double step) {
    Phase p{.begin = from_seconds(begin), .width = width, .amplitude = amps};
    p.charge = amps * width;
    p.samples = static_cast<std::uint32_t>(width / step);
    p.plateau = static_cast<std::uint32_t>(0.8 * width / step);
    p.mode = p.peak = amps;
    p.rise = p.fall = p.settling = step;
    p.overshoot = p.undershoot = p.preshoot = p.aftershoot = p.droop = 0;
    return p;
  }

  double period_;
  Pulse pulse_;
};

class Walk {
 public:
  explicit Walk(const BenchFacts& facts) : facts_(facts) {}

  void over(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (const auto* set = std::get_if<SetStep>(&step.action);
          set != nullptr && step.answer == "ok") {
        for (const auto& [name, value] : set->values) settings_[name] = value;
      } else if (const auto* capture = std::get_if<std::shared_ptr<CaptureStep>>(&step.action)) {
        over((*capture)->during);
        captures_[(*capture)->setup.name] = &(*capture)->setup;
      } else if (const auto* expect = std::get_if<ExpectStep>(&step.action)) {
        const auto setup = captures_.find(expect->capture);
        if (setup == captures_.end()) continue;
        for (const Expectation& e : expect->expectations) hold(e, *setup->second);
      }
    }
  }

  std::vector<Resolution> found;

 private:
  CaptureInfo info_of(const CaptureSetup& setup) const {
    CaptureInfo info{.name = setup.name, .rate = setup.rate};
    for (const Channel& channel : facts_.channels) {
      if (std::ranges::find(setup.channels, channel.name) == setup.channels.end()) continue;
      info.channels.push_back(channel);
      const auto range = setup.ranges.find(channel.name);
      const double widest = std::fabs(channel.scale * channel.clip_low);
      if (range != setup.ranges.end() && widest > 0) {
        info.channels.back().scale *= std::min(1.0, range->second / widest);
      }
    }
    return info;
  }

  void hold(const Expectation& e, const CaptureSetup& setup) {
    if (!e.measured || std::holds_alternative<Word>(e.limit.what)) return;
    const Limit limit = resolve(e.limit, settings_, e.measured->info->unit);
    const CaptureInfo info = info_of(setup);
    const double step = 1 / info.rate.hertz();
    const auto current = std::ranges::find(info.channels, "current", &Channel::name);
    const NominalTrain train(settings_, step, facts_.load.si(),
                             current == info.channels.end() ? 0 : std::fabs(current->scale));
    const CaptureTotals totals{.samples = 1};
    const Measured measured = measure(*e.measured,
                                      {.info = &info,
                                       .totals = &totals,
                                       .pulses = &train,
                                       .to = std::chrono::hours(1),
                                       .load = facts_.load.si(),
                                       .load_u = facts_.load_u},
                                      nullptr);
    if (!measured.value || !(measured.value->u > 0)) return;
    const double expanded = measured.value->k * measured.value->u;
    const double bound = limit.high ? *limit.high : limit.low.value_or(0);
    const double room = limit.low && limit.high
                            ? (*limit.high - *limit.low) / 2
                            : std::max(std::fabs(bound), std::fabs(measured.value->value - bound));
    found.push_back({.where = e.where,
                     .quantity = e.quantity,
                     .limit = limit.text,
                     .expanded = expanded,
                     .unit = limit.unit,
                     .ratio = room / expanded});
  }

  const BenchFacts& facts_;
  std::map<std::string, double> settings_;
  std::map<std::string, const CaptureSetup*> captures_;
};

}  // namespace

std::vector<Resolution> resolutions(const Scenario& scenario, const BenchFacts& facts) {
  Walk walk(facts);
  walk.over(scenario.steps);
  return std::move(walk.found);
}

}  // namespace rig
