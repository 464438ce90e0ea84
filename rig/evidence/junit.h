// JUnit XML for CI systems, in the subset that the strictest of them (Jenkins' junit-10.xsd) takes.
//
//   PASS, FLAKY           passed; FLAKY is noted in system-out
//   FAIL, INCONCLUSIVE    <failure type="FAIL" ...>
//   ERROR, never begun    <error>
//   BLOCKED               <skipped> with the reason
//
// One suite per scenario file; its property `verifies` lists the requirements of its cases.
#pragma once

#include <filesystem>
#include <string>

#include "rig/core/record.h"

namespace rig {

std::string junit_xml(const RunRecord& run);
void write_junit(const std::filesystem::path& file, const RunRecord& run);

}  // namespace rig
