// Captures for other tools, without loss: the codes can be computed back from what is written.
//
//   .csv   one line per sample: exact time, segment, value and code of every channel, flags
//   .vcd   value changes at exact times; a wire `captured` is 0 where nothing was sampled
//   .sr    sigrok session (PulseView): floats; no gaps, so only one unbroken segment
//
// Times in .csv and .vcd are those of the bench clock.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "rig/evidence/capture_file.h"

namespace rig {

struct ExportOptions {
  std::optional<std::uint32_t> segment;  // only this one
};

// The ending of `to` selects the format. Throws InputError for what the format cannot hold, before
// anything is written; RigError when reading or writing fails.
void export_capture(const CaptureReader& capture, const std::filesystem::path& to,
                    const ExportOptions& options = {});

void export_csv(const CaptureReader& capture, const std::filesystem::path& to,
                const ExportOptions& options);
void export_vcd(const CaptureReader& capture, const std::filesystem::path& to,
                const ExportOptions& options);
void export_sr(const CaptureReader& capture, const std::filesystem::path& to,
               const ExportOptions& options);

// The stored spans of the selected segment, or all. Throws InputError when there is no such
// segment.
std::vector<StoredSpan> selected_spans(const CaptureReader& capture, const ExportOptions& options);

}  // namespace rig
