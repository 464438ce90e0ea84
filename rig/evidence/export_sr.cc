#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rig/core/error.h"
#include "rig/evidence/export.h"
#include "rig/evidence/text.h"
#include "rig/evidence/zip_handle.h"

namespace rig {
namespace {

// 1980-01-01, the first date a zip can hold: the same capture gives the same bytes.
constexpr zip_uint16_t kNoDate = (1 << 5) | 1;
// 20 Msamples of two channels: 6 s, and 252 s at libzip's default of 9 for a third less.
constexpr zip_uint32_t kZipLevel = 1;
constexpr std::uint64_t kExportedAtOnce = 65536;

// The samples of an entry, made while libzip compresses them: the library pulls.
class SampleSource {
 public:
  SampleSource(const CaptureReader& capture, const StoredSpan& span,
               std::vector<std::size_t> channels)
      : capture_(capture), span_(span), channels_(std::move(channels)) {}
  virtual ~SampleSource() = default;
  SampleSource(const SampleSource&) = delete;
  SampleSource& operator=(const SampleSource&) = delete;

  void rewind() {
    done_ = 0;
    bytes_.clear();
    offset_ = 0;
  }

  std::size_t read(std::span<char> into) {
    std::size_t filled = 0;
    while (filled < into.size() && refill()) {
      const std::size_t part = std::min(into.size() - filled, bytes_.size() - offset_);
      std::memcpy(into.data() + filled, bytes_.data() + offset_, part);
      offset_ += part;
      filled += part;
    }
    return filled;
  }

  std::exception_ptr failure;  // an exception must not cross the C library

 protected:
  virtual void encode(const std::vector<std::vector<std::int16_t>>& codes,
                      std::vector<char>& bytes) const = 0;
  const std::vector<std::size_t>& channels() const { return channels_; }
  const CaptureInfo& info() const { return capture_.info(); }

 private:
  bool refill() {
    if (offset_ < bytes_.size()) return true;
    if (done_ == span_.count) return false;
    const auto size = static_cast<std::size_t>(std::min(kExportedAtOnce, span_.count - done_));
    std::vector<std::vector<std::int16_t>> codes(channels_.size(), std::vector<std::int16_t>(size));
    for (std::size_t i = 0; i < channels_.size(); ++i) {
      capture_.read(channels_[i], span_.row + done_, codes[i]);
    }
    bytes_.clear();
    offset_ = 0;
    encode(codes, bytes_);
    done_ += size;
    return true;
  }

  const CaptureReader& capture_;
  StoredSpan span_;
  std::vector<std::size_t> channels_;
  std::uint64_t done_ = 0;
  std::vector<char> bytes_;
  std::size_t offset_ = 0;
};

// One analog channel: 32-bit floats in the channel's unit, little endian.
class FloatSource final : public SampleSource {
 public:
  using SampleSource::SampleSource;

 private:
  void encode(const std::vector<std::vector<std::int16_t>>& codes,
              std::vector<char>& bytes) const override {
    const Channel& channel = info().channels[channels()[0]];
    bytes.resize(codes[0].size() * sizeof(float));
    for (std::size_t i = 0; i < codes[0].size(); ++i) {
      const auto value = static_cast<float>(channel.value_of(codes[0][i]));
      std::memcpy(bytes.data() + i * sizeof value, &value, sizeof value);
    }
  }
};

std::size_t logic_unit_size(std::size_t channels) { return (channels + 7) / 8; }

// All logic channels: a bit each, the first one lowest.
class BitSource final : public SampleSource {
 public:
  using SampleSource::SampleSource;

