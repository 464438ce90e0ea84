// HDF5: our own captures, and files whose root holds one dataset: n, or n x channels.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "rig/evidence/capture_file.h"
#include "rig/evidence/capture_layout.h"
#include "rig/evidence/hdf5_handle.h"
#include "rig/evidence/text.h"
#include "rig/evidence/waveform_parts.h"

namespace rig {
namespace {

constexpr std::size_t kReadAtOnce = 65536;

// What evidence/ throws about a damaged file is the user's to know.
template <typename Action>
auto as_input(const Action& action) {
  try {
    return action();
  } catch (const RigError& error) {
    throw InputError(to_one_line(error.what()));
  }
}

class OwnCapture final : public WaveformFile {
 public:
  explicit OwnCapture(const WaveformOptions& options)
      : reader_(as_input([&] { return CaptureReader(options.path); })), info_(reader_.info()) {
    const std::string file = to_one_line(options.path);
    check_channel_count(info_.channels.size(), file, 0);
    if (reader_.rows() == 0) throw error_at_byte(file, 0, "samples", "none in the capture");
    if (!is_usable(info_.rate)) {
      throw error_at_byte(file, 0, "a sample rate above 0 and at most 10 THz",
                          fmt::format("{:g} Hz", info_.rate.hertz()));
    }
    for (const Channel& channel : info_.channels) {
      if (std::isfinite(channel.scale) && channel.scale != 0 && std::isfinite(channel.offset))
        continue;
      throw InputError(
          fmt::format("{}: /{}: expected a scale other than 0 and a finite offset, found "
                      "{} and {}",
                      file, to_one_line(channel.name), channel.scale, channel.offset));
    }
    assumed_ = apply_options(info_, options, file, {.rate = true, .scale = true});
  }

  const CaptureInfo& info() const override { return info_; }
  CodeType type() const override { return CodeType::kI16; }

  void replay(CodeSink& sink) override {
    std::vector<std::vector<std::int16_t>> codes(info_.channels.size());
    for (const StoredSpan& span : reader_.spans()) {
      for (std::uint64_t done = 0; done < span.count;) {
        const auto size =
            static_cast<std::size_t>(std::min<std::uint64_t>(kReadAtOnce, span.count - done));
        CodeBlock block;
        block.first_sample = span.first_sample + done;
        block.segment = span.segment;
        block.lost_before = span.lost_before && done == 0;
        block.type = CodeType::kI16;
        block.channels = codes.size();
        block.size = size;
        for (std::size_t c = 0; c < codes.size(); ++c) {
          codes[c].resize(size);
          as_input([&] { reader_.read(c, span.row + done, codes[c]); });
          block.first_code[c] = codes[c].data();
        }
        sink.take(block);
        done += size;
      }
    }
  }

 private:
  CaptureReader reader_;
  CaptureInfo info_;
};

Hdf5Handle open_file(const std::string& path) {
  prepare_hdf5();
  return {check_hdf5(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), path), H5Fclose};
}

// The names of the datasets in the root.
std::vector<std::string> dataset_names(hid_t file, const std::string& what) {
  std::vector<std::string> names;
  const auto take = [](hid_t group, const char* name, const H5L_info_t*, void* into) -> herr_t {
    H5O_info_t about;
    if (H5Oget_info_by_name2(group, name, &about, H5O_INFO_BASIC, H5P_DEFAULT) >= 0 &&
        about.type == H5O_TYPE_DATASET) {
      static_cast<std::vector<std::string>*>(into)->emplace_back(name);
    }
    return 0;
  };
  check_hdf5(H5Literate(file, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, take, &names), what);
  return names;
}

std::optional<CodeType> code_type(hid_t type) {
  const std::size_t size = H5Tget_size(type);
  if (H5Tget_class(type) == H5T_FLOAT) return CodeType::kF32;
  if (H5Tget_class(type) != H5T_INTEGER || size > 2) return std::nullopt;
  const bool has_sign = H5Tget_sign(type) == H5T_SGN_2;
  if (size == 1) return has_sign ? CodeType::kI8 : CodeType::kU8;
  return has_sign ? CodeType::kI16 : CodeType::kU16;
}

hid_t memory_type_of(CodeType type) {
  switch (type) {
    case CodeType::kU8: return H5T_NATIVE_UINT8;
    case CodeType::kI8: return H5T_NATIVE_INT8;
    case CodeType::kI16: return H5T_NATIVE_INT16;
    case CodeType::kU16: return H5T_NATIVE_UINT16;
    case CodeType::kF32: break;
  }
  return H5T_NATIVE_FLOAT;
}

class PlainDataset final : public WaveformFile {
 public:
  explicit PlainDataset(const WaveformOptions& options)
      : path_(to_one_line(options.path)), file_(as_input([&] { return open_file(options.path); })) {
    as_input([&] { open_dataset(); });
    info_.name = path_;
    info_.channels.assign(channels_, channel_of(type_));
    const auto rate = as_input([&] {
      return number({"sample_rate", "rate_hz", "sample_rate_hz"});
    });
    if (rate) take_rate(*rate);
    assumed_ = apply_options(info_, options, path_, {.rate = rate.has_value()});
    codes_.resize(kReadAtOnce * channels_ * size_of(type_));
  }

