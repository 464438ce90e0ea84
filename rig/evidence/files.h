// Files of a run folder: read whole, written whole or not at all, hashed. Every failure is a
// RigError that names the file and says why: "runs/x/record.json: write: No space left on device".
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "rig/core/error.h"

namespace rig {

// "<path>: <doing>: <text of errno>", or "<path>: <text of errno>" for an empty `doing`.
RigError errno_error(const std::filesystem::path& path, std::string_view doing, int error);

// Owns an open file.
class FileDescriptor {
 public:
  FileDescriptor(const std::filesystem::path& path, int flags);  // created files get mode 0644
  ~FileDescriptor();
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int get() const { return fd_; }
  void write_all(std::string_view bytes);
  void close();  // reports what the destructor would swallow

 private:
  std::filesystem::path path_;
  int fd_;
};

std::string read_file(const std::filesystem::path& path);

// Replaces the file in one step: after a kill there is the old one or the new one.
void write_file(const std::filesystem::path& path, std::string_view bytes);

// A file being written in many small pieces, which appears under its name at close(). A symbolic
// link stays one: its target is what appears. What is no regular file (a pipe, /dev/stdout) is
// written to as it is.
class FileWriter {
 public:
  explicit FileWriter(const std::filesystem::path& path);
  ~FileWriter();  // without close(): nothing remains
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  void append(std::string_view bytes);
  void close();

 private:
  std::filesystem::path path_;  // without symbolic links
  std::filesystem::path part_;  // path_ itself: written to as it is
  FileDescriptor file_;
  std::string buffer_;
  bool closed_ = false;
};

std::string sha256_hex(std::string_view bytes);
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace rig
