#include "rig/evidence/csv_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "rig/evidence/text.h"

namespace rig {
namespace {

constexpr std::size_t kLongestLine = 1 << 20;
constexpr std::size_t kPiece = 1 << 16;

}  // namespace

// Makes room for another piece and reads it; false at the end of the file.
bool LineReader::fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kPiece);
  const std::size_t got = source_->read(buffer_.data() + before, kPiece);
  buffer_.resize(before + got);
  return got > 0;
}

bool LineReader::next() {
  std::size_t searched = 0;
  std::size_t end = buffer_.find('\n', begin_);
  while (end == std::string::npos && !at_end_) {
    searched = buffer_.size() - begin_;
    if (searched > kLongestLine) {
      ++number_;
      throw error(1, "a line of at most 1 MiB", "a longer one");
    }
    at_end_ = !fill();
    end = buffer_.find('\n', searched);
  }
  if (end == std::string::npos && begin_ == buffer_.size()) return false;
  const bool last = end == std::string::npos;
  text_ = std::string_view(buffer_).substr(begin_, last ? std::string::npos : end - begin_);
  begin_ = last ? buffer_.size() : end + 1;
  if (++number_ == 1 && text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  if (text_.ends_with('\r')) text_.remove_suffix(1);
  return true;
}

InputError LineReader::error(std::size_t column, std::string_view expected,
                             std::string_view found) const {
  return InputError(
      fmt::format("{}:{}:{}: expected {}, found {}", file(), number_, column, expected, found));
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

void split_cells(std::string_view line, char separator, std::vector<Cell>& cells) {
  cells.clear();
  for (std::size_t begin = 0; begin <= line.size();) {
    const bool is_quoted = begin < line.size() && line[begin] == '"';
    const std::size_t close = is_quoted ? line.find('"', begin + 1) : std::string_view::npos;
    const std::size_t search = close == std::string_view::npos ? begin : close;
    const std::size_t end = std::min(line.find(separator, search), line.size());
    std::string_view text = trimmed(line.substr(begin, end - begin));
    if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) {
      text = trimmed(text.substr(1, text.size() - 2));
    }
    const auto column =
        text.empty() ? begin + 1 : static_cast<std::size_t>(text.data() - line.data()) + 1;
    cells.push_back({.text = text, .column = column});
    begin = end + 1;
  }
}

std::optional<double> number_in(std::string_view text, bool decimal_comma) {
  std::array<char, 64> copy{};
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  if (const std::size_t comma = text.find(','); decimal_comma && comma != std::string_view::npos) {
    if (text.size() > copy.size()) return std::nullopt;
    std::ranges::copy(text, copy.begin());
    copy[comma] = '.';
    text = std::string_view(copy.data(), text.size());
  }
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> integer_in(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

std::string found_in(std::string_view cell) {
  constexpr std::size_t kShown = 40;
  if (cell.empty()) return "nothing";
  return "'" + to_one_line(cell.substr(0, kShown)) + (cell.size() > kShown ? "...'" : "'");
}

}  // namespace rig
