#include "rig/run/safe_state.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "rig/core/error.h"

namespace rig {
namespace {

constexpr Picos kSettle = std::chrono::milliseconds(50);  // from the stop; then nothing may flow
constexpr double kSafeCurrent = 2e-3;  // A: 2 % of the largest output, facts of the device class
constexpr double kSafeTime = 0.2;      // s: from the command, or from what ended the rig
// Of a vibrator, which has no current through anybody: what nobody feels, and when it has to be so,
// after the ramp that was set (facts of the device class: stop time below 1 s).
constexpr double kStill = 0.1;  // m/s2, peak
constexpr double kStillTime = 1;
constexpr Picos kLookAtRest = std::chrono::milliseconds(400);
constexpr Picos kSlowToArm = std::chrono::milliseconds(100);  // the stop would be over by then
constexpr Picos kUntilStop =
    std::chrono::milliseconds(400);  // from armed until it is sent, at most
constexpr const char* kTooLate = "nothing flowed any more when the digitizer began to look";

// The digitizer, the stop, and how many seconds before the stop something ended.
struct Look {
  CaptureSetup setup;
  CaptureInfo info;
  Picos stopped{};
  Picos since{};

  bool came_late() const { return info.armed_at > stopped; }
  Picos begun() const { return std::max(info.armed_at, stopped); }
};

// As fine as the output that was set allows: what a coarse range calls zero may be 2 mA.
void choose_range(const Session& session, CaptureSetup& setup) {
  const auto amplitude = session.settings.find("amplitude");
  const auto& channels = session.bench.facts.channels;
  const auto current = std::ranges::find(channels, "current", &Channel::name);
  if (amplitude == session.settings.end() || current == channels.end()) return;
  const double range = std::max(1.5 * amplitude->second, 2 * kSafeCurrent);
  if (range <= std::fabs(current->scale * current->clip_low)) setup.ranges["current"] = range;
}

// A pass has to be able to fail.
void doubt_unseen(Finding& finding, const CaptureInfo& info, double limit) {
  if (finding.verdict != Verdict::kPass) return;
  if (!info.integrity_proven) {
    finding.reason = "the digitizer cannot prove that no sample was lost";
  } else if (finding.measured->k * finding.measured->u > limit) {
    finding.reason = "the digitizer cannot resolve this limit";
  } else {
    return;
  }
  finding.verdict = Verdict::kInconclusive;
}

// The instant of the last output in a capture, and whether any of it lies after `from`.
struct Quiet {
  Picos last{};
  Picos from{};
};
Quiet quiet_after(const Look& look, const ObservedCapture& observed) {
  Quiet quiet{.last = look.begun(), .from = std::max(look.stopped + kSettle, look.info.armed_at)};
  observed.pulses().visit([&quiet](const Pulse& pulse) {
    quiet.last = std::max(quiet.last, pulse.active_end);
    const bool goes_on = pulse.active_begin < quiet.from && pulse.active_end > quiet.from;
    if (goes_on) quiet.from = pulse.active_begin;
  });
  return quiet;
}

// What is told where the end of the output was not seen, for the digitizer began to look later.
enum class Told : std::uint8_t { kAsSeen, kAsBound };

Finding time_to_zero(double seconds, const CaptureInfo& info, Told told, double most = kSafeTime) {
  const Limit limit{.low = {},
                    .high = most,
                    .unit = "s",
                    .text = "<= " + in_words(most, "s"),
                    .requirement = {},
                    .rule = DecisionRule::kSimple};
  const Measurement time{.name = "safe_state.time_to_zero",
                         .value = seconds,
                         .u = std::hypot(info.alignment_u, 1 / info.rate.hertz()),
                         .unit = "s",
                         .statistic = "last",
                         .count = 1,
                         .lowest = seconds,
                         .highest = seconds};
  Finding finding = judge(time, limit);
  finding.quantity = "safe_state.time_to_zero";
  if (told == Told::kAsBound) finding.found.insert(0, "at most ");
  return finding;
}

CaptureSetup setup_of_current(Session& session) {
  const double period =
      1.0 / std::max(1.0, session.settings.contains("rate") ? session.settings["rate"] : 1.0);
  CaptureSetup setup{.name = "safe_state", .channels = {"current"}, .rate = {200'000, 1}};
  setup.length =
      kSettle + std::max(Picos(std::chrono::milliseconds(60)), from_seconds(1.2 * period));
  choose_range(session, setup);
  return setup;
}

void complete(const Look& look, Session& session, ObservedCapture& observed) {
  try {
    complete_capture(look.setup, session, observed);
    check_length(look.setup, observed);
  } catch (const RigError& error) {
    throw RigError(std::string("safe state not measured: ") + error.what());
  }
}

void measure_safe_state(const Look& look, Session& session, StepRecord& step) {
  const CaptureInfo& info = look.info;
  ObservedCapture observed(info, {}, nullptr);
  complete(look, session, observed);
  const Quiet quiet = quiet_after(look, observed);
  const Observation seen{.info = &info,
                         .totals = &observed.totals(),
                         .pulses = &observed.pulses(),
                         .from = quiet.from,
                         .to = observed.end(),
                         .event = {}};
  const Limit limit{.low = {},
                    .high = kSafeCurrent,
                    .unit = "A",
                    .text = "<= 2 mA",
                    .requirement = {},
                    .rule = DecisionRule::kSimple};
  const Measured m = measure(*find_quantity("current.peak"), seen, &limit);
  if (!m.value) throw RigError("safe state not measured: " + m.why_not);
  Finding finding = judge(*m.value, limit);
  finding.quantity = "safe_state.current";
  doubt_unseen(finding, info, kSafeCurrent);
  step.findings.push_back(std::move(finding));
  const bool unseen = quiet.last == info.armed_at && look.came_late();
  Finding time = time_to_zero(to_seconds(look.since + quiet.last - look.stopped), info,
                              unseen ? Told::kAsBound : Told::kAsSeen);
  if (!info.integrity_proven) doubt_unseen(time, info, kSafeCurrent);
  if (time.verdict == Verdict::kFail && unseen) {
    time.verdict = Verdict::kInconclusive;
    time.reason = kTooLate;
  }
  step.findings.push_back(std::move(time));
}

bool vibrates(const Session& session) {
  const auto& channels = session.bench.facts.channels;
  const auto has = [&channels](const char* name) {
    return std::ranges::find(channels, name, &Channel::name) != channels.end();
  };
  return !has("current") && has("acceleration");
}

double time_to_stillness(const Session& session) {
  const auto ramp = session.settings.find("ramp_down");
  return kStillTime + (ramp == session.settings.end() ? 0 : ramp->second);
}

CaptureSetup setup_of_motion(const Session& session) {
  return {.name = "safe_state",
          .channels = {"acceleration"},
          .rate = {5000, 1},
          .length = from_seconds(time_to_stillness(session)) + kLookAtRest};
}

// The platform at rest, and since when.
void measure_stillness(const Look& look, Session& session, StepRecord& step) {
  const double allowed = time_to_stillness(session);
  const CaptureInfo& info = look.info;
  ObservedCapture observed(info, {}, nullptr);
  complete(look, session, observed);
  Observation seen{.info = &info,
                   .totals = &observed.totals(),
                   .pulses = &observed.pulses(),
                   .sine = observed.sine(),
                   .motion = &observed,
                   .from = observed.end() - kLookAtRest,
                   .to = observed.end(),
                   .event = look.begun(),
                   .still = kStill};
  const Limit limit{.low = {},
                    .high = kStill,
                    .unit = "m/s2",
                    .text = "<= 0.1 m/s2 peak",
                    .requirement = {},
                    .rule = DecisionRule::kSimple};
  const Measured rest = measure(*find_quantity("vibration.largest"), seen, &limit);
  if (!rest.value) throw RigError("safe state not measured: " + rest.why_not);
  Finding finding = judge(*rest.value, limit);
  finding.quantity = "safe_state.acceleration";
  doubt_unseen(finding, info, kStill);
  step.findings.push_back(std::move(finding));
  const Measured moved = measure(*find_quantity("vibration.stop_time"), seen, nullptr);
  if (!moved.value && !moved.device_silent) {
    throw RigError("safe state not measured: " + moved.why_not);
  }
  const double late = moved.value ? moved.value->value : 0;
  const Picos begun = look.since + look.begun() - look.stopped;
  const bool unseen = late == 0 && look.came_late();
  Finding time = time_to_zero(to_seconds(begun) + late, info,
                              unseen ? Told::kAsBound : Told::kAsSeen, allowed);
  if (!info.integrity_proven) doubt_unseen(time, info, kStill);
  if (time.verdict == Verdict::kFail && !moved.value && look.came_late()) {
    time.verdict = Verdict::kInconclusive;
    time.reason = "nothing moved any more when the digitizer began to look";
  }
  step.findings.push_back(std::move(time));
}

// Where it takes long, or nobody knows how long.
std::optional<CaptureInfo> arm_before_stop(const CaptureSetup& setup, Session& session) {
  try {
    const CaptureInfo info = arm(setup, session);
    if (*session.arming > kSlowToArm) return info;
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the stop comes first
  }
  return {};
}

void look_at_stop(Look look, std::optional<CaptureInfo> armed, Session& session, StepRecord& step) {
  look.stopped = session.bench.clock->now();
  std::string trouble;
  try {
    session.device.command("stop");
  } catch (const RigError& error) {  // a broken link does not keep the digitizer from looking
    trouble = error.what();
  }
  session.output_commanded = false;
  if (trouble.empty()) session.recorder.output(false, session.settings);
  look.info = armed ? *armed : arm(look.setup, session);
  if (vibrates(session)) {
    measure_stillness(look, session, step);
  } else {
    measure_safe_state(look, session, step);
  }
  if (!trouble.empty()) throw RigError(trouble);
}

CaptureSetup setup_of(Session& session) {
  return vibrates(session) ? setup_of_motion(session) : setup_of_current(session);
}

}  // namespace

void stop_and_measure(Session& session, StepRecord& step, Picos since) {
  look_at_stop({.setup = setup_of(session), .info = {}, .since = since}, {}, session, step);
}

void watch_stop(Session& session, StepRecord& step) {
  if (session.arming && *session.arming <= kSlowToArm) {
    return stop_and_measure(session, step, Picos(0));
  }
  Look look{.setup = setup_of(session), .info = {}};
  CaptureSetup longer = look.setup;
  longer.length += kUntilStop;
  const auto armed = arm_before_stop(longer, session);
  if (armed) look.setup = longer;
  look_at_stop(std::move(look), armed, session, step);
}

}  // namespace rig
