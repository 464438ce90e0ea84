// What a run amounts to: the table for the terminal, the verdict of the whole, the exit code.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rig/core/record.h"

namespace rig {

constexpr int kExitPassed = 0;
constexpr int kExitDeviceFailed = 1;
constexpr int kExitRigErrorOrBlocked = 3;
constexpr int kExitInconclusiveOrFlaky = 4;
constexpr int kExitNothingRan = 5;

// The last attempt at each case, by index: the one that counts.
std::vector<const CaseRecord*> counting_cases(const RunRecord& run);

// Planned cases that were never begun, in order.
std::vector<std::string> never_begun(const RunRecord& run);

// Counting cases that are FAIL, or hold a measured FAIL that an ERROR beside it outweighs.
std::vector<const CaseRecord*> failed_cases(const RunRecord& run);

// The case's verdict, or a graver one that the record forces: ERROR when it did not end, FLAKY
// instead of PASS when it took more than one attempt.
Verdict verdict_of(const CaseRecord& record);

// Quarantined and failed, with its output safely off at the end: it makes the run INCONCLUSIVE
// instead of FAIL. Trouble of the rig is never excused.
bool is_excused(const CaseRecord& record);

// How many counting cases have which verdict. The parts add up to the whole.
struct Totals {
  std::array<std::size_t, 6> by_verdict{};  // indexed by Verdict
  std::size_t never_begun = 0;

  std::size_t of(Verdict verdict) const { return by_verdict[static_cast<std::size_t>(verdict)]; }
  std::size_t all() const;
};
Totals totals_of(const RunRecord& run);

// The worst of the cases; ERROR when nothing ran, a planned case was never begun, or the run is not
// `finished`; INCONCLUSIVE instead of PASS when the whole run holds no finding.
Verdict run_verdict(const RunRecord& run);

// 5 nothing ran, 1 any failed case, 3 any ERROR or BLOCKED or an unfinished run, 4 any INCONCLUSIVE
// or FLAKY or nothing checked, else 0. A FAIL beside an ERROR is 1: the device is known to be bad.
int exit_code(const RunRecord& run);

// "safety/lead_off[rate=35 Hz]   FAIL        2.000 s  output.off_latency: outside the limit".
std::string case_line(const CaseRecord& record, std::size_t id_width);

// A table with a line for each case, the totals and the run's verdict. Plain text, no colours; what
// came from the device cannot steer the terminal.
std::string summary_text(const RunRecord& run);

}  // namespace rig
