#include "rig/evidence/export.h"

#include <string>

#include "rig/core/error.h"

namespace rig {

void export_capture(const CaptureReader& capture, const std::filesystem::path& to,
                    const ExportOptions& options) {
  const std::string ending = to.extension().string();
  if (ending == ".csv") return export_csv(capture, to, options);
  if (ending == ".vcd") return export_vcd(capture, to, options);
  if (ending == ".sr") return export_sr(capture, to, options);
  throw InputError(to.string() + ": expected a name ending in .csv, .vcd or .sr");
}

std::vector<StoredSpan> selected_spans(const CaptureReader& capture, const ExportOptions& options) {
  if (!options.segment) return capture.spans();
  std::vector<StoredSpan> selected;
  for (const StoredSpan& span : capture.spans()) {
    if (span.segment == *options.segment) selected.push_back(span);
  }
  if (selected.empty()) {
    throw InputError(capture.file().string() + ": no segment " + std::to_string(*options.segment));
  }
  return selected;
}

}  // namespace rig
