#include "rig/app/observed_output.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "rig/evidence/files.h"

namespace rig {

ObservedOutput::ObservedOutput(const std::string& path) : path_(path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0 || ftruncate(file, sizeof *last_) != 0) throw errno_error(path, "create", errno);
  void* memory = mmap(nullptr, sizeof *last_, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) throw errno_error(path, "map", errno);
  last_ = static_cast<std::atomic<std::int64_t>*>(memory);
}

ObservedOutput::~ObservedOutput() { munmap(last_, sizeof *last_); }

}  // namespace rig
