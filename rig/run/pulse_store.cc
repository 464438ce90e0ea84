#include "rig/run/pulse_store.h"

#include <array>
#include <cerrno>
#include <cstring>

#include "rig/core/error.h"

namespace rig {
namespace {

constexpr std::size_t kInMemory = 20'000;  // 8 MB

[[noreturn]] void fail(const char* what) {
  throw RigError(std::string("temporary file for pulses: ") + what + ": " + std::strerror(errno));
}

}  // namespace

void PulseStore::add(const Pulse& pulse) {
  ++count_;
  if (in_memory_.size() < kInMemory) {
    in_memory_.push_back(pulse);
    return;
  }
  if (!spilled_) spilled_.reset(std::tmpfile());
  if (!spilled_) fail("create");
  if (std::fwrite(&pulse, sizeof pulse, 1, spilled_.get()) != 1) fail("write");
}

void PulseStore::visit(const std::function<void(const Pulse&)>& each) const {
  for (const Pulse& pulse : in_memory_) each(pulse);
  if (!spilled_) return;
  if (std::fflush(spilled_.get()) != 0) fail("write");
  std::rewind(spilled_.get());
  std::array<Pulse, 256> buffer;
  std::size_t seen = in_memory_.size();
  while (const std::size_t n =
             std::fread(buffer.data(), sizeof(Pulse), buffer.size(), spilled_.get())) {
    for (std::size_t k = 0; k < n; ++k) each(buffer.at(k));
    seen += n;
  }
  if (seen != count_) fail("read");
  // Later additions go to the end again.
  if (std::fseek(spilled_.get(), 0, SEEK_END) != 0) fail("seek");
}

}  // namespace rig
