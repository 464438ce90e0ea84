// Who has a USB device open, as far as this user may see.
#pragma once

#include <string>

namespace rig::usb {

// "python3 (pid 4711)".
std::string process_in_words(long pid);

// The processes that have /dev/bus/usb/BUS/ADDRESS open, apart from this one:
// "python3 (pid 4711), vi (pid 12)"; empty when none can be seen.
std::string holders_of(int bus, int address);
std::string holders_of(const std::string& node);

// "/dev/bus/usb/001/004".
std::string node_of(int bus, int address);

}  // namespace rig::usb
