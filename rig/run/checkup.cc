#include "rig/run/checkup.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "rig/core/error.h"
#include "rig/core/verdict.h"
#include "rig/run/load_check.h"
#include "rig/run/safe_state.h"
#include "rig/run/session.h"
#include "rig/run/zero_check.h"

namespace rig {
namespace {

using State = Check::State;

constexpr int kTrips = 20;
constexpr double kSlowLink = 15e-3;  // s: an FTDI chip's latency timer of 16 ms shows
constexpr int kSoon = 30;            // days
constexpr SampleRate kIdleRate{100'000, 1};
constexpr Picos kIdle = std::chrono::milliseconds(100);
constexpr Picos kDrift = std::chrono::seconds(10);  // shorter, the frames of USB hide the clock
constexpr double kThreshold = 1e-3;        // A: what scenarios take for output unless they say
constexpr double kFarOut = 8;              // standard deviations that noise does not reach
constexpr double kPeriod = 0.02;           // s
constexpr std::size_t kFewestPulses = 40;  // in a second, the start and the record's edges off
constexpr double kClockAgrees = 1e-3;
constexpr double kNothing = 1e-6;   // of a code: what adding numbers leaves
constexpr double kTellsLoad = 0.5;  // of the load: half of it, or twice, would show

class Checkup {
 public:
  Checkup(Session& session, const CheckupOptions& options)
      : session_(session), facts_(session.bench.facts), options_(options) {}

  std::vector<Check> all() {
    const bool answers = look("device", [this](Check& c) { identify(c); });
    if (answers) look("link", [this](Check& c) { time_link(c); });
    look("calibration", [this](Check& c) { date(c); });
    idle();
    look("ends of the output", [this](Check& c) { count_ends(c); });
    if (!options_.energise) {
      add({"load and clock", State::kAttention, "not looked at: that needs output",
           "rig doctor --energise, with the load connected and never a person"});
    } else if (answers) {
      energised();
    }
    return std::move(checks_);
  }

 private:
  void add(Check check) { checks_.push_back(std::move(check)); }

  // Returns whether it was good.
  template <typename Look>
  bool look(std::string name, Look at) {
    Check check{.name = std::move(name), .state = State::kGood, .found = {}, .cure = {}};
    try {
      at(check);
    } catch (const Interrupted&) {
      throw;
    } catch (const std::runtime_error& error) {  // RigError, Blocked, DeviceSilent
      check.state = State::kBad;
      check.found = error.what();
    }
    add(check);
    return check.state != State::kBad;
  }

  void identify(Check& c) { c.found = wait_for_boot(session_); }

  void time_link(Check& c) {
    std::array<double, kTrips> took{};
    for (double& t : took) {
      const Picos begun = session_.bench.clock->now();
      session_.device.identify();
      t = to_seconds(session_.bench.clock->now() - begun);
    }
    std::ranges::sort(took);
    c.found = "a question and its answer take " + in_words(took[kTrips / 2], "s") + ", at most " +
              in_words(took.back(), "s") + " of " + std::to_string(kTrips);
    if (took.front() < kSlowLink) return;
    c.state = State::kAttention;
    c.cure = "a USB serial adapter may hold bytes back: set its latency timer to 1 ms";
  }

  void date(Check& c) {
    const auto& until = facts_.custody.calibrated_until;
    if (!until) {
      c.state = State::kAttention;
      c.found = "the bench file names no day until which the digitizer is calibrated";
      c.cure = "calibrated_until: YYYY-MM-DD in the bench file";
      return;
    }
    const auto left = (*until - options_.today).count();
    c.found = left < 0 ? "ended " + std::to_string(-left) + " days ago"
                       : "good for " + std::to_string(left) + " days";
    if (left < 0) c.state = State::kBad;
    if (left >= 0 && left < kSoon) c.state = State::kAttention;
    if (left < kSoon) c.cure = "have the digitizer calibrated";
  }

  // Zero and noise without output, and what the digitizer says about its samples.
  void idle() {
    CaptureSetup setup{.name = "idle", .rate = kIdleRate, .length = kIdle};
    for (const Channel& c : facts_.channels) {
      if (c.unit != "logic") setup.channels.push_back(c.name);
    }
    look("digitizer", [&](Check& c) {
      const bool analogue = !setup.channels.empty();
      for (const Channel& channel : facts_.channels) {
        if (!analogue) setup.channels.push_back(channel.name);
      }
      const IdleCapture seen = capture_idle(session_, setup);
      describe(c, seen.info);
      if (!analogue) throw RigError("it has no analogue channel");
      for (std::size_t k = 0; k < seen.info.channels.size(); ++k) {
        zero(seen.info.channels[k], seen.levels[k]);
      }
    });
    if (!session_.bench.digitizer->clock_fit()) return;
    setup.length = kDrift;
    look("clock of the digitizer", [&](Check& c) { drift(c, setup); });
  }

  // Against the host's.
  void drift(Check& c, const CaptureSetup& setup) {
    const CaptureInfo info = capture_idle(session_, setup).info;
    const auto fit = session_.bench.digitizer->clock_fit();
    if (!fit) throw RigError("no block came");
    c.found = "gains " + in_words(1e6 * fit->drift, "ppm") + " +- " +
              in_words(2e6 * fit->drift_u, "ppm") + " on the host's in " +
              in_words(to_seconds(kDrift), "s") + "; a block is " + in_words(fit->offset, "s") +
              " on its way, at least; lost data may not show below " + in_words(fit->blind, "s");
    if (std::fabs(fit->drift) <= 2 * (fit->drift_u + info.rate_u)) return;
    c.state = State::kAttention;
    c.cure = "its data sheet says " + in_words(1e6 * info.rate_u, "ppm") +
             ": hold both clocks against a known one";
  }

  static void describe(Check& c, const CaptureInfo& info) {
    c.found = in_words(info.rate.hertz(), "Hz") + " known to " +
              in_words(1e6 * info.rate_u, "ppm") + "; an instant of the host is known to " +
              in_words(info.alignment_u, "s");
    if (info.integrity_proven) return;
    c.state = State::kAttention;
    c.found += "; it does not prove that no sample is lost";
    c.cure = "nothing can pass on it";
  }

  void zero(const Channel& channel, const IdleLevel& level) {
    Check c{.name = "zero of " + channel.name, .state = State::kGood, .found = {}, .cure = {}};
    const double noise = level.deviation() * std::fabs(channel.scale);
    const double mean = channel.value_of(level.mean());
    const bool rounded = std::fabs(mean) < kNothing * channel.step();
    c.found = in_words(rounded ? 0 : mean, channel.unit) + ", noise " +
              in_words(noise, channel.unit) + " r.m.s.; its offset is known to " +
              in_words(channel.offset_u, channel.unit);
    if (!is_zero(channel, level)) {
      c.state = State::kBad;
      c.cure = "zero the input without the device, look for a ground loop, or state offset_u";
    } else if (channel.name == "current" && kFarOut * noise > kThreshold) {
      c.state = State::kAttention;
      c.cure = "noise may be taken for output: a smaller range, or a threshold above " +
               in_words(kFarOut * noise, channel.unit) + " in the captures";
    }
    add(c);
  }

  void count_ends(Check& c) {
    c.found = "the device's own stop";
    if (facts_.capabilities.contains("load.open")) c.found += ", opening the load";
    if (facts_.capabilities.contains("power")) c.found += ", taking its power away";
    if (c.found.find(',') != std::string::npos) return;
    c.state = State::kAttention;
    c.found += " alone";
    c.cure = "a load box or a supply that the rig can switch";
  }

  void energised() {
    std::optional<ObservedCapture> seen;
    const bool good = look("output", [&](Check& c) {
      weak_pulses(seen);
      c.found = std::to_string(seen->pulses().size()) + " pulses of 5 mA";
      if (seen->pulses().size() >= kFewestPulses) return;
      c.state = State::kBad;
      c.found += ", expected some 50";
      c.cure = "look at the wire of the channel current, its factor and its range";
    });
    if (session_.output_commanded) session_.device.command("stop");
    if (!good || !seen) return;
    look("load", [&](Check& c) { load(c, *seen); });
    look("clock", [&](Check& c) { clock(c, *seen); });
  }

  void require(const Answer& answer, const std::string& what) {
    if (answer.word == "ok") return;
    throw RigError(what + ": expected ok, the device answers " + answer.word);
  }

  void weak_pulses(std::optional<ObservedCapture>& seen) {
    for (const auto& [name, value] : {std::pair{"amplitude", 5e-3},
                                      {"width", 200e-6},
                                      {"gap", 100e-6},
                                      {"rate", 1 / kPeriod}}) {
      require(session_.device.set(name, value), std::string("set ") + name);
      session_.settings[name] = value;
    }
    CaptureSetup setup{.name = "weak", .rate = {1'000'000, 1}, .length = std::chrono::seconds(1)};
    for (const Channel& c : facts_.channels) {
      if (c.name == "current" || c.name == "voltage") setup.channels.push_back(c.name);
      if (c.name == "current") setup.ranges[c.name] = 10e-3;
      if (c.name == "voltage") setup.ranges[c.name] = std::max(1.0, 10e-3 * facts_.load.si());
    }
    const CaptureInfo info = arm(setup, session_);
    seen.emplace(info, PulseCriteria{}, nullptr);
    require(session_.device.command("start"), "start");
    session_.output_commanded = true;
    live_until(session_, info.armed_at + setup.length, &*seen);
    complete_capture(setup, session_, *seen);
    seen->touch(session_.contact);
    StepRecord off;
    watch_stop(session_, off);
    for (const Finding& f : off.findings) {
      if (f.verdict != Verdict::kPass) throw RigError(f.quantity + ": found " + f.found);
    }
  }

  static std::string no_load(const ObservedCapture& seen) {
    if (!(seen.contact().load > 0)) return "not told: the bench names no plain resistor";
    for (const char* name : {"current", "voltage"}) {
      if (std::ranges::find(seen.info().channels, name, &Channel::name) ==
          seen.info().channels.end()) {
        return std::string("not told: it needs the channels current and voltage, and the bench ") +
               "has no " + name;
      }
    }
    return "not told: no pulse of the output was seen whole and unclipped";
  }

  void load(Check& c, const ObservedCapture& seen) {
    const double load = seen.contact().load;
    const std::optional<SeenLoad> found = seen_load(seen);
    if (!found) throw RigError(no_load(seen));
    if (const std::string why = load_contradiction(seen); !why.empty()) throw RigError(why);
    c.found = in_words(found->ohms, "ohm") + ", the bench says " + in_words(load, "ohm");
    if (found->off_by < kTellsLoad * load) return;
    c.state = State::kAttention;
    c.found += "; these pulses tell it to " + in_words(found->off_by, "ohm") + " only";
    c.cure = "smaller ranges of the channels current and voltage";
  }

  // Two clocks that are wrong alike do not show it; one of them alone does.
  void clock(Check& c, const ObservedCapture& seen) {
    const Observation all{.info = &seen.info(),
                          .totals = &seen.totals(),
                          .pulses = &seen.pulses(),
                          .from = seen.info().armed_at,
                          .to = seen.end(),
                          .event = {}};
    const Measured m = measure(*find_quantity("period.mean"), all, nullptr);
    if (!m.value) throw RigError("no period: " + m.why_not);
    const double off = m.value->value / kPeriod - 1;
    c.found = "a period of " + in_words(kPeriod, "s") + " is " + in_words(1e6 * off, "ppm") +
              " off by the digitizer's clock";
    if (std::fabs(off) <= kClockAgrees) return;
    c.state = State::kBad;
    c.cure = "the device's clock or the digitizer's is wrong; hold it against a known generator";
  }

  Session& session_;
  const BenchFacts& facts_;
  const CheckupOptions& options_;
  std::vector<Check> checks_;
};

}  // namespace

std::vector<Check> check_up(Bench& bench, const CheckupOptions& options) {
  const auto device = make_stimulator(bench.facts, *bench.link, *bench.clock);
  NoRecorder nowhere;
  const CaseRecord of;
  Session session{.bench = bench,
                  .device = *device,
                  .recorder = nowhere,
                  .record = of,
                  .interrupted = options.interrupted,
                  .begun = bench.clock->now()};
  try {
    return Checkup(session, options).all();
  } catch (const Interrupted&) {
    session.device.command("stop");
    throw;
  }
}

}  // namespace rig
