#include <fcntl.h>
#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "rig/evidence/capture_file.h"
#include "rig/evidence/capture_layout.h"
#include "rig/evidence/files.h"
#include "rig/evidence/hdf5_handle.h"

namespace rig {
namespace {

struct StoredChannel {
  std::int32_t index = 0;
  Channel channel;
  Hdf5Handle dataset;
};

Hdf5Handle open_file(const std::filesystem::path& path) {
  prepare_hdf5();
  { const FileDescriptor probe(path, O_RDONLY); }  // says why in the system's words
  return {check_hdf5(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), path.string()), H5Fclose};
}

// "runs/x/captures/0003-trip.h5: /current"
std::string place(const std::string& what, const std::string& dataset) {
  return what + ": /" + dataset;
}

Hdf5Handle open_dataset(hid_t file, const std::string& name, const std::string& what) {
  return {check_hdf5(H5Dopen2(file, name.c_str(), H5P_DEFAULT), place(what, name)), H5Dclose};
}

// REQUIRES: the dataset is 1-D for width 1, else [rows, width].
std::uint64_t rows_of(hid_t dataset, hsize_t width, const std::string& what) {
  const Hdf5Handle space(check_hdf5(H5Dget_space(dataset), what), H5Sclose);
  std::array<hsize_t, 2> extent{0, 1};
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank != (width == 1 ? 1 : 2)) throw RigError(what + ": a dataset of another shape");
  check_hdf5(H5Sget_simple_extent_dims(space.get(), extent.data(), nullptr), what);
  if (extent[1] != width) throw RigError(what + ": a dataset of another shape");
  return extent[0];
}

template <typename T>
std::vector<T> read_table(hid_t file, const std::string& name, hsize_t width,
                          const std::string& what) {
  const Hdf5Handle dataset = open_dataset(file, name, what);
  const std::string where = place(what, name);
  const std::uint64_t rows = rows_of(dataset.get(), width, where);
  check_storage(dataset.get(), rows, width * sizeof(T), kDeflateRatio, where);
  std::vector<T> values(rows * width);
  check_hdf5(H5Dread(dataset.get(), memory_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
             where);
  return values;
}

std::vector<std::string> names_in(hid_t file, const std::string& what) {
  std::vector<std::string> names;
  const auto take = [](hid_t, const char* name, const H5L_info_t*, void* into) -> herr_t {
    static_cast<std::vector<std::string>*>(into)->emplace_back(name);
    return 0;
  };
  check_hdf5(H5Literate(file, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, take, &names), what);
  return names;
}

std::vector<StoredChannel> open_channels(hid_t file, const std::string& what) {
  std::vector<StoredChannel> channels;
  for (const std::string& name : names_in(file, what)) {
    if (std::ranges::find(kOwnDatasets, name) != kOwnDatasets.end()) continue;
    StoredChannel stored;
    stored.dataset = open_dataset(file, name, what);
    stored.channel.name = name;
    const hid_t dataset = stored.dataset.get();
    const std::string where = place(what, name);
    for_each_attribute(stored.channel, [&](const char* attribute, auto& value) {
      read_attribute(dataset, attribute, value, where);
    });
    read_attribute(dataset, kIndexAttribute, stored.index, where);
    channels.push_back(std::move(stored));
  }
  std::ranges::sort(channels, {}, &StoredChannel::index);
  return channels;
}

std::vector<StoredSpan> read_spans(hid_t file, const std::string& what) {
  const auto table = read_table<std::uint64_t>(file, kSegments, 3, what);
  const auto lost = read_table<std::uint8_t>(file, kSegmentLost, 1, what);
  const auto numbers = read_table<std::uint32_t>(file, kSegmentNumber, 1, what);
  if (table.size() != 3 * lost.size() || lost.size() != numbers.size()) {
    throw RigError(what + ": the segment tables differ in length");
  }
  std::vector<StoredSpan> spans;
  spans.reserve(lost.size());
  for (std::size_t i = 0; i < lost.size(); ++i) {
    spans.push_back({.first_sample = table[3 * i],
                     .row = table[3 * i + 1],
                     .count = table[3 * i + 2],
                     .lost_before = lost[i] != 0,
                     .segment = numbers[i]});
  }
  return spans;
}

}  // namespace