 private:
  void encode(const std::vector<std::vector<std::int16_t>>& codes,
              std::vector<char>& bytes) const override {
    const std::size_t unit = logic_unit_size(codes.size());
    bytes.assign(codes[0].size() * unit, 0);
    for (std::size_t c = 0; c < codes.size(); ++c) {
      for (std::size_t i = 0; i < codes[c].size(); ++i) {
        char& byte = bytes[i * unit + c / 8];
        if (codes[c][i] != 0) byte = static_cast<char>(byte | (1 << (c % 8)));
      }
    }
  }
};

zip_int64_t pull(void* context, void* data, zip_uint64_t length, zip_source_cmd_t command) {
  auto& source = *static_cast<SampleSource*>(context);
  switch (command) {
    case ZIP_SOURCE_SUPPORTS:
      return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                            ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
    case ZIP_SOURCE_OPEN: source.rewind(); return 0;
    case ZIP_SOURCE_READ:
      try {
        return static_cast<zip_int64_t>(source.read({static_cast<char*>(data), length}));
      } catch (...) {
        source.failure = std::current_exception();
        return -1;
      }
    case ZIP_SOURCE_STAT: zip_stat_init(static_cast<zip_stat_t*>(data)); return sizeof(zip_stat_t);
    case ZIP_SOURCE_ERROR: {
      const std::array<int, 2> error{ZIP_ER_READ, 0};
      std::memcpy(data, error.data(), sizeof error);
      return sizeof error;
    }
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE: return 0;
    default: return -1;
  }
}

void add_entry(zip_t* archive, const std::string& name, zip_source_t* source) {
  const zip_int64_t index = source == nullptr ? -1 : zip_file_add(archive, name.c_str(), source, 0);
  if (index < 0) {
    zip_source_free(source);
    throw RigError(name + ": " + zip_strerror(archive));
  }
  const auto entry = static_cast<zip_uint64_t>(index);
  zip_set_file_compression(archive, entry, ZIP_CM_DEFLATE, kZipLevel);
  zip_file_set_dostime(archive, entry, 0, kNoDate, 0);
}

// Channel numbers by kind, in order.
struct Channels {
  explicit Channels(const CaptureInfo& info) {
    for (std::size_t i = 0; i < info.channels.size(); ++i) {
      (info.channels[i].unit == "logic" ? logic : analog).push_back(i);
    }
  }
  std::vector<std::size_t> logic;
  std::vector<std::size_t> analog;
};

std::string metadata(const CaptureInfo& info, const Channels& channels) {
  std::string text = "[global]\nsigrok version=0.5.2\n\n[device 1]\n";
  if (!channels.logic.empty()) text += "capturefile=logic-1\n";
  text += fmt::format("total probes={}\nsamplerate={} Hz\ntotal analog={}\n", channels.logic.size(),
                      info.rate.samples / info.rate.seconds, channels.analog.size());
  std::size_t number = 0;
  for (const std::size_t i : channels.logic) {
    text += fmt::format("probe{}={}\n", ++number, to_one_line(info.channels[i].name));
  }
  for (const std::size_t i : channels.analog) {
    text += fmt::format("analog{}={}\n", ++number, to_one_line(info.channels[i].name));
  }
  if (channels.logic.empty()) return text;
  return text + fmt::format("unitsize={}\n", logic_unit_size(channels.logic.size()));
}

// A 32-bit float must still tell neighbouring codes apart.
void check_precision(const Channel& channel, const std::string& where) {
  const double largest =
      std::max(std::fabs(channel.value_of(INT16_MIN)), std::fabs(channel.value_of(INT16_MAX)));
  constexpr double kHalfUlp = 0x1p-24;  // of a float, relative
  if (channel.unit == "logic" || largest * kHalfUlp < std::fabs(channel.scale) / 4) return;
  throw InputError(where + "'" + channel.name +
                   "' has an offset too large for .sr's floats; use .csv");
}

StoredSpan only_span(const CaptureReader& capture, const ExportOptions& options) {
  const std::string where = capture.file().string() + ": ";
  const auto spans = selected_spans(capture, options);
  if (spans.size() == 1) return spans.front();
  if (spans.empty()) throw InputError(where + "no samples");
  if (options.segment) {
    throw InputError(where +
                     "samples are missing within the segment, and .sr has no gaps; use .csv");
  }
  throw InputError(
      fmt::format("{}{} pieces with gaps between them, and .sr has no gaps; select a "
                  "segment, or use .csv or .vcd",
                  where, spans.size()));
}

}  // namespace

void export_sr(const CaptureReader& capture, const std::filesystem::path& to,
               const ExportOptions& options) {
  const CaptureInfo& info = capture.info();
  const std::string where = capture.file().string() + ": ";
  const StoredSpan span = only_span(capture, options);
  if (info.rate.samples % info.rate.seconds != 0) {
    throw InputError(where + ".sr holds whole hertz only; use .csv or .vcd");
  }
  for (const Channel& channel : info.channels) check_precision(channel, where);

  int error = 0;
  ZipArchive archive(zip_open(to.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error));
  if (!archive) throw RigError(to.string() + ": zip error " + std::to_string(error));
  const Channels channels(info);
  const std::string about = metadata(info, channels);
  std::vector<std::unique_ptr<SampleSource>> sources;
  const auto add = [&](const std::string& name, std::unique_ptr<SampleSource> source) {
    add_entry(archive.get(), name, zip_source_function(archive.get(), pull, source.get()));
    sources.push_back(std::move(source));
  };
  add_entry(archive.get(), "version", zip_source_buffer(archive.get(), "2", 1, 0));
  add_entry(archive.get(), "metadata",
            zip_source_buffer(archive.get(), about.data(), about.size(), 0));
  std::size_t number = channels.logic.size();
  if (number > 0) add("logic-1-1", std::make_unique<BitSource>(capture, span, channels.logic));
  for (const std::size_t i : channels.analog) {
    add(fmt::format("analog-1-{}-1", ++number),
        std::make_unique<FloatSource>(capture, span, std::vector{i}));
  }
  if (zip_close(archive.get()) != 0) {
    for (const auto& source : sources) {
      if (source->failure) std::rethrow_exception(source->failure);
    }
    throw RigError(to.string() + ": " + zip_strerror(archive.get()));
  }
  static_cast<void>(archive.release());  // zip_close has freed it
}

}  // namespace rig
