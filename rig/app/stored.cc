#include "rig/app/stored.h"

#include "rig/bench/alive.h"
#include "rig/evidence/capture_file.h"

namespace rig {
namespace {

class StoredCapture final : public CaptureSink {
 public:
  StoredCapture(const std::filesystem::path& folder, const std::string& file,
                const CaptureInfo& info, const CaptureWriterOptions& options)
      : writer_(folder, file, info, options) {}
  void take(const Block& block) override {
    alive();
    writer_.take(block);
    alive();
  }
  CaptureRef close() override { return writer_.close(); }

 private:
  CaptureWriter writer_;
};

}  // namespace

std::unique_ptr<CaptureSink> StoredRun::open_capture(const CaseRecord& of, const CaptureInfo& info,
                                                     std::uint32_t keep_segments) {
  CaptureWriterOptions options;
  if (keep_segments > 0) options.keep_segments = keep_segments;
  std::string name = info.name;
  if (of.attempt > 1) name += "-attempt" + std::to_string(of.attempt);
  std::string file = capture_file_name(of.index, name);
  for (int again = 2; !files_.insert(file).second; ++again) {  // in a loop of the scenario
    file = capture_file_name(of.index, name + "-" + std::to_string(again));
  }
  return std::make_unique<StoredCapture>(folder_, file, info, options);
}

}  // namespace rig
