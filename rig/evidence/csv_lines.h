// Lines, cells and numbers of CSV files. For the sources of evidence/ alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rig/evidence/byte_source.h"

namespace rig {

// Hands out line by line, without its end. A line of more than 1 MiB is an InputError.
class LineReader {
 public:
  explicit LineReader(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  bool next();                                     // false: no more lines
  std::string_view text() const { return text_; }  // until the next next()
  std::uint64_t number() const { return number_; }
  const std::string& file() const { return source_->name(); }

  // "FILE:line:column: expected X, found Y"
  InputError error(std::size_t column, std::string_view expected, std::string_view found) const;

 private:
  bool fill();

  std::unique_ptr<ByteSource> source_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of the line after this one
  bool at_end_ = false;
  std::string_view text_;
  std::uint64_t number_ = 0;
};

struct Cell {
  std::string_view text;   // without quotes and surrounding spaces
  std::size_t column = 1;  // in the line, from 1
};

void split_cells(std::string_view line, char separator, std::vector<Cell>& cells);

std::optional<double> number_in(std::string_view text, bool decimal_comma);
std::optional<std::int64_t> integer_in(std::string_view text);

// What an error says about a cell: "'x'", or "nothing".
std::string found_in(std::string_view cell);

std::string_view trimmed(std::string_view text);
std::string lower(std::string_view text);

}  // namespace rig
