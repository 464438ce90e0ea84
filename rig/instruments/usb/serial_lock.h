// One process at a time per instrument: an advisory lock on a file named after its serial number,
// in /run/lock or, where that is set, in RIG_LOCK_DIR. It goes with the process, however that ends.
#pragma once

#include <string>

#include "rig/instruments/deadline.h"
#include "rig/instruments/usb/selector.h"

namespace rig::usb {

class SerialLock {
 public:
  // Waits until the deadline while another process holds it, then throws RigError naming that one.
  SerialLock(const Selector& device, Deadline deadline);
  ~SerialLock();
  SerialLock(const SerialLock&) = delete;
  SerialLock& operator=(const SerialLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace rig::usb
