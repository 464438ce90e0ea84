#include "rig/evidence/waveform_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "rig/evidence/text.h"
#include "rig/evidence/waveform_parts.h"

namespace rig {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kHead = 4096;  // bytes that a file is judged by

constexpr std::string_view kRawFormats = "u8, i8, i16le, i16be, u16le, u16be, f32le, f32be";

void check_options(const WaveformOptions& options, const std::string& file) {
  if (options.rate && !is_usable(*options.rate)) {
    throw InputError(fmt::format("{}: rate: expected more than 0 and at most 10 THz, found {:g} Hz",
                                 file, options.rate->hertz()));
  }
  if (options.scale && !(*options.scale > 0 && std::isfinite(*options.scale))) {
    throw InputError(
        fmt::format("{}: scale: expected a number above 0, found {}", file, *options.scale));
  }
  if (options.offset && !std::isfinite(*options.offset)) {
    throw InputError(
        fmt::format("{}: offset: expected a finite number, found {}", file, *options.offset));
  }
  if (options.channels && (*options.channels < 1 || *options.channels > kMostWaveformChannels)) {
    throw InputError(fmt::format("{}: channels: expected 1 to {}, found {}", file,
                                 kMostWaveformChannels, *options.channels));
  }
}

bool is_text(std::string_view bytes) {
  return std::ranges::none_of(bytes, [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code == 0x7F || (code < 0x20 && c != '\t' && c != '\r' && c != '\n');
  });
}

// Lines of numbers, whatever separates them: what samples hardly ever spell.
bool is_table(std::string_view head) {
  if (!is_text(head)) return false;
  std::size_t lines = 0;
  std::size_t of_numbers = 0;
  while (true) {
    const std::size_t end = head.find('\n');
    if (end == std::string_view::npos) break;  // what follows may be cut
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 1);
    ++lines;
    const bool numbers = line.find_first_of("0123456789") != std::string_view::npos &&
                         line.find_first_not_of("0123456789+-.,;eE \t\r") == std::string_view::npos;
    if (numbers) ++of_numbers;
  }
  return lines >= 2 && 2 * of_numbers >= lines;
}

std::string hex_of(std::string_view bytes) {
  std::string text = "bytes";
  for (const char c : bytes) text += fmt::format(" {:02x}", static_cast<unsigned char>(c));
  return text;
}

std::string format_of_ending(const std::string& path) {
  std::string ending = std::filesystem::path(path).extension().string();
  if (!ending.empty()) ending.erase(0, 1);
  if (ending == "h5") return "hdf5";
  const bool known = ending == "csv" || ending == "sr" || ending == "wav" || ending == "hdf5";
  return known || raw_layout(ending) ? ending : "";
}

// By what the file begins with, then by its name's ending.
std::string format_of(ByteSource& source, const std::string& path) {
  const std::string_view head = source.peek(kHead);
  if (head.empty()) throw source.error(0, "samples", kEndOfFile);
  if (head.starts_with("PK\x03\x04"sv)) return "sr";
  if (head.starts_with("\x89HDF\r\n\x1a\n"sv)) return "hdf5";
  const bool riff =
      head.starts_with("RIFF") || head.starts_with("RF64") || head.starts_with("BW64");
  if (riff && head.size() >= 12 && head.substr(8).starts_with("WAVE")) return "wav";
  std::string ending = format_of_ending(path);
  if (!ending.empty()) return ending;
  if (is_text(head)) return "csv";
  throw source.error(0,
                     fmt::format("CSV, WAV, HDF5 or a sigrok session, or the name of a raw format "
                                 "({})",
                                 kRawFormats),
                     hex_of(head.substr(0, 8)));
}

}  // namespace

std::unique_ptr<WaveformFile> open_waveform(const WaveformOptions& options) {
  auto source = std::make_unique<ByteSource>(options.path);
  const std::string file = source->name();
  check_options(options, file);
  const std::string format =
      options.format.empty() ? format_of(*source, options.path) : options.format;
  if (const auto layout = raw_layout(format)) {
    if (is_table(source->peek(kHead))) {
      throw InputError(fmt::format(
          "{}: format: expected samples of {}, found lines of numbers: csv", file, format));
    }
    return open_raw(std::move(source), options, *layout);
  }
  if (format == "csv") return open_csv(std::move(source), options);
  if (format == "wav") return open_wav(std::move(source), options);
  if (format != "sr" && format != "hdf5") {
    throw InputError(fmt::format("{}: format: expected csv, wav, sr, hdf5 or one of {}, found '{}'",
                                 file, kRawFormats, to_one_line(format)));
  }
  if (options.path == "-") {
    throw InputError(
        fmt::format("{}: format: expected one that can be read as it comes (raw, csv, "
                    "wav), found {}",
                    file, format));
  }
  return format == "sr" ? open_sr(options) : open_hdf5(options);
}

}  // namespace rig
