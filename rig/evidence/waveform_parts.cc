#include "rig/evidence/waveform_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

#include "rig/evidence/text.h"

namespace rig {
namespace {

constexpr double kMostHertz = 1e13;
constexpr double kLeastHertz = 1e-6;
constexpr std::uint64_t kSecond = 1'000'000'000'000;

template <typename T>
Channel full_scale() {
  Channel channel;
  channel.bits = static_cast<int>(8 * sizeof(T));
  constexpr std::int64_t kCodes = std::int64_t{1} << std::numeric_limits<T>::digits;
  channel.clip_low = std::is_signed_v<T> ? static_cast<std::int32_t>(-kCodes) : 0;
  channel.clip_high = static_cast<std::int32_t>(kCodes - 1);
  return channel;
}

struct Rounded {
  double value = 0;
  int digits = 0;
};

// The whole number with the fewest significant digits within `tolerance` of `x`.
std::optional<Rounded> simplest_integer(double x, double tolerance) {
  if (!(x >= 0.5) || x > 2e18) return std::nullopt;
  const double top = std::max(0.0, std::floor(std::log10(x)));
  int digits = 0;
  for (double place = std::pow(10.0, top); place >= 0.5; place = std::round(place) / 10) {
    const double rounded = std::round(x / place) * place;
    ++digits;
    if (rounded >= 1 && std::fabs(rounded - x) <= tolerance * x) return Rounded{rounded, digits};
  }
  return std::nullopt;
}

SampleRate reduced(std::uint64_t samples, std::uint64_t seconds) {
  const std::uint64_t common = std::gcd(samples, seconds);
  return {.samples = samples / common, .seconds = seconds / common};
}

template <typename Word>
void swap_each(std::span<std::byte> bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += sizeof(Word)) {
    Word word = 0;
    std::memcpy(&word, &bytes[i], sizeof word);
    if constexpr (sizeof word == 2) word = __builtin_bswap16(word);
    if constexpr (sizeof word == 4) word = __builtin_bswap32(word);
    std::memcpy(&bytes[i], &word, sizeof word);
  }
}

bool is_not_finite(std::uint32_t bits) { return (bits & 0x7F80'0000u) == 0x7F80'0000u; }

void name_channels(CaptureInfo& info) {
  for (std::size_t i = 0; i < info.channels.size(); ++i) {
    Channel& channel = info.channels[i];
    if (!channel.name.empty()) continue;
    const auto alike = std::ranges::count(info.channels, channel.unit, &Channel::unit);
    if (alike == 1 && channel.unit == "A") channel.name = "current";
    if (alike == 1 && channel.unit == "V") channel.name = "voltage";
    if (channel.name.empty()) channel.name = fmt::format("ch{}", i + 1);
  }
}

}  // namespace

Channel channel_of(CodeType type) {
  switch (type) {
    case CodeType::kU8: return full_scale<std::uint8_t>();
    case CodeType::kI8: return full_scale<std::int8_t>();
    case CodeType::kI16: return full_scale<std::int16_t>();
    case CodeType::kU16: return full_scale<std::uint16_t>();
    case CodeType::kF32: break;
  }
  return full_scale<std::int32_t>();
}

bool is_usable(const SampleRate& rate) {
  return rate.samples > 0 && rate.seconds > 0 && rate.hertz() >= kLeastHertz &&
         rate.hertz() <= kMostHertz;
}

std::optional<SampleRate> simplest_rate(double hertz, double tolerance) {
  if (!(hertz >= kLeastHertz && hertz <= kMostHertz)) return std::nullopt;
  const auto rate = simplest_integer(hertz, tolerance);
  const auto step = simplest_integer(1e12 / hertz, tolerance);
  const bool is_said = tolerance <= 1e-9;  // not measured: 1000001 Hz are not 999999 ps
  if (rate && (is_said || !step || rate->digits <= step->digits)) {
    return SampleRate{.samples = static_cast<std::uint64_t>(rate->value), .seconds = 1};
  }
  if (step) return reduced(kSecond, static_cast<std::uint64_t>(step->value));
  constexpr double kAlwaysFound = 1e-6;
  return tolerance < kAlwaysFound ? simplest_rate(hertz, kAlwaysFound) : std::nullopt;
}

std::optional<SampleRate> rate_from_text(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto number = std::from_chars(text.data(), end, value);
  if (number.ec != std::errc()) return std::nullopt;
  std::string_view unit(number.ptr, static_cast<std::size_t>(end - number.ptr));
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  constexpr std::array<std::pair<std::string_view, double>, 8> kUnits{{{"", 1},
                                                                       {"Hz", 1},
                                                                       {"kHz", 1e3},
                                                                       {"MHz", 1e6},
                                                                       {"GHz", 1e9},
                                                                       {"k", 1e3},
                                                                       {"M", 1e6},
                                                                       {"G", 1e9}}};
  const auto known = std::ranges::find(kUnits, unit, &std::pair<std::string_view, double>::first);
  if (known == kUnits.end()) return std::nullopt;
  return simplest_rate(value * known->second, 1e-12);
}

void check_channel_count(std::size_t channels, const std::string& file, std::uint64_t byte) {
  if (channels >= 1 && channels <= kMostWaveformChannels) return;
  throw error_at_byte(file, byte, fmt::format("1 to {} channels", kMostWaveformChannels),
                      std::to_string(channels));
}

std::vector<std::string> apply_options(CaptureInfo& info, const WaveformOptions& options,
                                       const std::string& file, FileSays says) {
  if (options.rate) info.rate = *options.rate;
  if (!options.rate && !says.rate) {
    throw InputError(file + ": rate: expected a sample rate, which the file does not say");
  }
  if (options.names.size() > info.channels.size()) {
    throw InputError(fmt::format("{}: names: expected at most {}, one per channel, found {}", file,
                                 info.channels.size(), options.names.size()));
  }
  for (std::size_t i = 0; i < options.names.size(); ++i) info.channels[i].name = options.names[i];
  std::vector<std::string> assumed;
  for (Channel& channel : info.channels) {
    if (channel.unit != "logic") {
      if (!says.scale && !options.scale && assumed.empty()) {
        assumed.emplace_back("one code is worth 1 V: neither the file nor --scale says what it is");
      } else if (channel.unit.empty() && options.unit.empty() && assumed.empty()) {
        assumed.emplace_back("numbers are volts: the file does not say their unit");
      }
      if (!options.unit.empty()) channel.unit = options.unit;
      if (options.scale) channel.scale = *options.scale;
      if (options.offset) channel.offset = *options.offset;
    }
    if (channel.unit.empty()) channel.unit = "V";
  }
  name_channels(info);
  return assumed;
}

std::size_t first_not_finite(const void* floats, std::size_t count) {
  const auto* const bytes = static_cast<const std::byte*>(floats);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, bytes + 4 * i, sizeof bits);
    if (is_not_finite(bits)) return i;
  }
  return count;
}

