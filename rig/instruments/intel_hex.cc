#include "rig/instruments/intel_hex.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>

#include "rig/core/error.h"

namespace rig {
namespace {

constexpr std::size_t kLeastRecord = 5;  // length, address, type, checksum
constexpr std::size_t kLargestFile = 1 << 20;

std::optional<int> digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return std::nullopt;
}

std::string hex(unsigned value, int digits) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%0*X", digits, value);
  return text.data();
}

// One line, without its end.
class Record {
 public:
  Record(std::string_view line, const std::string& where) : where_(where + ": ") {
    if (!line.starts_with(':')) throw error("expected a record that begins with ':'");
    line.remove_prefix(1);
    if (line.size() % 2 != 0) throw error("expected pairs of hexadecimal digits");
    for (std::size_t k = 0; k < line.size(); k += 2) {
      const auto high = digit(line[k]);
      const auto low = digit(line[k + 1]);
      if (!high || !low) throw error("expected pairs of hexadecimal digits");
      bytes_.push_back(static_cast<std::uint8_t>(*high * 16 + *low));
    }
    if (bytes_.size() < kLeastRecord || bytes_.size() != kLeastRecord + bytes_[0]) {
      throw error("expected " + std::to_string(bytes_.empty() ? 0 : bytes_[0]) +
                  " bytes of data, found " +
                  std::to_string(bytes_.size() < kLeastRecord ? 0 : bytes_.size() - kLeastRecord));
    }
    unsigned sum = 0;
    for (std::size_t k = 0; k + 1 < bytes_.size(); ++k) sum += bytes_[k];
    const unsigned expected = (0x100 - (sum & 0xFF)) & 0xFF;
    if (bytes_.back() != expected) {
      throw error("expected the checksum " + hex(expected, 2) + ", found " + hex(bytes_.back(), 2));
    }
  }

  int type() const { return bytes_[3]; }
  std::uint16_t address() const { return static_cast<std::uint16_t>(bytes_[1] << 8 | bytes_[2]); }
  std::vector<std::uint8_t> data() const { return {bytes_.begin() + 4, bytes_.end() - 1}; }
  InputError error(const std::string& what) const { return InputError(where_ + what); }

 private:
  std::string where_;
  std::vector<std::uint8_t> bytes_;
};

bool is_zero(const std::vector<std::uint8_t>& data) {
  for (const std::uint8_t byte : data) {
    if (byte != 0) return false;
  }
  return true;
}

}  // namespace

std::vector<FirmwarePiece> read_intel_hex(std::string_view text, const std::string& name) {
  std::vector<FirmwarePiece> pieces;
  int line_number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++line_number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const Record record(line, name + ":" + std::to_string(line_number));
    if (record.type() == 1) {
      if (pieces.empty()) throw record.error("expected data before the end record");
      return pieces;
    }
    std::vector<std::uint8_t> data = record.data();
    if ((record.type() == 2 || record.type() == 4) && is_zero(data)) continue;
    if (record.type() != 0) {
      throw record.error("expected a record of type 00 or 01, found " +
                         hex(static_cast<unsigned>(record.type()), 2));
    }
    if (data.empty()) continue;
    if (record.address() + data.size() > kFx2Memory) {
      throw record.error("expected addresses below 4000, found " +
                         hex(static_cast<unsigned>(record.address() + data.size() - 1), 4));
    }
    pieces.push_back({.address = record.address(), .bytes = std::move(data)});
  }
  throw InputError(name + ": expected an end record, found the end of the file");
}

std::vector<FirmwarePiece> load_fx2_firmware_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(path + ": cannot be read");
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!path.ends_with(".fw")) {
    if (text.size() > kLargestFile) throw InputError(path + ": too large for a firmware file");
    return read_intel_hex(text, path);
  }
  if (text.empty() || text.size() > kFx2Memory) {
    throw InputError(path + ": expected 1 to 16384 bytes, found " + std::to_string(text.size()));
  }
  return {{.address = 0, .bytes = {text.begin(), text.end()}}};
}

}  // namespace rig
