// Measuring and judging what an `expect` step names. A finding starts as ERROR and has to earn
// anything better.
#include <algorithm>
#include <cmath>
#include <limits>

#include "rig/core/error.h"
#include "rig/measure/integrity.h"
#include "rig/run/session.h"

namespace rig {
namespace {

struct Window {
  Picos from{};
  Picos to{};
  std::optional<Picos> event;
  double event_u = 0;      // s, standard
  std::string event_by;    // whose clock tells it; empty: there is one only
  bool on_record = false;  // the samples' own
};

// On the time that the samples have.
struct Placed {
  Picos at{};
  double u = 0;  // s, standard
  std::string by;
  bool on_record = false;
};

// The clocks' drift, where it is known better than the digitizer's data sheet knows it.
bool knows_drift(const ObservedCapture& capture) {
  return capture.clock() && capture.clock()->drift_u < capture.info().rate_u;
}

// A host's instant on the time that the samples have.
Instant on_capture(const Instant& host, const ObservedCapture& capture) {
  if (!capture.clock()) return host;
  const double since = to_seconds(host.at - capture.info().armed_at);
  if (!knows_drift(capture)) {
    return {.at = host.at, .u = std::hypot(host.u, since * capture.info().rate_u)};
  }
  return {.at = host.at + from_seconds(since * capture.clock()->drift),
          .u = std::hypot(host.u, since * capture.clock()->drift_u)};
}

std::string by_host(const Instant& instant, const ObservedCapture& capture) {
  if (instant.u == 0) return {};
  if (!capture.clock()) return "the host's clock";
  if (!knows_drift(capture)) {
    return "the host's clock, known to " + in_words(1e6 * capture.info().rate_u, "ppm") +
           " of the digitizer's";
  }
  return "the host's clock, to which the digitizer's gains " +
         in_words(1e6 * capture.clock()->drift, "ppm") + " +- " +
         in_words(2e6 * capture.clock()->drift_u, "ppm");
}

// Of the edge that shows the event, when a channel does.
Placed by_edge(const Instant& host, const SyncTrace& sync, const CaptureInfo& info) {
  const Picos at = sync.event(host.at, std::hypot(host.u, info.alignment_u), info);
  return {.at = at,
          .u = SyncTrace::edge_u(info),
          .by = "the edge of " + sync.how().channel + ", " +
                in_words(to_seconds(at - host.at), "s") + " after the host's instant",
          .on_record = true};
}

Placed instant(const std::optional<std::string>& label, const std::optional<Picos>& time,
               const Session& session, const ObservedCapture& capture) {
  if (time) return {.at = capture.info().armed_at + *time};
  const auto found = session.labels.find(*label);
  if (found == session.labels.end()) {
    throw RigError("'" + *label + "' never happened");
  }
  const Instant host = on_capture(found->second, capture);
  for (const SyncTrace& sync : capture.syncs()) {
    if (found->second.kind == sync.how().shows) return by_edge(host, sync, capture.info());
  }
  return {.at = host.at, .u = host.u, .by = by_host(host, capture)};
}

Window window_of(const ExpectStep& step, const Session& session, const ObservedCapture& capture) {
  const Picos armed = capture.info().armed_at;
  Window w{.from = armed - std::chrono::seconds(1), .to = capture.end() + Picos(1)};
  if (step.after || step.from) {
    const Placed from = instant(step.after, step.from, session, capture);
    w.from = from.at;
    w.event = from.at;
    w.event_u = from.u;
    w.event_by = from.by;
    w.on_record = from.on_record;
    if (w.from < armed) {
      throw RigError("the window begins " + in_words(to_seconds(armed - w.from), "s") +
                     " before the capture");
    }
    if (w.from > capture.end()) {
      throw RigError("the window begins after the end of the capture");
    }
  }
  if (step.before || step.to) {
    w.to = instant(step.before, step.to, session, capture).at;
    const Picos beyond = w.to - capture.end();
    // A window may end with its capture, whose sample clock may be 0.1 % off.
    if (beyond > capture.info().rate.time_of(4) + (w.to - armed) / 1000) {
      throw RigError("the window ends " + in_words(to_seconds(beyond), "s") +
                     " after the end of the capture");
    }
  }
  if (w.to <= w.from) throw RigError("the window ends before it begins");
  return w;
}

// What was not captured would otherwise look like silence.
void require_channels(const Expectation& e, const ObservedCapture& capture) {
  for (const std::string& needed : channels_needed(e)) {
    const auto& channels = capture.info().channels;
    if (std::ranges::find(channels, needed, &Channel::name) == channels.end()) {
      throw RigError("'" + e.quantity + "' needs channel " + needed + ", which the capture '" +
                     capture.info().name + "' does not have");
    }
  }
}

bool fails_upwards(const Finding& finding) {
  return finding.verdict == Verdict::kFail && finding.limit && finding.limit->high &&
         finding.measured && finding.measured->value > *finding.limit->high;
}

bool fails_downwards(const Finding& finding) {
  return finding.verdict == Verdict::kFail && finding.limit && finding.limit->low &&
         finding.measured && finding.measured->value < *finding.limit->low;
}

// A value that is a bound of the true one decides only where the true one would do the same.
void doubt_bounds(Finding& finding, const Measured& m) {
  const std::string why = m.doubt.empty() ? "" : " (" + m.doubt + ")";
  if (m.lower_bound && !fails_upwards(finding)) {
    finding.verdict = Verdict::kError;
    finding.reason = "the capture was clipped or cut: the true value is at least this" + why;
    if (m.doubt.starts_with("undersampled")) finding.reason = "the true value may be larger" + why;
  }
  const bool high_only = finding.verdict == Verdict::kPass && !finding.limit->low;
  if (m.upper_bound && !high_only && !fails_downwards(finding)) {
    finding.verdict = Verdict::kError;
    finding.reason = "the true value is at most this" + why;
  }
}

// Missing samples may hold a bad pulse: what the others show can only condemn.
void doubt_losses(Finding& finding, const CaptureTotals& totals) {
  const bool bad_anyway = finding.verdict == Verdict::kFail && finding.measured &&
                          finding.measured->statistic == "every";
  if (totals.losses == 0 || bad_anyway) return;
  finding.verdict = Verdict::kError;
  finding.reason = missing_samples(totals);
}

Finding not_measured(const Expectation& e, const Limit& limit, const Measured& m) {
  Finding finding{.quantity = e.quantity,
                  .limit = limit,
                  .requirement = limit.requirement,
                  .expected = limit.text,
                  .found = "nothing: " + m.why_not,
                  .reason = m.why_not};
  // A device that puts nothing out, where output was expected, is bad; everything else that keeps
  // a measurement from being taken is the bench's.
  if (m.device_silent) finding.verdict = Verdict::kFail;
  return finding;
}

void doubt_unproven(Finding& finding, const CaptureInfo& info) {
  if (info.integrity_proven || finding.verdict != Verdict::kPass) return;
  finding.verdict = Verdict::kInconclusive;
  finding.reason = "the digitizer cannot prove that no sample was lost";
}

// Whether nothing came out in the whole capture.
bool is_silent(const Observation& seen, const QuantityName& what) {
  Observation whole = seen;
  whole.from = seen.info->armed_at;
  whole.to = seen.totals->end;
  const bool moves = what.info->dimension == "acceleration";
  const Measured m = measure(moves ? what : *find_quantity("pulse.count"), whole, nullptr);
  return m.value && m.value->value <= (moves ? seen.still : 0);
}

bool asks_for_nothing(const std::map<std::string, double>& settings) {
  return std::ranges::any_of(settings, [](const auto& setting) {
    const auto& [name, value] = setting;
    return value == 0 && (name == "amplitude" || name == "acceleration");
  });
}

// A device that says yes to a start and stays dead keeps every upper limit.
void doubt_silence(Finding& finding, const Expectation& e, const Observation& seen, bool started) {
  if (!started || finding.verdict != Verdict::kPass || finding.limit->low) return;
  // Of pulses, none is as good a number as any other.
  const bool counts = e.measured->info->dimension == "count";
  if (counts || !is_zero_in_silence(*e.measured->info) || !is_silent(seen, *e.measured)) return;
  finding.verdict = Verdict::kInconclusive;
  finding.reason = "the device answered ok to start, and nothing came out in the whole capture";
}

Finding judge_measured(const Expectation& e, const Observation& seen, bool started,
                       const Session& session) {
  const Limit limit = resolve(e.limit, session.settings, e.measured->info->unit);
  const Measured m = measure(*e.measured, seen, &limit);
  if (!m.value) return not_measured(e, limit, m);
  Finding finding = judge(*m.value, limit);
  finding.quantity = e.quantity;
  if (finding.measured->at) *finding.measured->at -= session.begun;
  doubt_bounds(finding, m);
  doubt_losses(finding, *seen.totals);
  doubt_unproven(finding, *seen.info);
  doubt_silence(finding, e, seen, started && !asks_for_nothing(session.settings));
  return finding;
}

Finding judge_logic(const Expectation& e, const ObservedCapture& capture, const Window& window,
                    const Session& session) {
  const std::string channel = e.quantity.substr(0, e.quantity.rfind('.'));
  const LogicTrace* trace = capture.logic(channel);
  if (trace == nullptr) throw RigError("the capture has no logic channel '" + channel + "'");
  const Limit limit = resolve(e.limit, session.settings, "%");
  if (capture.totals().losses > 0) {
    return not_measured(e, limit, {.why_not = missing_samples(capture.totals())});
  }
  const std::optional<double> high = trace->percent_high(window.from, window.to);
  if (!high) return not_measured(e, limit, {.why_not = "no sample in the window"});
  const double span = to_seconds(std::min(window.to, capture.end()) -
                                 std::max(window.from, capture.info().armed_at));
  // Either end of the window is known to one sample.
  const double u = *high == 0 || *high == 100 ? 0 : 100.0 / capture.info().rate.hertz() / span;
  Finding finding = judge(
      {.name = e.quantity, .value = *high, .u = u, .unit = "%", .statistic = "window"}, limit);
  doubt_unproven(finding, capture.info());
  return finding;
}

Finding judge_status(const Expectation& e, const Status& status, const Session& session) {
  const auto field = status.find(e.quantity.substr(std::string("status.").size()));
  if (field == status.end()) throw RigError("the device's status has no '" + e.quantity + "'");
  if (const auto* word = std::get_if<Word>(&e.limit.what)) {
    return judge_text(e.quantity, field->second.word, word->text, e.limit.requirement);
  }
  const Limit limit = resolve(e.limit, session.settings, field->second.unit);
  return judge({.name = e.quantity,
                .value = field->second.number,
                .unit = field->second.unit,
                .statistic = "reported",
                .count = 1},
               limit);
}

Finding silent(const Expectation& e, const std::string& why) {
  return {.quantity = e.quantity,
          .requirement = e.limit.requirement,
          .expected = e.limit.text,
          .found = why,
          .reason = why,
          .verdict = Verdict::kFail};
}

bool needs_status(const ExpectStep& step) {
  return std::ranges::any_of(
      step.expectations, [](const Expectation& e) { return e.quantity.starts_with("status."); });
}

}  // namespace

void expect(const ExpectStep& step, Session& session, StepRecord& done) {
  const ObservedCapture* capture = nullptr;
  Window window;
  CaptureInfo info;
  if (!step.capture.empty()) {
    const auto found = session.captures.find(step.capture);
    if (found == session.captures.end()) throw RigError("no capture '" + step.capture + "'");
    capture = found->second.get();
    window = window_of(step, session, *capture);
    info = capture->info();
    if (window.on_record) info.alignment_u = 0;  // between two edges of one record
  }
  std::optional<Status> status;
  std::string silence;
  if (needs_status(step)) {
    try {
      status = session.device.status();
    } catch (const DeviceSilent& error) {  // what was captured is judged all the same
      silence = error.what();
    }
  }
  for (const Expectation& e : step.expectations) {
    Finding finding;
    if (capture != nullptr) require_channels(e, *capture);
    if (e.measured) {
      // Latencies need the output before the event too; they look at the whole capture.
      const bool whole = e.measured->info->name.starts_with("output.");
      const Observation seen{
          .info = &info,
          .totals = &capture->totals(),
          .pulses = &capture->pulses(),
          .logic = capture,
          .sine = capture->sine(),
          .motion = capture,
          .from = whole ? capture->info().armed_at - std::chrono::seconds(1) : window.from,
          .to = window.to,
          .event = window.event,
          .event_u = window.event_u,
          .quiet_current = capture->criteria().current_threshold,
          .quiet_voltage = capture->criteria().voltage_threshold,
          .still = capture->criteria().still,
          .electrode_area = capture->contact().electrode_area,
          .load = capture->contact().load,
          .load_u = capture->contact().load_u};
      finding = judge_measured(e, seen, capture->started(), session);
      if (!window.event_by.empty()) finding.instant = window.event_by;
      if (window.on_record) finding.event = *window.event - session.begun;
    } else if (e.quantity.starts_with("status.")) {
      finding = status ? judge_status(e, *status, session) : silent(e, silence);
    } else {
      finding = judge_logic(e, *capture, window, session);
    }
    finding.capture = step.capture;
    if (finding.requirement.empty()) finding.requirement = e.limit.requirement;
    done.findings.push_back(std::move(finding));
  }
}

}  // namespace rig
