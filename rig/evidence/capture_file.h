// Captures on disk: raw codes and what turns them into quantities, in HDF5.
//
//   /<channel>        int16[rows]     codes; attributes unit, bits, scale, offset, clip_low, ...
//   /segments         uint64[n,3]     first_sample (since arming), offset (row), count
//   /segment_lost     uint8[n]        1: samples are missing before this entry
//   /segment_number   uint32[n]       the digitizer's segment that the entry belongs to
//
// The same samples give the same bytes: no dates are stored, and the partition into blocks does not
// matter. Memory is bounded for a capture of any length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rig/core/capture.h"
#include "rig/core/record.h"

namespace rig {

// "captures/0003-trip.h5". Characters of the name that are awkward in file names become '_'.
std::string capture_file_name(unsigned number, std::string_view capture_name);

struct CaptureWriterOptions {
  std::optional<std::uint32_t> keep_segments;  // later segments are counted, not stored
};

// Stores what a digitizer hands over. The file appears under its name at close(); without close()
// nothing remains. Throws RigError when the disk does not take it, or when the blocks contradict
// each other; std::logic_error when a block does not have the capture's channels.
class CaptureWriter final : public BlockSink {
 public:
  CaptureWriter(const std::filesystem::path& run_folder, const std::string& file,
                const CaptureInfo& info, CaptureWriterOptions options = {});
  ~CaptureWriter() override;

  void take(const Block& block) override;

  // What was measured, and the hash of the file. Clipped: code at clip_low or clip_high, counted
  // over all segments; not for unit "logic". A gap that the digitizer did not announce counts as
  // lost all the same. REQUIRES: called once, nothing taken afterwards.
  CaptureRef close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Consecutive samples: a segment, or the part of one between two losses.
struct StoredSpan {
  std::uint64_t first_sample = 0;  // index since arming
  std::uint64_t row = 0;           // where it starts in the channels' data
  std::uint64_t count = 0;
  bool lost_before = false;
  std::uint32_t segment = 0;
};

// Reads a capture back. Throws RigError naming the file when it is missing, cut short or damaged.
class CaptureReader {
 public:
  explicit CaptureReader(const std::filesystem::path& file);
  ~CaptureReader();
  CaptureReader(CaptureReader&&) noexcept;

  const std::filesystem::path& file() const;
  const CaptureInfo& info() const;
  const std::vector<StoredSpan>& spans() const;  // in order
  std::uint64_t rows() const;

  // Fills `codes` from the channel's rows starting at `row`. REQUIRES: row + codes.size() <=
  // rows().
  void read(std::size_t channel, std::uint64_t row, std::span<std::int16_t> codes) const;

  // Hands everything over as the digitizer did, in blocks of at most `block_size` samples.
  void replay(BlockSink& sink, std::size_t block_size = 65536) const;
  void replay(const StoredSpan& span, BlockSink& sink, std::size_t block_size = 65536) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Opens a capture of a record, after checking that the file is the recorded one, byte by byte.
// Throws RigError "<file>: not the file that was recorded: sha256 differs".
CaptureReader open_capture(const std::filesystem::path& run_folder, const CaptureRef& ref);

}  // namespace rig
