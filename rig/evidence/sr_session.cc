#include "rig/evidence/sr_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "rig/evidence/byte_source.h"
#include "rig/evidence/csv_lines.h"
#include "rig/evidence/text.h"
#include "rig/evidence/waveform_parts.h"

namespace rig {
namespace {

constexpr std::size_t kLongestMetadata = 1 << 20;

// libzip reports damage, of whatever kind, by less than zero.
std::size_t checked(zip_int64_t got, zip_file_t* entry, const std::string& where) {
  if (got >= 0) return static_cast<std::size_t>(got);
  throw InputError(where +
                   ": expected a sound zip entry, found: " + to_one_line(zip_file_strerror(entry)));
}

std::string metadata_text(zip_t* archive, const std::string& file) {
  const ZipEntry entry(zip_fopen(archive, "metadata", 0));
  if (!entry) throw error_at_byte(file, 0, "a sigrok session's entry 'metadata'", "none");
  std::string text(kLongestMetadata, '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const std::size_t got =
        checked(zip_fread(entry.get(), text.data() + filled, text.size() - filled), entry.get(),
                file + ": metadata");
    if (got == 0) break;
    filled += got;
  }
  if (filled == text.size()) {
    throw InputError(file + ": metadata: byte 1048576: expected its end, found more");
  }
  text.resize(filled);
  return text;
}

std::optional<std::uint32_t> whole(std::string_view text) {
  std::uint32_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// "probe3" with "probe": 3.
std::optional<std::uint32_t> number_after(std::string_view key, std::string_view head) {
  if (!key.starts_with(head)) return std::nullopt;
  const auto number = whole(key.substr(head.size()));
  constexpr std::uint32_t kMost = 1024;
  return number && *number >= 1 && *number <= kMost ? number : std::nullopt;
}

void take_setting(std::string_view key, std::string_view value, const std::string& where,
                  SrMetadata& metadata) {
  const auto refuse = [&](std::string_view expected) {
    return InputError(fmt::format("{}: expected {}, found {}", where, expected, found_in(value)));
  };
  if (key == "samplerate") {
    metadata.rate = rate_from_text(value);
    if (!metadata.rate) throw refuse("a sample rate such as '10 MHz'");
  } else if (key == "capturefile") {
    metadata.logic_file = value;
  } else if (key == "unitsize") {
    const auto size = whole(value);
    constexpr std::uint32_t kMost = 128;
    if (!size || *size < 1 || *size > kMost) throw refuse("a unit size from 1 to 128");
    metadata.unit_size = *size;
  } else if (const auto probe = number_after(key, "probe")) {
    metadata.probes[*probe] = value;
  } else if (const auto analog = number_after(key, "analog")) {
    metadata.analogs[*analog] = value;
  }
}

}  // namespace

ZipArchive open_zip(const std::string& path, const std::string& file) {
  int code = 0;
  ZipArchive archive(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (archive) return archive;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string cause = to_one_line(zip_error_strerror(&error));
  zip_error_fini(&error);
  throw error_at_byte(file, 0, "a sigrok session, which is a zip", cause);
}

SrMetadata read_sr_metadata(zip_t* archive, const std::string& file) {
  SrMetadata metadata;
  const std::string text = metadata_text(archive, file);
  std::size_t line_number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = trimmed(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
    ++line_number;
    const std::size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    take_setting(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)),
                 fmt::format("{}: metadata:{}:{}", file, line_number, equals + 2), metadata);
  }
  return metadata;
}

ChunkStream::ChunkStream(zip_t* archive, std::string file, std::string base)
    : archive_(archive), file_(std::move(file)), base_(std::move(base)) {
  if (open_next()) return;
  name_ = base_;  // one entry for all, as sigrok wrote it once
  entry_.reset(zip_fopen(archive_, name_.c_str(), 0));
  if (!entry_) {
    throw error_at_byte(file_, 0, fmt::format("an entry '{}-1'", to_one_line(base_)), "none");
  }
}

bool ChunkStream::open_next() {
  if (!entry_ && number_ > 0) return false;
  if (number_ == 0 && entry_) return false;
  std::string name = fmt::format("{}-{}", base_, number_ + 1);
  const zip_int64_t index = zip_name_locate(archive_, name.c_str(), 0);
  if (index < 0) return false;
  entry_.reset(zip_fopen_index(archive_, static_cast<zip_uint64_t>(index), 0));
  name_ = std::move(name);
  if (!entry_) {
    throw InputError(fmt::format("{}: {}: expected a sound zip entry, found: {}", file_,
                                 to_one_line(name_), to_one_line(zip_strerror(archive_))));
  }
  ++number_;
  position_ = 0;
  return true;
}

std::size_t ChunkStream::read(std::span<std::byte> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    const std::size_t got =
        checked(zip_fread(entry_.get(), into.data() + filled, into.size() - filled), entry_.get(),
                fmt::format("{}: {}: byte {}", file_, to_one_line(name_), position_));
    if (got == 0 && !open_next()) break;
    filled += got;
    position_ += got;
  }
  return filled;
}

InputError ChunkStream::error(std::uint64_t back, std::string_view expected,
                              std::string_view found) const {
  const std::uint64_t at = position_ - std::min(back, position_);
  return InputError(fmt::format("{}: {}: byte {}: expected {}, found {}", file_, to_one_line(name_),
                                at, expected, found));
}

}  // namespace rig
