// events.jsonl: what happened, appended while it happens, so that a killed run is complete up to
// its last finished step.
//
//   {"type":"case_begin","case":7,"seq":0,"prev":"000...",...}      one chain of lines per case,
//   {"type":"step","case":7,"seq":1,"prev":"9f3c...",...}           one (case -1) for the run
//
// `prev` is the SHA-256 of the line before in the same chain, without its line end; a chain begins
// with 64 zeros. A further attempt at a case goes on in the chain of the earlier one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "rig/core/record.h"
#include "rig/evidence/files.h"

namespace rig {

// Writes events. Any number of processes may each have one on the same folder, and any number of
// threads may share one; a case is written by one of them at a time, but may be ended, or tried
// again, by another one when its writer died. Throws RigError with the name of the file when a line
// could not be stored; the file then ends as if it had not been tried.
class EventLog {
 public:
  explicit EventLog(const std::filesystem::path& run_folder);

  void begin_run(const RunRecord& run);       // all but the cases
  void begin_case(const CaseRecord& record);  // all but the steps
  void add_step(std::uint32_t case_index, const StepRecord& step);
  void end_case(const CaseRecord& record);  // verdict, reason, times
  void end_run(const RunRecord& run);       // verdict, wall time, finished, device

 private:
  struct Chain {
    std::uint64_t next_seq = 0;
    std::string prev = std::string(64, '0');
  };
  class Line;

  void append(Line line);
  void store(const std::string& line);
  Chain stored_chain(std::int64_t of_case) const;

  std::filesystem::path path_;
  FileDescriptor file_;
  std::mutex mutex_;  // guards all below, and the order of lines within a chain
  std::map<std::int64_t, Chain> chains_;
};

// The record as far as events.jsonl tells it: whatever was in the middle of being written counts as
// not written. A case without end has complete = false and the verdict ERROR, of several ends the
// last counts; the run is finished only when it was ended so and every planned case is complete.
// Sets content_sha256. Throws RigError, naming the line, where the file was altered or a chain is
// broken.
RunRecord read_record(const std::filesystem::path& run_folder);

}  // namespace rig
