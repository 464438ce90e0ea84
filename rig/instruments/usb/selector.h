// Which USB device: vendor, product and serial number. Bus and address are no identity: both change
// at every replug and every reset.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rig::usb {

struct Selector {
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::string serial;  // empty: the only one that is attached
  std::string port;    // where alone it is looked for: "1-1.4"; empty: anywhere
};

// Reads "1AB1:04CE:DS1ZA1", "1ab1:04ce", "USB0::0x1AB1::0x04CE::DS1ZA1::INSTR" and the decimal
// form of the latter. Throws InputError.
Selector read_selector(std::string_view text);

// "1AB1:04CE:DS1ZA1".
std::string in_words(const Selector& selector);

}  // namespace rig::usb
