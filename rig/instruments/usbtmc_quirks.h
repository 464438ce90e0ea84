// In what the USBTMC instruments of the world depart from the standard: data, by vendor, product
// and firmware, for a maker's repair turns the remedy into the fault.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace rig::usbtmc {

struct Quirks {
  std::size_t most_asked = 1 << 20;           // payload bytes in one request
  bool one_request = false;                   // header once per message, its size and end untrue
  bool stray_bytes = false;                   // more after the transfer than it announced
  bool newline_ends = false;                  // never marks the end of a message
  bool remote = true;                         // bears remote/local requests
  bool reset_first = false;                   // needs a reset before anything else
  bool boots = false;                         // loads its firmware first: no instrument yet
  int idn_attempts = 1;                       // the first query after switching on is lost
  std::chrono::milliseconds reset_settle{0};  // deaf for so long after a reset
  std::chrono::milliseconds settle{0};        // after every setting
  std::chrono::milliseconds poll{100};        // at most ten status queries a second
  std::string_view warning;                   // for the record and for errors
};

struct QuirkRow {
  std::string_view name;
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;  // 0: all of this vendor
  std::string_view first;     // firmware from here on; empty: from the beginning
  std::string_view before;    // and older than this; empty: to the newest
  bool unasked = false;       // only as long as the firmware is not known
  Quirks quirks;
};

std::span<const QuirkRow> quirk_table();

// Of the first row that fits. Firmware not known yet (empty) fits no row with a range.
const Quirks& quirks_of(std::uint16_t vendor, std::uint16_t product, std::string_view firmware);

// Compares dotted versions number by number: negative, zero or positive.
int compare_firmware(std::string_view a, std::string_view b);

}  // namespace rig::usbtmc
