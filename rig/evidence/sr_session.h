// A sigrok session (.sr, version 2): a zip with an entry "metadata" and samples in numbered chunks,
// logic-1-1, logic-1-2 ... and analog-1-3-1, analog-1-3-2 ... For the sources of evidence/ alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "rig/core/capture.h"
#include "rig/core/error.h"
#include "rig/evidence/zip_handle.h"

namespace rig {

struct SrMetadata {
  std::optional<SampleRate> rate;
  std::string logic_file;                       // "logic-1"; empty: no logic
  std::size_t unit_size = 1;                    // bytes per logic sample
  std::map<std::uint32_t, std::string> probes;  // number, from 1: name
  std::map<std::uint32_t, std::string> analogs;
};

// The bytes of consecutive chunks as one stream. The archive must outlive it.
class ChunkStream {
 public:
  // `file`: for errors. Opens the first chunk. Throws InputError when there is none.
  ChunkStream(zip_t* archive, std::string file, std::string base);

  // Fewer only at the end. Throws InputError when the zip is damaged.
  std::size_t read(std::span<std::byte> into);

  // "FILE: analog-1-2-1: byte N: expected X, found Y", where `back` bytes ago something was wrong.
  InputError error(std::uint64_t back, std::string_view expected, std::string_view found) const;

 private:
  bool open_next();

  zip_t* archive_;
  std::string file_;
  std::string base_;
  std::string name_;
  std::uint32_t number_ = 0;
  std::uint64_t position_ = 0;  // within the chunk
  ZipEntry entry_;
};

ZipArchive open_zip(const std::string& path, const std::string& file);
SrMetadata read_sr_metadata(zip_t* archive, const std::string& file);

}  // namespace rig
