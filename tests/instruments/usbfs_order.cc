// Under ThreadSanitizer libusb calls this ioctl, and this one calls umockdev's.
#include "tests/instruments/usbfs_order.h"

#ifdef __SANITIZE_THREAD__
#include <dlfcn.h>

#include <cstdarg>

extern "C" int ioctl(int file, unsigned long request, ...) {  // NOLINT(cert-dcl50-cpp): as libc's
  using Ioctl = int (*)(int, unsigned long, void*);
  static const auto next = reinterpret_cast<Ioctl>(::dlsym(RTLD_NEXT, "ioctl"));
  std::va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  rig::fake::hand_over(argument);
  const int result = next(file, request, argument);
  rig::fake::take_over(argument);
  return result;
}
#endif
