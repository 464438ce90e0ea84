#include "rig/evidence/files.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace rig {
namespace {

constexpr std::size_t kFilePiece = 1 << 16;  // bytes per read or write

std::filesystem::path target_of(const std::filesystem::path& path) {
  std::error_code failed;
  if (!std::filesystem::is_symlink(path, failed)) return path;
  std::filesystem::path target = std::filesystem::canonical(path, failed);
  return failed ? path : target;
}

std::filesystem::path part_of(std::filesystem::path path) {
  std::error_code none;
  const auto type = std::filesystem::status(path, none).type();
  const bool special =
      type == std::filesystem::file_type::character || type == std::filesystem::file_type::block ||
      type == std::filesystem::file_type::fifo || type == std::filesystem::file_type::socket;
  return special ? path : path += ".part";
}

std::string hex_of(const std::array<unsigned char, crypto_hash_sha256_BYTES>& digest) {
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  return hex.data();
}

// Reads the file piece by piece into `take(data, size)`.
template <typename Take>
void for_each_piece(const std::filesystem::path& path, const Take& take) {
  const FileDescriptor file(path, O_RDONLY);
  std::array<char, kFilePiece> piece{};
  while (true) {
    const ssize_t got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw errno_error(path, "read", errno);
    if (got == 0) return;
    take(std::string_view(piece.data(), static_cast<std::size_t>(got)));
  }
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

RigError errno_error(const std::filesystem::path& path, std::string_view doing, int error) {
  std::string text = path.string() + ": ";
  if (!doing.empty()) text.append(doing).append(": ");
  return RigError(text + std::generic_category().message(error));
}

FileDescriptor::FileDescriptor(const std::filesystem::path& path, int flags)
    : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
  if (fd_ < 0) throw errno_error(path, "", errno);
}

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

void FileDescriptor::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw errno_error(path_, "write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void FileDescriptor::close() {
  const int fd = std::exchange(fd_, -1);
  if (fd >= 0 && ::close(fd) != 0) throw errno_error(path_, "close", errno);
}

std::string read_file(const std::filesystem::path& path) {
  std::string text;
  for_each_piece(path, [&](std::string_view piece) { text += piece; });
  return text;
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  FileWriter file(path);
  file.append(bytes);
  file.close();
}

FileWriter::FileWriter(const std::filesystem::path& path)
    : path_(target_of(path)), part_(part_of(path_)), file_(part_, O_WRONLY | O_CREAT | O_TRUNC) {}

FileWriter::~FileWriter() {
  if (!closed_ && part_ != path_) ::unlink(part_.c_str());
}

void FileWriter::append(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() < kFilePiece) return;
  file_.write_all(buffer_);
  buffer_.clear();
}

void FileWriter::close() {
  file_.write_all(buffer_);
  buffer_.clear();
  file_.close();
  if (part_ != path_ && ::rename(part_.c_str(), path_.c_str()) != 0)
    throw errno_error(path_, "rename", errno);
  closed_ = true;
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), bytes_of(bytes), bytes.size());
  return hex_of(digest);
}

std::string sha256_of_file(const std::filesystem::path& path) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for_each_piece(path, [&](std::string_view piece) {
    crypto_hash_sha256_update(&state, bytes_of(piece), piece.size());
  });
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256_final(&state, digest.data());
  return hex_of(digest);
}

}  // namespace rig
