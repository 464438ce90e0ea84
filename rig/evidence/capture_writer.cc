#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include "rig/evidence/capture_file.h"
#include "rig/evidence/capture_layout.h"
#include "rig/evidence/files.h"
#include "rig/evidence/hdf5_handle.h"

namespace rig {
namespace {

// A dataset that grows at its end. Rows are collected to whole chunks, so that each chunk is
// compressed once.
template <typename T, std::size_t kWidth>
class GrowingDataset {
 public:
  GrowingDataset(hid_t file, const std::string& name, std::size_t chunk_rows, std::string what)
      : what_(std::move(what)), chunk_rows_(chunk_rows) {
    constexpr int kRank = kWidth == 1 ? 1 : 2;
    const std::array<hsize_t, 2> none{0, kWidth};
    const std::array<hsize_t, 2> most{H5S_UNLIMITED, kWidth};
    const std::array<hsize_t, 2> chunk{chunk_rows, kWidth};
    const Hdf5Handle space(check_hdf5(H5Screate_simple(kRank, none.data(), most.data()), what_),
                           H5Sclose);
    const Hdf5Handle properties = chunked_properties(kRank, chunk.data(), what_);
    dataset_ = Hdf5Handle(check_hdf5(H5Dcreate2(file, name.c_str(), memory_type<T>(), space.get(),
                                                H5P_DEFAULT, properties.get(), H5P_DEFAULT),
                                     what_),
                          H5Dclose);
    buffer_.reserve(chunk_rows * kWidth);
  }

  hid_t id() const { return dataset_.get(); }

  void append(std::span<const T> values) {
    while (!values.empty()) {
      const std::size_t room = chunk_rows_ * kWidth - buffer_.size();
      const auto part = values.first(std::min(room, values.size()));
      buffer_.insert(buffer_.end(), part.begin(), part.end());
      values = values.subspan(part.size());
      if (part.size() == room) flush();
    }
  }

  void close() {
    if (!buffer_.empty()) flush();
    check_hdf5(dataset_.close(), what_);
  }

 private:
  void flush() {
    constexpr int kRank = kWidth == 1 ? 1 : 2;
    const std::array<hsize_t, 2> start{rows_, 0};
    const std::array<hsize_t, 2> count{buffer_.size() / kWidth, kWidth};
    rows_ += count[0];
    const std::array<hsize_t, 2> extent{rows_, kWidth};
    check_hdf5(H5Dset_extent(dataset_.get(), extent.data()), what_);
    const Hdf5Handle file_space(check_hdf5(H5Dget_space(dataset_.get()), what_), H5Sclose);
    check_hdf5(H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, start.data(), nullptr,
                                   count.data(), nullptr),
               what_);
    const Hdf5Handle memory_space(check_hdf5(H5Screate_simple(kRank, count.data(), nullptr), what_),
                                  H5Sclose);
    check_hdf5(H5Dwrite(dataset_.get(), memory_type<T>(), memory_space.get(), file_space.get(),
                        H5P_DEFAULT, buffer_.data()),
               what_);
    buffer_.clear();
  }

  std::string what_;
  std::size_t chunk_rows_;
  Hdf5Handle dataset_;
  std::vector<T> buffer_;
  hsize_t rows_ = 0;
};

// The file until it is renamed; a failed capture leaves nothing behind.
struct Unfinished {
  explicit Unfinished(std::string name) : path(std::move(name)) {}
  ~Unfinished() {
    // Emptied first: HDF5 keeps a file open that it could not write, and the disk is full already.
    if (::truncate(path.c_str(), 0) == 0) ::unlink(path.c_str());
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  std::string path;
};

Hdf5Handle create_file(const std::string& path, const std::string& what) {
  prepare_hdf5();
  const Hdf5Handle creation(check_hdf5(H5Pcreate(H5P_FILE_CREATE), what), H5Pclose);
  check_hdf5(H5Pset_obj_track_times(creation.get(), false), what);
  // Older layouts have no checksums around their metadata: one flipped bit there changed samples
  // unnoticed, or crashed the library.
  const Hdf5Handle access(check_hdf5(H5Pcreate(H5P_FILE_ACCESS), what), H5Pclose);
  check_hdf5(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_V110), what);
  return {check_hdf5(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), what),
          H5Fclose};
}

void check_names(const CaptureInfo& info, const std::string& what) {
  for (const Channel& channel : info.channels) {
    const bool taken = std::ranges::find(kOwnDatasets, channel.name) != kOwnDatasets.end();
    const bool odd =
        channel.name.empty() || channel.name == "." || channel.name.find('/') != std::string::npos;
    if (taken || odd) throw RigError(what + ": '" + channel.name + "' cannot name a channel");
    if (std::ranges::count(info.channels, channel.name, &Channel::name) > 1) {
      throw RigError(what + ": two channels '" + channel.name + "'");
    }
  }
}

bool can_clip(const Channel& channel) { return channel.unit != "logic"; }

std::uint64_t count_clipped(const Channel& channel, std::span<const std::int16_t> codes) {
  return static_cast<std::uint64_t>(std::ranges::count_if(codes, [&](std::int16_t code) {
    return code <= channel.clip_low || code >= channel.clip_high;
  }));
}

}  // namespace

