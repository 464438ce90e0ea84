// The recorder that writes a run folder.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "rig/evidence/event_log.h"
#include "rig/run/recorder.h"

namespace rig {

class StoredRun final : public Recorder {
 public:
  explicit StoredRun(const std::filesystem::path& folder) : folder_(folder), log_(folder) {}

  std::unique_ptr<CaptureSink> open_capture(const CaseRecord& of, const CaptureInfo& info,
                                            std::uint32_t keep_segments) override;
  void begin_case(const CaseRecord& record) override { log_.begin_case(record); }
  void add_step(const CaseRecord& record, const StepRecord& step) override {
    log_.add_step(record.index, step);
  }
  void end_case(const CaseRecord& record) override { log_.end_case(record); }

 private:
  std::filesystem::path folder_;
  EventLog log_;
  std::set<std::string> files_;  // of all captures so far
};

}  // namespace rig
