// The fields of the record's structs by their names in JSON: one description for both directions.
//
// `field(name, member)` writes the member or reads it. For the sources of evidence/ alone.
#pragma once

#include <concepts>
#include <type_traits>

#include "rig/core/record.h"

namespace rig::json {

template <typename T, typename Record>
concept Is = std::same_as<std::remove_const_t<T>, Record>;

void describe(auto& field, Is<Measurement> auto& m) {
  field("name", m.name);
  field("value", m.value);
  field("u", m.u);
  field("dof", m.dof);
  field("k", m.k);
  field("budget", m.budget);
  field("unit", m.unit);
  field("statistic", m.statistic);
  field("count", m.count);
  field("lowest", m.lowest);
  field("highest", m.highest);
  field("at_ps", m.at);
}

void describe(auto& field, Is<Limit> auto& limit) {
  field("low", limit.low);
  field("high", limit.high);
  field("unit", limit.unit);
  field("text", limit.text);
  field("requirement", limit.requirement);
  field("rule", limit.rule);
}

void describe(auto& field, Is<Finding> auto& finding) {
  field("quantity", finding.quantity);
  field("capture", finding.capture);
  field("measured", finding.measured);
  field("limit", finding.limit);
  field("requirement", finding.requirement);
  field("expected", finding.expected);
  field("found", finding.found);
  field("reason", finding.reason);
  field("conformance", finding.conformance);
  field("instant", finding.instant);
  field("event_ps", finding.event);
  field("verdict", finding.verdict);
}

void describe(auto& field, Is<ClockFit> auto& fit) {
  field("drift", fit.drift);
  field("drift_u", fit.drift_u);
  field("offset_s", fit.offset);
  field("offset_u_s", fit.offset_u);
  field("residual_rms_s", fit.residual_rms);
  field("residual_max_s", fit.residual_max);
  field("arrivals", fit.arrivals);
  field("points", fit.points);
  field("blind_s", fit.blind);
}

void describe(auto& field, Is<CaptureRef> auto& capture) {
  field("name", capture.name);
  field("file", capture.file);
  field("sha256", capture.sha256);
  field("samples", capture.samples);
  field("segments", capture.segments);
  field("segments_kept", capture.segments_kept);
  field("lost", capture.lost);
  field("clipped", capture.clipped);
  field("clock", capture.clock);
}

void describe(auto& field, Is<Exchange> auto& exchange) {
  field("at_ps", exchange.at);
  field("to_device", exchange.to_device);
  field("bytes", exchange.bytes);
  field("meaning", exchange.meaning);
}

void describe(auto& field, Is<AppliedDisturbance> auto& disturbance) {
  field("what", disturbance.what);
  field("asked_ps", disturbance.asked);
  field("achieved_ps", disturbance.achieved);
}

void describe(auto& field, Is<StepRecord> auto& step) {
  field("path", step.path);
  field("where", step.where);
  field("kind", step.kind);
  field("text", step.text);
  field("verdict", step.verdict);
  field("error", step.error);
  field("begun_ps", step.begun);
  field("ended_ps", step.ended);
  field("findings", step.findings);
  field("captures", step.captures);
  field("dialogue", step.dialogue);
  field("disturbances", step.disturbances);
}

void describe_outcome(auto& field, Is<CaseRecord> auto& record) {
  field("verdict", record.verdict);
  field("reason", record.reason);
  field("bench_time_ps", record.bench_time);
  field("wall_seconds", record.wall_seconds);
}

// All of a case but its steps.
void describe_head(auto& field, Is<CaseRecord> auto& record) {
  field("index", record.index);
  field("id", record.id);
  field("scenario", record.scenario);
  field("file", record.file);
  field("verifies", record.verifies);
  field("tags", record.tags);
  field("parameters", record.parameters);
  field("seed", record.seed);
  field("attempt", record.attempt);
  field("quarantine", record.quarantine);
  field("complete", record.complete);
  describe_outcome(field, record);
}

void describe(auto& field, Is<CaseRecord> auto& record) {
  describe_head(field, record);
  field("steps", record.steps);
}

void describe(auto& field, Is<RequirementRef> auto& requirement) {
  field("id", requirement.id);
  field("title", requirement.title);
  field("text", requirement.text);
  field("source", requirement.source);
  field("sure", requirement.sure);
}

// What is known of a run only at its end.
void describe_outcome(auto& field, Is<RunRecord> auto& run) {
  field("verdict", run.verdict);
  field("wall_seconds", run.wall_seconds);
  field("finished", run.finished);
  field("ended_by", run.ended_by);
  field("device", run.device);
}

// All of a run but its cases.
void describe_head(auto& field, Is<RunRecord> auto& run) {
  field("id", run.id);
  field("tool", run.tool);
  field("bench", run.bench);
  field("bench_file", run.bench_file);
  field("bench_sha256", run.bench_sha256);
  field("firmware", run.firmware);
  field("firmware_sha256", run.firmware_sha256);
  field("spec_file", run.spec_file);
  field("spec_sha256", run.spec_sha256);
  field("instruments", run.instruments);
  field("seed", run.seed);
  field("started_utc", run.started_utc);
  field("requirements", run.requirements);
  field("planned", run.planned);
  describe_outcome(field, run);
  field("content_sha256", run.content_sha256);
}

void describe(auto& field, Is<RunRecord> auto& run) {
  describe_head(field, run);
  field("cases", run.cases);
}

}  // namespace rig::json
