#include "rig/evidence/text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>

namespace rig {
namespace {

struct Utf8Character {
  char32_t code = 0;
  std::size_t length = 0;  // 0: these bytes are no character
};

// The first character, strictly: no overlong forms, no surrogates, nothing above U+10FFFF.
// REQUIRES: !bytes.empty()
Utf8Character first_character(std::string_view bytes) {
  struct Form {
    std::uint8_t mask, lead;
    char32_t least;
  };
  static constexpr std::array<Form, 4> kForms{
      {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}}};
  const auto lead = static_cast<std::uint8_t>(bytes[0]);
  for (std::size_t more = 0; more < kForms.size(); ++more) {
    const Form& form = kForms[more];
    if ((lead & form.mask) != form.lead) continue;
    if (bytes.size() <= more) return {};
    char32_t code = lead & static_cast<std::uint8_t>(~form.mask);
    for (std::size_t i = 1; i <= more; ++i) {
      const auto next = static_cast<std::uint8_t>(bytes[i]);
      if ((next & 0xC0) != 0x80) return {};
      code = (code << 6) | (next & 0x3Fu);
    }
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < form.least || code > 0x10FFFF || surrogate) return {};
    return {code, more + 1};
  }
  return {};
}

void append_escaped(std::string& out, std::string_view bytes) {
  for (const char byte : bytes) out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(byte));
}

// Calls `keep(character, bytes)` for every character; what it refuses, and every byte that belongs
// to none, is escaped.
template <typename Keep>
std::string filtered(std::string_view bytes, const Keep& keep) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const Utf8Character c = first_character(bytes);
    const std::size_t length = c.length == 0 ? 1 : c.length;
    if (c.length == 0 || !keep(out, c.code, bytes)) append_escaped(out, bytes.substr(0, length));
    bytes.remove_prefix(length);
  }
  return out;
}

}  // namespace

std::string to_utf8(std::string_view bytes) {
  return filtered(bytes, [](std::string& out, char32_t, std::string_view rest) {
    if (rest.starts_with("\\x")) return false;
    out += rest.substr(0, first_character(rest).length);
    return true;
  });
}

std::string from_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    unsigned value = 0;
    if (text.starts_with("\\x") && text.size() >= 4 &&
        std::from_chars(text.data() + 2, text.data() + 4, value, 16).ptr == text.data() + 4) {
      out += static_cast<char>(static_cast<std::uint8_t>(value));
      text.remove_prefix(4);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

std::string to_xml(std::string_view bytes) {
  return filtered(bytes, [](std::string& out, char32_t code, std::string_view rest) {
    switch (code) {
      case U'&': out += "&amp;"; return true;
      case U'<': out += "&lt;"; return true;
      case U'>': out += "&gt;"; return true;
      case U'"': out += "&quot;"; return true;
      case U'\t': out += "&#9;"; return true;
      case U'\n': out += "&#10;"; return true;
      case U'\r': out += "&#13;"; return true;
      default: break;
    }
    if (code < 0x20 || code == 0xFFFE || code == 0xFFFF) return false;
    out += rest.substr(0, first_character(rest).length);
    return true;
  });
}

std::string to_one_line(std::string_view bytes) {
  return filtered(bytes, [](std::string& out, char32_t code, std::string_view rest) {
    if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return false;
    out += rest.substr(0, first_character(rest).length);
    return true;
  });
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : to_utf8(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + '"';
}

std::string json_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? ", " : "") + json_string(text);
  return out + "]";
}

}  // namespace rig
