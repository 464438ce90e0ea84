#include "rig/run/session.h"

#include <algorithm>
#include <exception>

#include "rig/bench/alive.h"
#include "rig/config/disturbances.h"
#include "rig/core/error.h"
#include "rig/run/load_check.h"

namespace rig {
namespace {

constexpr Picos kSlice = std::chrono::milliseconds(50);     // how often Ctrl-C is looked at
constexpr Picos kExchange = std::chrono::milliseconds(30);  // a sign of life and its answer
constexpr Picos kBoot = std::chrono::milliseconds(300);     // before anyone speaks to the device
constexpr Picos kBootLimit = std::chrono::seconds(3);       // until it has to have answered
constexpr Picos kSurelyOn = std::chrono::seconds(2);        // after a start, if nothing is done
constexpr Picos kPatience = std::chrono::seconds(5);        // with a digitizer that is not ready

// When the device is to hear from its host again; nullopt: never, it is off or the scenario is
// silent.
std::optional<Picos> next_sign(const Session& session) {
  if (session.heartbeat <= Picos(0) || !session.output_commanded) return {};
  return session.last_heartbeat + session.heartbeat;
}

void give_sign(Session& session) {
  session.device.command("keepalive");
  session.last_heartbeat = session.bench.clock->now();
}

void require_wanted(const Session& session) {
  if (session.interrupted()) throw Interrupted("interrupted");
}

// Ahead of the safe state, which comes once the instruments are free.
void stop_at_once(Session& session) {
  session.output_commanded = false;
  if (session.device.command("stop").word == "ok") {
    session.recorder.output(false, session.settings);
  }
}

void pass_time(Session& session, Picos when, ObservedCapture* capture) {
  while (session.bench.clock->now() < when) {
    alive();
    require_wanted(session);
    const Picos next = std::min(when, session.bench.clock->now() + kSlice);
    with_signs_of_life(session, when, [&] {
      if (capture != nullptr) session.bench.digitizer->collect(next, *capture);
      if (session.bench.clock->now() < next) session.bench.clock->wait_until(next);
    });
  }
}

void judge_answer(const Step& step, const std::string& what, const Answer& answer,
                  StepRecord& done) {
  if (step.answer == "any") return;
  Finding finding = judge_text("answer to " + what, answer.word, step.answer, step.requirement);
  if (finding.verdict == Verdict::kFail && !answer.arrived) {
    finding.reason = "no answer to " + what + ", expected " + step.answer;
  }
  done.findings.push_back(std::move(finding));
}

void label(const Step& step, Session& session, const Instant& instant) {
  if (!step.label.empty()) session.labels[step.label] = instant;
}

void label_sent(const Step& step, Session& session, const Answer& answer) {
  label(step, session,
        {answer.sent, session.bench.link->instant_u(), SyncChannel::Shows::kCommands});
}

std::optional<SyncChannel::Shows> kind_of(const Disturbance& what) {
  if (std::holds_alternative<Load>(what)) return SyncChannel::Shows::kLoads;
  if (std::holds_alternative<SupplyChange>(what)) return SyncChannel::Shows::kSupply;
  if (std::holds_alternative<ButtonChange>(what)) return SyncChannel::Shows::kButtons;
  return {};
}

void do_set(const Step& step, const SetStep& set, Session& session, StepRecord& done) {
  for (const auto& [name, value] : set.values) {
    const Answer answer = session.device.set(name, value);
    judge_answer(step, "set " + name, answer, done);
    label_sent(step, session, answer);
    if (answer.word == "ok") session.settings[name] = value;
  }
}

void do_command(const Step& step, const CommandStep& command, Session& session,
                ObservedCapture* capture, StepRecord& done) {
  if (command.verb == "start") session.recorder.output(true, session.settings);
  const Answer answer = session.device.command(command.verb);
  if (command.verb == "stop" && answer.word == "ok") {
    session.recorder.output(false, session.settings);
  }
  if (command.verb == "start" && answer.word == "ok" && capture != nullptr) {
    capture->note_started();
  }
  judge_answer(step, command.verb, answer, done);
  label_sent(step, session, answer);
  session.last_heartbeat = session.bench.clock->now();
  if (command.verb == "start" && answer.word == "ok") session.on_since = session.last_heartbeat;
  if (command.verb == "start") session.output_commanded = true;
  if (command.verb == "stop") session.output_commanded = false;
}

void do_disturb(const Step& step, const DisturbStep& disturb, Session& session) {
  const Picos now = session.bench.clock->now();
  with_signs_of_life(session, now,
                     [&] { session.bench.surroundings->apply(disturb.what, {.at = now}); });
  label(step, session, {now, 0, kind_of(disturb.what)});
}

// Disturbances with a time of their own are handed to the bench before anything happens, so that
// it can keep their instants exactly, whatever the link is busy with then.
void schedule_disturbances(const std::vector<Step>& during, Session& session, Picos armed) {
  for (const Step& step : during) {
    const auto* disturb = std::get_if<DisturbStep>(&step.action);
    if (disturb == nullptr || !step.at) continue;
    Moment when = *step.at;
    if (when.pulse == 0) when.at += armed;
    session.bench.surroundings->apply(disturb->what, when);
  }
}

Contact after(const Load& load, const Session& session) {
  Contact contact = Session::at_power_on(session.bench.facts);
  if (const auto* series = std::get_if<SeriesLoad>(&load)) {
    contact.load = series->parallel.si() == 0 ? series->series.si() : 0;
  } else if (std::holds_alternative<HalfLifted>(load)) {
    contact.load = 2 * session.contact.load;
    contact.electrode_area /= 2;
  } else {
    contact.load = 0;
  }
  return contact;
}

// Returns whether the load changed after `armed`.
bool note_applied(const std::vector<Step>& during, Picos armed, Session& session,
                  StepRecord& done) {
  bool load_changed = false;
  std::vector<const Step*> open;
  for (const Step& step : during) {
    if (std::holds_alternative<DisturbStep>(step.action)) open.push_back(&step);
  }
  for (const Applied& applied : session.bench.surroundings->take_applied()) {
    const std::string words = in_words(applied.what);
    if (const auto* load = std::get_if<Load>(&applied.what)) {
      session.contact = after(*load, session);
      load_changed = load_changed || applied.achieved > armed;
    }
    done.disturbances.push_back({.what = words,
                                 .asked = applied.asked - session.begun,
                                 .achieved = applied.achieved - session.begun});
    const auto match = std::ranges::find_if(open, [&words](const Step* step) {
      return in_words(std::get<DisturbStep>(step->action).what) == words;
    });
    if (match == open.end()) continue;
    label(**match, session, {applied.achieved, applied.u, kind_of(applied.what)});
    open.erase(match);
  }
  return load_changed;
}

// Where something labelled happens within, the channels that show events are captured too. Between
// segments nothing shows them.
CaptureSetup with_syncs(const CaptureStep& step, const BenchFacts& facts) {
  CaptureSetup setup = step.setup;
  if (setup.trigger) return setup;
  for (const SyncChannel& sync : facts.syncs) {
    const bool there = std::ranges::find(setup.channels, sync.channel) != setup.channels.end();
    const bool labelled =
        std::ranges::any_of(step.during, [](const Step& inner) { return !inner.label.empty(); });
    if (labelled && !there) setup.channels.push_back(sync.channel);
  }
  return setup;
}

void do_capture(const CaptureStep& step, Session& session, StepRecord& done) {
  const CaptureInfo info = arm(with_syncs(step, session.bench.facts), session);
  CaptureInfo stored = info;  // times in the record count from the begin of the case
  stored.armed_at -= session.begun;
  auto observed = std::make_unique<ObservedCapture>(
      info, step.criteria,
      session.recorder.open_capture(session.record, stored, step.keep_segments));
  for (const SyncChannel& sync : session.bench.facts.syncs) {
    const bool there = std::ranges::any_of(
        info.channels, [&](const Channel& channel) { return channel.name == sync.channel; });
    if (there && !step.setup.trigger) observed->watch(sync);
  }
  const Picos armed = info.armed_at;
  const Picos end = armed + step.setup.length;
  if (session.on_since && armed - *session.on_since < kSurelyOn) observed->note_started();
  schedule_disturbances(step.during, session, armed);
  for (const Step& inner : step.during) {
    const bool scheduled = inner.at && std::holds_alternative<DisturbStep>(inner.action);
    if (scheduled) session.on_since.reset();
    if (scheduled) continue;
    if (inner.at) live_until(session, armed + inner.at->at, observed.get());
    perform(inner, session, observed.get(), done);
  }
  live_until(session, end, observed.get());
  // The last answer may have taken time beyond the end: the samples up to the end still come.
  const CaptureRef completed = complete_capture(step.setup, session, *observed);
  const bool load_changed = note_applied(step.during, armed, session, done);
  observed->touch(load_changed ? Contact{} : session.contact);
  done.captures.push_back(completed);
  check_length(step.setup, *observed);
  if (const std::string why = load_contradiction(*observed); !why.empty()) throw RigError(why);
  session.captures[step.setup.name] = std::move(observed);
}

// A zero that was set ends it as well.
bool may_end_output(const Step& step) {
  if (const auto* command = std::get_if<CommandStep>(&step.action)) {
    return command->verb != "keepalive";
  }
  return std::holds_alternative<SetStep>(step.action) ||
         std::holds_alternative<DisturbStep>(step.action) ||
         std::holds_alternative<PowerCycleStep>(step.action) ||
         std::holds_alternative<HeartbeatStep>(step.action) ||
         std::holds_alternative<SendStep>(step.action);
}

void require_identity(const std::string& found, const std::string& wanted) {
  if (found.find(wanted) != std::string::npos) return;
  throw RigError("the bench file names a device '" + wanted + "', found '" + found + "'");
}

}  // namespace

void with_signs_of_life(Session& session, Picos when, const std::function<void()>& work) {
  std::exception_ptr trouble;
  bool stopped = false;
  {
    const WaitsWhile wanted([&] { require_wanted(session); });
    const Meanwhile signs([&] {
      if (session.output_commanded && session.interrupted()) {
        stopped = true;
        try {
          stop_at_once(session);
        } catch (...) {  // NOLINT(bugprone-empty-catch): it is told again, and measured, at the end
        }
      }
      const Picos now = session.bench.clock->now();
      const auto due = next_sign(session);
      if (!due || now < *due || (now < when && now + kExchange >= when) || trouble) return;
      try {
        give_sign(session);
      } catch (...) {  // the instrument is to be left in order first
        trouble = std::current_exception();
      }
    });
    work();
  }
  if (stopped) throw Interrupted("interrupted");
  if (trouble) std::rethrow_exception(trouble);
}

void live_until(Session& session, Picos when, ObservedCapture* capture) {
  while (session.bench.clock->now() < when) {
    const auto due = next_sign(session);
    // Not so shortly before `when` that the exchange would make it late.
    if (!due || *due + kExchange >= when) {
      pass_time(session, when, capture);
      return;
    }
    pass_time(session, *due, capture);
    if (next_sign(session) == due) give_sign(session);
  }
}

CaptureInfo arm(const CaptureSetup& setup, Session& session) {
  const Picos begun = session.bench.clock->now();
  CaptureInfo info;
  with_signs_of_life(session, begun, [&] { info = session.bench.digitizer->arm(setup); });
  session.arming = session.bench.clock->now() - begun;
  return info;
}

std::string wait_for_boot(Session& session) {
  const Picos limit = session.bench.clock->now() + kBootLimit;
  live_until(session, session.bench.clock->now() + kBoot, nullptr);
  while (true) {
    try {
      std::string found = session.device.identify();
      require_identity(found, session.bench.facts.custody.identity);
      if (session.device_id.empty()) session.device_id = found;
      if (found != session.device_id) {
        throw RigError("another device answers: expected '" + session.device_id + "', found '" +
                       found + "'");
      }
      return found;
    } catch (const DeviceSilent&) {
      if (session.bench.clock->now() >= limit) throw;
    }
  }
}

CaptureRef complete_capture(const CaptureSetup& setup, Session& session, ObservedCapture& capture) {
  Clock& clock = *session.bench.clock;
  const Picos armed = capture.info().armed_at;
  const Picos end = armed + setup.length;
  with_signs_of_life(session, end, [&] {
    while (session.bench.digitizer->collect(std::max(end, clock.now()), capture)) {
      if (clock.now() > end + kPatience) throw RigError("the digitizer does not end its capture");
      still_wanted();
      clock.wait_until(clock.now() + kSlice);
    }
  });
  // In a continuous capture the samples themselves say how far it went.
  CaptureRef ref = capture.finish(setup.trigger ? end : std::max(armed, capture.totals().end));
  ref.clock = session.bench.digitizer->clock_fit();
  capture.align(ref.clock);
  return ref;
}

void check_length(const CaptureSetup& setup, const ObservedCapture& capture) {
  const CaptureInfo& info = capture.info();
  const Picos missing = info.armed_at + setup.length - capture.end();
  // A clock that is 0.1 % off is still a capture of the length that was asked for.
  if (missing > info.rate.time_of(4) + setup.length / 1000) {
    throw RigError("the capture ended " + in_words(to_seconds(missing), "s") + " early");
  }
}

void perform(const Step& step, Session& session, ObservedCapture* capture, StepRecord& done) {
  if (may_end_output(step)) session.on_since.reset();
  if (const auto* set = std::get_if<SetStep>(&step.action)) {
    do_set(step, *set, session, done);
  } else if (const auto* command = std::get_if<CommandStep>(&step.action)) {
    do_command(step, *command, session, capture, done);
  } else if (const auto* wait = std::get_if<WaitStep>(&step.action)) {
    live_until(session, session.bench.clock->now() + wait->duration, capture);
    label(step, session, {session.bench.clock->now(), 0, {}});
  } else if (const auto* disturb = std::get_if<DisturbStep>(&step.action)) {
    do_disturb(step, *disturb, session);
    if (capture == nullptr) note_applied({}, session.bench.clock->now(), session, done);
  } else if (std::holds_alternative<PowerCycleStep>(step.action)) {
    session.bench.surroundings->power_cycle();
    session.contact = Session::at_power_on(session.bench.facts);
    session.output_commanded = false;
    wait_for_boot(session);
  } else if (const auto* heartbeat = std::get_if<HeartbeatStep>(&step.action)) {
    session.heartbeat = heartbeat->interval;
  } else if (const auto* send = std::get_if<SendStep>(&step.action)) {
    session.recorder.output(true, session.settings);  // who knows what they mean
    const Answer answer = session.device.send_raw(send->bytes, send->listen);
    judge_answer(step, "raw bytes", answer, done);
    label_sent(step, session, answer);
  } else if (const auto* expectation = std::get_if<ExpectStep>(&step.action)) {
    expect(*expectation, session, done);
  } else if (const auto* told = std::get_if<InformStep>(&step.action)) {
    inform(*told, session, done);
  } else {
    do_capture(*std::get<std::shared_ptr<CaptureStep>>(step.action), session, done);
  }
}

}  // namespace rig
