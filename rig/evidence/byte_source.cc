#include "rig/evidence/byte_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "rig/evidence/text.h"

namespace rig {

InputError error_at_byte(const std::string& file, std::uint64_t byte, std::string_view expected,
                         std::string_view found) {
  return InputError(fmt::format("{}: byte {}: expected {}, found {}", file, byte, expected, found));
}

ByteSource::ByteSource(const std::string& path)
    : name_(path == "-" ? "standard input" : to_one_line(path)) {
  if (path == "-") return;
  try {
    file_.emplace(path, O_RDONLY);
  } catch (const RigError& error) {
    throw InputError(to_one_line(error.what()));
  }
  descriptor_ = file_->get();
  struct stat status {};
  if (::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode)) {
    size_ = static_cast<std::uint64_t>(status.st_size);
  }
}

std::size_t ByteSource::read_file(char* into, std::size_t count) {
  std::size_t filled = 0;
  while (filled < count) {
    const ssize_t got = ::read(descriptor_, into + filled, count - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw InputError(errno_error(name_, "read", errno).what());
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

std::string_view ByteSource::peek(std::size_t count) {
  if (const std::size_t before = ahead_.size(); before < count) {
    ahead_.resize(count);
    ahead_.resize(before + read_file(ahead_.data() + before, count - before));
  }
  return std::string_view(ahead_).substr(0, count);
}

std::size_t ByteSource::read(void* into, std::size_t count) {
  const std::size_t known = std::min(count, ahead_.size());
  std::memcpy(into, ahead_.data(), known);
  ahead_.erase(0, known);
  const std::size_t got = known + read_file(static_cast<char*>(into) + known, count - known);
  position_ += got;
  return got;
}

bool ByteSource::skip(std::uint64_t count) {
  std::array<char, 4096> piece{};
  while (count > 0) {
    const std::size_t got =
        read(piece.data(), static_cast<std::size_t>(std::min<std::uint64_t>(count, piece.size())));
    if (got == 0) return false;
    count -= got;
  }
  return true;
}

}  // namespace rig
