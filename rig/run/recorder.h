// Where results go while they come. The runner knows no files.
#pragma once

#include <cstdint>
#include <memory>

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
};

}  // namespace rig