struct CaptureReader::State {
  explicit State(const std::filesystem::path& file)
      : path(file), what(file.string()), hdf5(open_file(file)) {
    std::string schema;
    read_attribute(hdf5.get(), kSchemaAttribute, schema, what);
    if (schema != kCaptureSchema) {
      throw RigError(what + ": expected schema '" + kCaptureSchema + "', found '" + schema + "'");
    }
    for_each_attribute(info, [this](const char* name, auto& value) {
      read_attribute(hdf5.get(), name, value, what);
    });
    if (info.rate.samples == 0 || info.rate.seconds == 0) throw RigError(what + ": no sample rate");
    spans = read_spans(hdf5.get(), what);
    channels = open_channels(hdf5.get(), what);
    for (const StoredChannel& stored : channels) info.channels.push_back(stored.channel);
    check_rows();
  }

  void check_rows() {
    for (const StoredSpan& span : spans) {
      if (span.row != rows) throw RigError(what + ": the segments leave rows out");
      rows += span.count;
    }
    for (const StoredChannel& stored : channels) {
      const std::string where = place(what, stored.channel.name);
      const std::uint64_t found = rows_of(stored.dataset.get(), 1, where);
      check_storage(stored.dataset.get(), found, sizeof(std::int16_t), kDeflateRatio, where);
      if (found == rows) continue;
      throw RigError(where + ": expected " + std::to_string(rows) + " samples, found " +
                     std::to_string(found));
    }
  }

  std::filesystem::path path;
  std::string what;
  Hdf5Handle hdf5;
  CaptureInfo info;
  std::vector<StoredSpan> spans;
  std::vector<StoredChannel> channels;
  std::uint64_t rows = 0;
};

CaptureReader::CaptureReader(const std::filesystem::path& file)
    : state_(std::make_unique<State>(file)) {}
CaptureReader::~CaptureReader() = default;
CaptureReader::CaptureReader(CaptureReader&&) noexcept = default;

CaptureReader open_capture(const std::filesystem::path& run_folder, const CaptureRef& ref) {
  const std::filesystem::path file = run_folder / ref.file;
  if (sha256_of_file(file) != ref.sha256) {
    throw RigError(file.string() + ": not the file that was recorded: sha256 differs");
  }
  return CaptureReader(file);
}

const std::filesystem::path& CaptureReader::file() const { return state_->path; }
const CaptureInfo& CaptureReader::info() const { return state_->info; }
const std::vector<StoredSpan>& CaptureReader::spans() const { return state_->spans; }
std::uint64_t CaptureReader::rows() const { return state_->rows; }

void CaptureReader::read(std::size_t channel, std::uint64_t row,
                         std::span<std::int16_t> codes) const {
  const StoredChannel& stored = state_->channels.at(channel);
  const std::string where = place(state_->what, stored.channel.name);
  if (row > rows() || codes.size() > rows() - row) throw std::logic_error(where + ": past the end");
  if (codes.empty()) return;
  const hsize_t start = row;
  const hsize_t count = codes.size();
  const Hdf5Handle file_space(check_hdf5(H5Dget_space(stored.dataset.get()), where), H5Sclose);
  check_hdf5(
      H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, &start, nullptr, &count, nullptr),
      where);
  const Hdf5Handle memory_space(check_hdf5(H5Screate_simple(1, &count, nullptr), where), H5Sclose);
  check_hdf5(H5Dread(stored.dataset.get(), H5T_NATIVE_INT16, memory_space.get(), file_space.get(),
                     H5P_DEFAULT, codes.data()),
             where);
}

void CaptureReader::replay(BlockSink& sink, std::size_t block_size) const {
  for (const StoredSpan& span : spans()) replay(span, sink, block_size);
}

void CaptureReader::replay(const StoredSpan& span, BlockSink& sink, std::size_t block_size) const {
  if (block_size == 0) throw std::logic_error("replay in blocks of nothing");
  const std::size_t channels = info().channels.size();
  std::vector<std::vector<std::int16_t>> codes(channels);
  for (std::uint64_t done = 0; done < span.count;) {
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(block_size, span.count - done));
    Block block{.first_sample = span.first_sample + done,
                .segment = span.segment,
                .lost_before = span.lost_before && done == 0,
                .codes = {}};
    for (std::size_t channel = 0; channel < channels; ++channel) {
      codes[channel].resize(size);
      read(channel, span.row + done, codes[channel]);
      block.codes.emplace_back(codes[channel]);
    }
    sink.take(block);
    done += size;
  }
}

}  // namespace rig
