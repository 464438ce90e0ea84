// Cases in worker processes: one that dies takes one case with it, not the night.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "rig/core/verdict.h"

namespace rig {

struct CaseResult {
  std::uint32_t index = 0;
  Verdict verdict = Verdict::kError;
  std::string reason;
  double bench_seconds = 0;
};

struct WorkerPlan {
  std::uint32_t cases = 0;
  unsigned jobs = 1;
  // Runs in the worker.
  std::function<CaseResult(std::uint32_t index)> run;
  // Run in the parent, in the order in which cases end.
  std::function<void(const CaseResult& result)> done;
  std::function<void(std::uint32_t index, const std::string& why)> died;
};

// Returns when all cases are done, or the user has interrupted: then cases that have begun end in
// safe state first; a second signal kills the workers.
void run_in_workers(const WorkerPlan& plan);

}  // namespace rig
