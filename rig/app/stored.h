// The recorder that writes a run folder.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "rig/app/guard.h"
#include "rig/evidence/event_log.h"
#include "rig/run/recorder.h"

namespace rig {

class StoredRun final : public Recorder {
 public:
  // `guard`, when there is one, hears of every case and of its output; it must outlive this.
  explicit StoredRun(const std::filesystem::path& folder, Guard* guard = nullptr)
      : folder_(folder), log_(folder), guard_(guard) {}

  std::unique_ptr<CaptureSink> open_capture(const CaseRecord& of, const CaptureInfo& info,
                                            std::uint32_t keep_segments) override;
  void begin_case(const CaseRecord& record) override {
    log_.begin_case(record);
    if (guard_ != nullptr) guard_->begin_case(record.index);
  }
  void add_step(const CaseRecord& record, const StepRecord& step) override {
    log_.add_step(record.index, step);
  }
  void end_case(const CaseRecord& record) override { log_.end_case(record); }
  void output(bool commanded, const std::map<std::string, double>& settings) override {
    if (guard_ != nullptr) guard_->output(commanded, settings);
  }

 private:
  std::filesystem::path folder_;
  EventLog log_;
  Guard* guard_;
  std::set<std::string> files_;  // of all captures so far
};

}  // namespace rig
