#include "rig/instruments/usb/selector.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <vector>

#include "rig/core/error.h"

namespace rig::usb {
namespace {

std::optional<std::uint16_t> number(std::string_view digits, int base) {
  std::uint16_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, value, base);
  if (digits.empty() || error != std::errc() || rest != end) return std::nullopt;
  return value;
}

// VISA writes 0x1AB1, some of its implementations 6833.
std::optional<std::uint16_t> visa_number(std::string_view digits) {
  if (digits.starts_with("0x") || digits.starts_with("0X")) return number(digits.substr(2), 16);
  return number(digits, 10);
}

std::vector<std::string_view> split(std::string_view text, std::string_view at) {
  std::vector<std::string_view> parts;
  for (std::size_t end = text.find(at); end != std::string_view::npos; end = text.find(at)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + at.size());
  }
  parts.push_back(text);
  return parts;
}

}  // namespace

Selector read_selector(std::string_view text) {
  std::optional<std::uint16_t> vendor;
  std::optional<std::uint16_t> product;
  std::string_view serial;
  if (text.starts_with("USB") && text.find("::") != std::string_view::npos) {
    const auto parts = split(text, "::");
    if ((parts.size() == 5 || parts.size() == 6) && parts.back() == "INSTR") {
      vendor = visa_number(parts[1]);
      product = visa_number(parts[2]);
      serial = parts[3];
    }
  } else {
    const auto parts = split(text, ":");
    if (parts.size() == 2 || parts.size() == 3) {
      vendor = number(parts[0], 16);
      product = number(parts[1], 16);
      if (parts.size() == 3) serial = parts[2];
    }
  }
  if (!vendor || !product) {
    throw InputError(
        "expected a USB device such as '1AB1:04CE:DS1ZA1' or "
        "'USB0::0x1AB1::0x04CE::DS1ZA1::INSTR', found '" +
        std::string(text) + "'");
  }
  return {.vendor = *vendor, .product = *product, .serial = std::string(serial)};
}

std::string in_words(const Selector& selector) {
  std::array<char, 16> ids{};
  std::snprintf(ids.data(), ids.size(), "%04X:%04X", unsigned{selector.vendor},
                unsigned{selector.product});
  std::string words = ids.data();
  if (!selector.serial.empty()) words += ":" + selector.serial;
  return words;
}

}  // namespace rig::usb