  const CaptureInfo& info() const override { return info_; }
  CodeType type() const override { return type_; }

  void replay(CodeSink& sink) override {
    for (std::uint64_t first = 0; first < rows_;) {
      const auto size =
          static_cast<std::size_t>(std::min<std::uint64_t>(kReadAtOnce, rows_ - first));
      as_input([&] { read(first, size); });
      if (type_ == CodeType::kF32) check_floats(first, size);
      sink.take(interleaved(type_, codes_.data(), channels_, size, first));
      first += size;
    }
  }

 private:
  void open_dataset() {
    const auto names = dataset_names(file_.get(), path_);
    if (names.size() != 1) {
      throw error_at_byte(path_, 0, "one dataset in the root", std::to_string(names.size()));
    }
    what_ = path_ + ": /" + to_one_line(names[0]);
    dataset_ = {check_hdf5(H5Dopen2(file_.get(), names[0].c_str(), H5P_DEFAULT), what_), H5Dclose};
    const Hdf5Handle type(check_hdf5(H5Dget_type(dataset_.get()), what_), H5Tclose);
    const auto known = code_type(type.get());
    if (!known)
      throw InputError(what_ + ": expected integers of 8 or 16 bits or floats, found others");
    type_ = *known;
    const Hdf5Handle space(check_hdf5(H5Dget_space(dataset_.get()), what_), H5Sclose);
    rank_ = H5Sget_simple_extent_ndims(space.get());
    if (rank_ != 1 && rank_ != 2) {
      throw InputError(fmt::format("{}: expected 1 or 2 dimensions, found {}", what_, rank_));
    }
    std::array<hsize_t, 2> extent{0, 1};
    check_hdf5(H5Sget_simple_extent_dims(space.get(), extent.data(), nullptr), what_);
    rows_ = extent[0];
    channels_ = static_cast<std::size_t>(extent[1]);
    constexpr hsize_t kAnyFilter = 1'000'000;  // no packing of noise is better
    check_storage(dataset_.get(), rows_, H5Tget_size(type.get()), kAnyFilter, what_);
    if (rows_ == 0) throw InputError(what_ + ": row 0: expected samples, found none");
    if (channels_ < 1 || channels_ > kMostWaveformChannels) {
      throw InputError(fmt::format("{}: expected 1 to {} columns, one per channel, found {}", what_,
                                   kMostWaveformChannels, channels_));
    }
  }

  // The first of these attributes that the dataset or else the file has.
  std::optional<double> number(std::initializer_list<const char*> names) const {
    for (const hid_t object : {dataset_.get(), file_.get()}) {
      for (const char* const name : names) {
        if (H5Aexists(object, name) <= 0) continue;
        double value = 0;
        read_attribute(object, name, value, what_);
        return value;
      }
    }
    return std::nullopt;
  }

  void take_rate(double hertz) {
    const auto rate = simplest_rate(hertz, 1e-9);
    if (!rate) {
      throw InputError(fmt::format(
          "{}: expected a sample rate above 0 and at most 10 THz, found {:g} Hz", what_, hertz));
    }
    info_.rate = *rate;
  }

  void read(std::uint64_t first, std::size_t size) {
    const std::array<hsize_t, 2> start{first, 0};
    const std::array<hsize_t, 2> count{size, channels_};
    const Hdf5Handle from(check_hdf5(H5Dget_space(dataset_.get()), what_), H5Sclose);
    check_hdf5(H5Sselect_hyperslab(from.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                                   nullptr),
               what_);
    const Hdf5Handle into(check_hdf5(H5Screate_simple(rank_, count.data(), nullptr), what_),
                          H5Sclose);
    check_hdf5(H5Dread(dataset_.get(), memory_type_of(type_), into.get(), from.get(), H5P_DEFAULT,
                       codes_.data()),
               what_);
  }

  void check_floats(std::uint64_t first, std::size_t size) const {
    const std::size_t bad = first_not_finite(codes_.data(), size * channels_);
    if (bad == size * channels_) return;
    throw InputError(fmt::format("{}: row {}: expected a finite number, found {}", what_,
                                 first + bad / channels_, name_of_not_finite(codes_.data(), bad)));
  }

  std::string path_;
  std::string what_;  // "FILE: /dataset"
  Hdf5Handle file_;
  Hdf5Handle dataset_;
  CaptureInfo info_;
  CodeType type_ = CodeType::kF32;
  int rank_ = 1;
  std::uint64_t rows_ = 0;
  std::size_t channels_ = 1;
  std::vector<std::byte> codes_;
};

bool is_own(const std::string& path) {
  const Hdf5Handle file = open_file(path);
  if (H5Aexists(file.get(), kSchemaAttribute) <= 0) return false;
  try {
    std::string schema;
    read_attribute(file.get(), kSchemaAttribute, schema, path);
    return schema.starts_with("soleus-rig");
  } catch (const RigError&) {
    return false;  // a schema of someone else's
  }
}

}  // namespace

std::unique_ptr<WaveformFile> open_hdf5(const WaveformOptions& options) {
  const bool own = as_input([&] { return is_own(options.path); });
  if (own) return std::make_unique<OwnCapture>(options);
  return std::make_unique<PlainDataset>(options);
}

}  // namespace rig
