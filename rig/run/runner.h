// Runs a case on a bench and tells a recorder. The one place where exceptions become verdicts.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "rig/bench/bench.h"
#include "rig/config/scenario.h"
#include "rig/core/record.h"
#include "rig/run/recorder.h"

namespace rig {

// Begins the text of the first step; what the device says it is follows.
constexpr std::string_view kDeviceAnswers = "the device answers: ";

struct CaseJob {
  const Scenario& scenario;
  std::uint32_t index = 0;
  std::uint64_t seed = 0;
  int attempt = 1;
  std::optional<std::string> quarantine = {};  // why it may fail
};

// Opens the bench by calling `open`, so that a bench that cannot be opened is this case's ERROR.
// However the case ends, the device is told to stop, the output is measured to be off, and the load
// is opened, in that order: with an open load there would be nothing to measure. The load is opened
// also when the first two are not possible.
CaseRecord run_case(const CaseJob& job, const std::function<Bench()>& open, Recorder& recorder,
                    const std::function<bool()>& interrupted);

// For a bench whose rig is gone `since`: stops the device, with what is known of its settings, and
// measures that its output is off. Whatever goes wrong stands in the step.
StepRecord make_safe(Bench& bench, const std::map<std::string, double>& settings, Picos since);

}  // namespace rig
