// What a run leaves behind, as data. Built by run/, written and read by evidence/, never judged
// again above core. Times are bench-clock picoseconds since the case began, unless they say wall.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rig/core/clock_fit.h"
#include "rig/core/units.h"
#include "rig/core/verdict.h"

namespace rig {

struct CaptureRef {
  std::string name;
  std::string file;                 // relative to the run folder: "captures/0003-trip.h5"
  std::string sha256;               // of the file
  std::uint64_t samples = 0;        // per channel, measured
  std::uint32_t segments = 0;       // measured
  std::uint32_t segments_kept = 0;  // in the file; fewer when the scenario says `keep`
  std::uint64_t lost = 0;           // blocks after which samples were missing
  std::vector<std::pair<std::string, std::uint64_t>> clipped;  // channel, samples at full scale
  std::optional<ClockFit> clock;  // of a digitizer that streams, against the host's
};

struct Exchange {
  Picos at{};
  bool to_device = false;
  std::string bytes;    // hex, "00 05 01"
  std::string meaning;  // "set amplitude 20 mA", "ok", "garbage: CRC"
};

struct AppliedDisturbance {
  std::string what;  // "load open"
  Picos asked{};
  Picos achieved{};
};

struct StepRecord {
  std::string path;   // "3" or "3.2": the position in the scenario
  std::string where;  // "lead_off.yaml:12:5"
  std::string kind;   // "set", "capture", "expect", ...
  std::string text;   // one line for people: "capture trip: current, voltage at 5 MHz for 2 s"
  Verdict verdict = Verdict::kError;
  std::string error;  // why there is no answer; empty when there is one
  Picos begun{};
  Picos ended{};
  std::vector<Finding> findings;
  std::vector<CaptureRef> captures;
  std::vector<Exchange> dialogue;
  std::vector<AppliedDisturbance> disturbances;
};

// Whether something measured, not a mere silence, is out of its limits, in a step that the rig did
// not fail at: what it could not stop may still be on.
inline bool has_measured_fail(const StepRecord& step) {
  if (!step.error.empty()) return false;
  for (const Finding& finding : step.findings) {
    if (finding.verdict == Verdict::kFail && finding.measured) return true;
  }
  return false;
}

struct CaseRecord {
  std::uint32_t index = 0;
  std::string id;        // "safety/lead_off[amplitude=10 mA,rate=35 Hz]": stable over runs
  std::string scenario;  // title
  std::string file;      // "scenarios/safety/lead_off.yaml"
  std::vector<std::string> verifies;
  std::vector<std::string> tags;
  std::vector<std::pair<std::string, std::string>> parameters;  // the sweep row
  std::uint64_t seed = 0;
  int attempt = 1;
  std::optional<std::string> quarantine;  // why a FAIL of it does not decide the run
  Verdict verdict = Verdict::kError;
  std::string reason;  // first thing that went wrong, one line; empty when PASS
  std::vector<StepRecord> steps;
  Picos bench_time{};
  double wall_seconds = 0;
  bool complete = false;  // false: the run was killed inside this case
};

struct RequirementRef {
  std::string id;
  std::string title;
  std::string text;
  std::string source;
  std::string sure;  // how sure the source is: "F", "f", "C", "B", "GK", "house"
};

struct RunRecord {
  std::string id;     // "20261123T071500Z-3f2a"
  std::string tool;   // "soleus-rig 0.1.0"
  std::string bench;  // title of the bench file
  std::string bench_file;
  std::string bench_sha256;
  std::string device;    // what the device says it is
  std::string firmware;  // file name of the image, if the bench has one
  std::string firmware_sha256;
  std::string spec_file;
  std::string spec_sha256;
  std::vector<std::pair<std::string, std::string>> instruments;  // name, what it is
  std::uint64_t seed = 0;
  std::string started_utc;
  double wall_seconds = 0;
  std::vector<RequirementRef> requirements;
  std::vector<std::string> planned;  // ids of all cases, in order
  std::vector<CaseRecord> cases;
  bool finished = false;                // false: killed or interrupted
  std::optional<std::string> ended_by;  // what ended it early: "SIGTERM"
  Verdict verdict = Verdict::kError;

  // Hash over everything that must repeat bit by bit: all but wall times, dates and the run's id.
  std::string content_sha256;
};

}  // namespace rig
