// The record as JSON, and back without loss.
//
// Keys are the field names of rig/core/record.h and verdict.h; Picos carry the suffix _ps; an
// optional without value has no key; a double that is no number is the string "nan", "inf" or
// "-inf"; bytes that are not UTF-8 are written as \xNN (rig/evidence/text.h).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "rig/core/record.h"

namespace rig {

std::string to_json(const RunRecord& run);  // indented, with the key "schema"
std::string to_json(const CaseRecord& record);
std::string to_json(const StepRecord& step);
std::string to_json(const Finding& finding);

// Throw RigError naming the place that does not fit:
// "record.json: cases[0].steps[2].verdict: expected a verdict, found 7".
RunRecord run_from_json(std::string_view text, const std::string& name);
CaseRecord case_from_json(std::string_view text, const std::string& name);
StepRecord step_from_json(std::string_view text, const std::string& name);
Finding finding_from_json(std::string_view text, const std::string& name);

void write_record(const std::filesystem::path& run_folder, const RunRecord& run);  // record.json
RunRecord load_record(const std::filesystem::path& file);

// Hash over everything that must repeat bit by bit: all of the record but the run's id, its date,
// the wall times and this hash itself; the order in which workers finished does not count.
std::string content_sha256(const RunRecord& run);

}  // namespace rig