struct CaptureWriter::State {
  State(const std::filesystem::path& run_folder, const std::string& file, const CaptureInfo& about,
        CaptureWriterOptions wanted)
      : info(about),
        options(wanted),
        path(run_folder / file),
        what(path.string()),
        part{path.string() + ".part"} {
    std::error_code ignored;
    std::filesystem::create_directories(path.parent_path(), ignored);  // creating the file tells
    if (std::filesystem::exists(path)) throw RigError(what + ": exists already");
    check_names(info, what);
    hdf5 = create_file(part.path, what);
    write_file_attributes();
    for (const Channel& channel : info.channels) {
      channels.emplace_back(hdf5.get(), channel.name, kChunkSamples, what);
      write_channel_attributes(channel);
    }
    spans.emplace(hdf5.get(), kSegments, kChunkSpans, what);
    lost.emplace(hdf5.get(), kSegmentLost, kChunkSpans, what);
    numbers.emplace(hdf5.get(), kSegmentNumber, kChunkSpans, what);

    ref.name = info.name;
    ref.file = file;
    for (const Channel& channel : info.channels) ref.clipped.emplace_back(channel.name, 0);
  }

  void write_file_attributes() {
    for_each_attribute(info, [this](const char* name, const auto& value) {
      write_attribute(hdf5.get(), name, value, what);
    });
    write_attribute(hdf5.get(), kSchemaAttribute, std::string(kCaptureSchema), what);
  }

  void write_channel_attributes(const Channel& channel) {
    const hid_t dataset = channels.back().id();
    for_each_attribute(channel, [&](const char* name, const auto& value) {
      write_attribute(dataset, name, value, what);
    });
    write_attribute(dataset, kIndexAttribute, static_cast<std::int32_t>(channels.size() - 1), what);
  }

  void end_span() {
    if (current.count == 0) return;
    spans->append(std::array{current.first_sample, current.row, current.count});
    lost->append(std::array{static_cast<std::uint8_t>(current.lost_before)});
    numbers->append(std::array{current.segment});
    next_row += current.count;
    current.count = 0;
  }

  // Keeps the books for a block that is not the continuation of the one before.
  void begin_span(const Block& block, bool new_segment, bool lost_before) {
    end_span();
    if (new_segment) ++ref.segments;
    if (lost_before) ++ref.lost;
    storing = !options.keep_segments || ref.segments <= *options.keep_segments;
    if (new_segment && storing) ++ref.segments_kept;
    current = {.first_sample = block.first_sample,
               .row = next_row,
               .count = 0,
               .lost_before = lost_before,
               .segment = block.segment};
  }

  CaptureInfo info;
  CaptureWriterOptions options;
  std::filesystem::path path;
  std::string what;
  Unfinished part;
  Hdf5Handle hdf5;  // before the datasets: closed after them
  std::vector<GrowingDataset<std::int16_t, 1>> channels;
  std::optional<GrowingDataset<std::uint64_t, 3>> spans;
  std::optional<GrowingDataset<std::uint8_t, 1>> lost;
  std::optional<GrowingDataset<std::uint32_t, 1>> numbers;
  CaptureRef ref;
  StoredSpan current;
  bool any = false;
  bool storing = true;
  bool pending_loss = false;
  std::uint32_t segment = 0;
  std::uint64_t next_sample = 0;
  std::uint64_t next_row = 0;
};

CaptureWriter::CaptureWriter(const std::filesystem::path& run_folder, const std::string& file,
                             const CaptureInfo& info, CaptureWriterOptions options)
    : state_(std::make_unique<State>(run_folder, file, info, options)) {}

CaptureWriter::~CaptureWriter() = default;

void CaptureWriter::take(const Block& block) {
  State& s = *state_;
  if (block.codes.size() != s.channels.size() ||
      std::ranges::any_of(block.codes, [&](auto codes) { return codes.size() != block.size(); })) {
    throw std::logic_error("capture " + s.info.name + ": a block with other channels");
  }
  s.pending_loss = s.pending_loss || block.lost_before;
  if (block.size() == 0) return;

  const bool new_segment = !s.any || block.segment != s.segment;
  const bool gap = !new_segment && block.first_sample > s.next_sample;
  const bool backwards =
      s.any && (block.segment < s.segment || (!new_segment && block.first_sample < s.next_sample));
  if (backwards) {
    throw RigError(fmt::format("{}: sample {} of segment {} after sample {} of segment {}", s.what,
                               block.first_sample, block.segment, s.next_sample, s.segment));
  }
  const bool lost_before = std::exchange(s.pending_loss, false) || gap;
  if (new_segment || lost_before) s.begin_span(block, new_segment, lost_before);
  s.any = true;
  s.segment = block.segment;
  s.next_sample = block.first_sample + block.size();
  s.ref.samples += block.size();

  for (std::size_t i = 0; i < s.channels.size(); ++i) {
    const Channel& channel = s.info.channels[i];
    if (can_clip(channel)) s.ref.clipped[i].second += count_clipped(channel, block.codes[i]);
    if (s.storing) s.channels[i].append(block.codes[i]);
  }
  if (s.storing) s.current.count += block.size();
}

CaptureRef CaptureWriter::close() {
  State& s = *state_;
  s.end_span();
  for (auto& channel : s.channels) channel.close();
  s.spans->close();
  s.lost->close();
  s.numbers->close();
  check_hdf5(s.hdf5.close(), s.what);
  if (::rename(s.part.path.c_str(), s.path.c_str()) != 0) {
    throw errno_error(s.path, "rename", errno);
  }
  s.ref.sha256 = sha256_of_file(s.path);
  CaptureRef ref = std::move(s.ref);
  state_.reset();
  return ref;
}

std::string capture_file_name(unsigned number, std::string_view capture_name) {
  std::string name(capture_name);
  for (char& c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
    if (!plain) c = '_';
  }
  return fmt::format("captures/{:04}-{}.h5", number, name);
}

}  // namespace rig
