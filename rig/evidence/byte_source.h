// The bytes of a waveform file in order, from a file or from standard input, with a look ahead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rig/core/error.h"
#include "rig/evidence/files.h"

namespace rig {

// "FILE: byte N: expected X, found Y"
InputError error_at_byte(const std::string& file, std::uint64_t byte, std::string_view expected,
                         std::string_view found);

inline constexpr std::string_view kEndOfFile = "the end of the file";

// Throws InputError when the file cannot be opened or read.
class ByteSource {
 public:
  explicit ByteSource(const std::string& path);  // "-": standard input

  const std::string& name() const { return name_; }  // in errors
  std::uint64_t position() const { return position_; }
  std::optional<std::uint64_t> size() const { return size_; }  // of a regular file

  std::string_view peek(std::size_t count);         // fewer only at the end
  std::size_t read(void* into, std::size_t count);  // fewer only at the end
  bool skip(std::uint64_t count);                   // false: the end came first
  InputError error(std::uint64_t byte, std::string_view expected, std::string_view found) const {
    return error_at_byte(name_, byte, expected, found);
  }

 private:
  std::size_t read_file(char* into, std::size_t count);

  std::string name_;
  std::optional<FileDescriptor> file_;
  int descriptor_ = 0;
  std::optional<std::uint64_t> size_;
  std::uint64_t position_ = 0;
  std::string ahead_;  // read from the file, not yet from here
};

}  // namespace rig
