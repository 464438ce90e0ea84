#include "tests/measure/allocated.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

std::size_t now = 0;
std::size_t peak = 0;

}  // namespace

namespace rig::testing {

std::size_t allocated_now() { return now; }
std::size_t allocated_peak() { return peak; }
void reset_allocated_peak() { peak = now; }

}  // namespace rig::testing

// The program has one thread.
void* operator new(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  now += malloc_usable_size(memory);
  peak = std::max(peak, now);
  return memory;
}

void* operator new(std::size_t size, const std::nothrow_t& /*quietly*/) noexcept {
  void* memory = std::malloc(size);
  if (memory == nullptr) return nullptr;
  now += malloc_usable_size(memory);
  peak = std::max(peak, now);
  return memory;
}

void operator delete(void* memory) noexcept {
  if (memory != nullptr) now -= malloc_usable_size(memory);
  std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept { operator delete(memory); }