std::string_view name_of_not_finite(const void* floats, std::size_t index) {
  float value = 0;
  std::memcpy(&value, static_cast<const std::byte*>(floats) + 4 * index, sizeof value);
  if (std::isnan(value)) return "NaN";
  return value < 0 ? "-infinity" : "infinity";
}

CodeBlock interleaved(CodeType type, const void* codes, std::size_t channels, std::size_t size,
                      std::uint64_t first_sample) {
  CodeBlock block;
  block.first_sample = first_sample;
  block.type = type;
  block.channels = channels;
  block.size = size;
  block.stride = channels;
  for (std::size_t c = 0; c < channels; ++c) {
    block.first_code[c] = static_cast<const std::byte*>(codes) + c * size_of(type);
  }
  return block;
}

void replay_frames(ByteSource& source, const FrameLayout& layout,
                   std::optional<std::uint64_t> length, CodeSink& sink) {
  const std::size_t frame = layout.bytes();
  std::vector<std::byte> bytes(kBlockBytes / frame * frame);
  std::uint64_t left = length.value_or(std::numeric_limits<std::uint64_t>::max());
  for (std::uint64_t first = 0; left > 0;) {
    const std::uint64_t at = source.position();
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left));
    const std::size_t got = source.read(bytes.data(), want);
    if (length && got < want) {
      throw source.error(at + got, fmt::format("{} more bytes of samples", left - got), kEndOfFile);
    }
    if (const std::size_t rest = got % frame; rest != 0) {
      throw source.error(at + got - rest, fmt::format("a whole frame of {} bytes", frame),
                         fmt::format("{} at the end of the file", rest));
    }
    if (got == 0) return;
    const std::span<std::byte> filled(bytes.data(), got);
    if (layout.swapped && size_of(layout.type) == 2) swap_each<std::uint16_t>(filled);
    if (layout.swapped && size_of(layout.type) == 4) swap_each<std::uint32_t>(filled);
    if (layout.type == CodeType::kF32) {
      const std::size_t bad = first_not_finite(bytes.data(), got / 4);
      if (bad < got / 4) {
        throw source.error(at + 4 * bad, "a finite number", name_of_not_finite(bytes.data(), bad));
      }
    }
    sink.take(interleaved(layout.type, bytes.data(), layout.channels, got / frame, first));
    first += got / frame;
    left -= got;
  }
}

}  // namespace rig
