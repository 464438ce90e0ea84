// What ThreadSanitizer cannot see: an emulated ioctl begins after its caller came to it and ends
// before its caller goes on, though both only pass bytes through umockdev's socket. Nothing without
// that sanitizer.
#pragma once

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace rig::fake {

inline void hand_over([[maybe_unused]] void* argument) {
#ifdef __SANITIZE_THREAD__
  __tsan_release(argument);
#endif
}

inline void take_over([[maybe_unused]] void* argument) {
#ifdef __SANITIZE_THREAD__
  __tsan_acquire(argument);
#endif
}

}  // namespace rig::fake
