#include "rig/instruments/usb/serial_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

#include "rig/core/error.h"
#include "rig/instruments/usb/holder.h"

namespace rig::usb {
namespace {

constexpr std::chrono::milliseconds kRetry(20);

std::filesystem::path lock_folder() {
  if (const char* chosen = std::getenv("RIG_LOCK_DIR")) return chosen;
  const char* shared = "/run/lock";  // every user may write there
  return ::access(shared, W_OK) == 0 ? shared : std::filesystem::temp_directory_path();
}

std::string lock_path(const Selector& device) {
  std::string name = "soleus-rig-" + in_words(device) + ".lock";
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-') c = '_';
  }
  return lock_folder() / name;
}

// In a sticky folder the kernel refuses O_CREAT on another user's file, so that comes second.
int open_lock(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file >= 0 || errno != ENOENT) return file;
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (made >= 0) ::fchmod(made, 0666);
  return made;
}

std::string owner_in(int file) {
  std::array<char, 32> text{};
  const ssize_t count = ::pread(file, text.data(), text.size() - 1, 0);
  const long pid = count > 0 ? std::strtol(text.data(), nullptr, 10) : 0;
  return pid > 0 ? process_in_words(pid) : "another process";
}

}  // namespace

SerialLock::SerialLock(const Selector& device, Deadline deadline) {
  const std::string path = lock_path(device);
  file_ = open_lock(path);
  if (file_ < 0) throw RigError(path + ": open: " + std::strerror(errno));
  while (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() >= deadline) {
      const std::string owner = owner_in(file_);
      ::close(file_);
      throw RigError("usb " + in_words(device) + ": lock: in use by " + owner +
                     "; wait for it, or stop it");
    }
    std::this_thread::sleep_for(kRetry);
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file_, 0) != 0 ||
      ::pwrite(file_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    const std::string why = std::strerror(errno);
    ::close(file_);
    throw RigError(path + ": write: " + why);
  }
}

SerialLock::~SerialLock() { ::close(file_); }

}  // namespace rig::usb
