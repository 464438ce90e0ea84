// Where results go while they come. The runner knows no files.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "rig/core/capture.h"
#include "rig/core/record.h"

namespace rig {

class CaptureSink : public BlockSink {
 public:
  virtual CaptureRef close() = 0;  // once, when nothing more comes
};

class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual std::unique_ptr<CaptureSink> open_capture(const CaseRecord& of, const CaptureInfo& info,
                                                    std::uint32_t keep_segments) = 0;
  virtual void begin_case(const CaseRecord& record) = 0;
  virtual void add_step(const CaseRecord& record, const StepRecord& step) = 0;
  virtual void end_case(const CaseRecord& record) = 0;
  // Output is about to be commanded, or has been stopped; the settings as the device accepted them.
  virtual void output(bool commanded, const std::map<std::string, double>& settings) = 0;
};

// Keeps nothing.
class NoRecorder final : public Recorder {
 public:
  std::unique_ptr<CaptureSink> open_capture(const CaseRecord& /*of*/, const CaptureInfo& /*info*/,
                                            std::uint32_t /*keep_segments*/) override {
    return nullptr;
  }
  void begin_case(const CaseRecord& /*record*/) override {}
  void add_step(const CaseRecord& /*record*/, const StepRecord& /*step*/) override {}
  void end_case(const CaseRecord& /*record*/) override {}
  void output(bool /*commanded*/, const std::map<std::string, double>& /*settings*/) override {}
};

}  // namespace rig
