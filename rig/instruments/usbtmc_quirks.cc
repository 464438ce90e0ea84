#include "rig/instruments/usbtmc_quirks.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace rig::usbtmc {
namespace {

using std::chrono::milliseconds;

constexpr std::uint16_t kRigol = 0x1AB1;
constexpr std::uint16_t kAgilent = 0x0957;
constexpr std::uint16_t kSiglent = 0xF4EC;

// From reports of others (facts/instruments.md 1.6); none was met by this program on real hardware.
constexpr std::array kTable{
    QuirkRow{.name = "Rigol DS1000Z, old firmware",
             .vendor = kRigol,
             .product = 0x04CE,
             .before = "00.04.03.02.03",
             .quirks = {.one_request = true}},
    QuirkRow{.name = "Rigol DS1000Z", .vendor = kRigol, .product = 0x04CE},
    QuirkRow{.name = "Rigol DS1000E/D",
             .vendor = kRigol,
             .product = 0x0588,
             .quirks = {.stray_bytes = true, .settle = milliseconds(100)}},
    QuirkRow{
        .name = "Rigol DS2000", .vendor = kRigol, .product = 0x04B0, .quirks = {.remote = false}},
    QuirkRow{
        .name = "Rigol DS4000", .vendor = kRigol, .product = 0x04B1, .quirks = {.remote = false}},
    QuirkRow{
        .name = "Rigol MSO5000", .vendor = kRigol, .product = 0x0515, .quirks = {.remote = false}},
    QuirkRow{.name = "Rigol DHO800/900/1000",
             .vendor = kRigol,
             .product = 0x044D,
             .quirks = {.warning = "after an aborted download it answers with old tags until it is "
                                   "plugged in again; use its LAN port for deep records"}},
    QuirkRow{.name = "Agilent DSO1000",
             .vendor = kAgilent,
             .product = 0x0588,
             .quirks = {.stray_bytes = true,
                        .reset_first = true,
                        .reset_settle = milliseconds(750),
                        .settle = milliseconds(100)}},
    QuirkRow{.name = "Agilent U2701A/U2702A",
             .vendor = kAgilent,
             .product = 0x2818,
             .quirks = {.boots = true}},
    QuirkRow{
        .name = "Agilent U2722A", .vendor = kAgilent, .product = 0x4418, .quirks = {.boots = true}},
    QuirkRow{.name = "Keysight/Agilent InfiniiVision",
             .vendor = kAgilent,
             .quirks = {.warning = "may fall silent over USB while it waits for a trigger"}},
    QuirkRow{.name = "Keysight InfiniiVision",
             .vendor = 0x2A8D,
             .quirks = {.warning = "may fall silent over USB while it waits for a trigger"}},
    QuirkRow{.name = "Siglent SDS, firmware 8.2.6.1.37R9",
             .vendor = kSiglent,
             .first = "8.2.6.1.37R9",
             .before = "8.2.6.1.37R10",
             .quirks = {.most_asked = 48, .remote = false, .reset_first = true}},
    QuirkRow{.name = "Siglent SDS, firmware 2.01.01.35R",
             .vendor = kSiglent,
             .first = "2.01.01.35R",
             .before = "2.01.01.36",
             .quirks = {.remote = false,
                        .reset_first = true,
                        .warning = "this firmware is known to hang; update it"}},
    QuirkRow{.name = "Siglent SDS, firmware not known yet",
             .vendor = kSiglent,
             .unasked = true,
             .quirks = {.most_asked = 48, .remote = false, .reset_first = true}},
    QuirkRow{.name = "Siglent SDS",
             .vendor = kSiglent,
             .quirks = {.remote = false, .reset_first = true}},
    QuirkRow{.name = "Yokogawa", .vendor = 0x0B21, .quirks = {.remote = false}},
    QuirkRow{.name = "Tektronix", .vendor = 0x0699, .quirks = {.idn_attempts = 2}},
    QuirkRow{
        .name = "Advantest", .vendor = 0x1334, .quirks = {.most_asked = 63, .newline_ends = true}},
};

constexpr Quirks kNone;

// The number at the front; what follows it ("R9") counts as the next field.
long take_number(std::string_view& text) {
  long number = 0;
  while (!text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) == 0) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0) {
    number = std::min(number * 10 + (text.front() - '0'), 1'000'000'000L);
    text.remove_prefix(1);
  }
  return number;
}

bool fits(const QuirkRow& row, std::string_view firmware) {
  if (row.unasked) return firmware.empty();
  if (row.first.empty() && row.before.empty()) return true;
  if (firmware.empty()) return false;
  return (row.first.empty() || compare_firmware(firmware, row.first) >= 0) &&
         (row.before.empty() || compare_firmware(firmware, row.before) < 0);
}

}  // namespace

std::span<const QuirkRow> quirk_table() { return kTable; }

int compare_firmware(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    const long left = take_number(a);
    const long right = take_number(b);
    if (left != right) return left < right ? -1 : 1;
  }
  return 0;
}

const Quirks& quirks_of(std::uint16_t vendor, std::uint16_t product, std::string_view firmware) {
  for (const QuirkRow& row : kTable) {
    const bool device = row.vendor == vendor && (row.product == 0 || row.product == product);
    if (device && fits(row, firmware)) return row.quirks;
  }
  return kNone;
}

}  // namespace rig::usbtmc
