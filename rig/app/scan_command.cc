// rig scan.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "rig/app/commands.h"
#include "rig/core/join.h"
#include "rig/evidence/text.h"
#include "rig/instruments/scan.h"

namespace rig {
namespace {

constexpr int kUnusable = 3;

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string as_json(const FoundInstrument& found) {
  std::string troubles;
  for (const std::string& trouble : found.troubles) add_item(troubles, ", ", json_string(trouble));
  return "{\"address\": " + json_string(found.address) +
         ", \"speaks\": " + json_string(found.speaks) +
         ", \"identity\": " + json_string(found.identity) +
         ", \"port\": " + json_string(found.port) +
         ", \"link_mbit_s\": " + std::to_string(found.megabits) + ", \"troubles\": [" + troubles +
         "], \"met_in_reality\": false}";
}

void print_json(const InstrumentScan& scan) {
  std::string instruments;
  for (const FoundInstrument& found : scan.instruments) {
    add_item(instruments, ",\n  ", as_json(found));
  }
  std::printf("{\"instruments\": [\n  %s],\n \"other_usb_devices\": %zu, \"usb_trouble\": %s}\n",
              instruments.c_str(), scan.other_devices, json_string(scan.usb_trouble).c_str());
}

void print_text(const InstrumentScan& scan) {
  for (const FoundInstrument& found : scan.instruments) {
    std::string line = found.address;
    if (!found.identity.empty()) line += "  " + found.identity;
    line += "  (" + found.speaks;
    if (!found.port.empty()) {
      line += ", port " + found.port + ", " + std::to_string(found.megabits) + " Mbit/s";
    }
    std::printf("%s)\n", to_one_line(line).c_str());
    for (const std::string& trouble : found.troubles) {
      std::printf("    %s\n", to_one_line(trouble).c_str());
    }
  }
  if (!scan.usb_trouble.empty()) std::printf("%s\n", to_one_line(scan.usb_trouble).c_str());
  const auto there = std::ranges::count_if(
      scan.instruments, [](const FoundInstrument& found) { return !found.identity.empty(); });
  std::printf("%s, %s\n", counted(static_cast<std::size_t>(there), "instrument").c_str(),
              counted(scan.other_devices, "other USB device").c_str());
  if (there > 0) {
    std::printf(
        "No driver of this rig has met real hardware yet: all are proven on models only.\n");
  }
}

}  // namespace

int scan_command(const std::vector<std::string>& lan, bool json) {
  const InstrumentScan scan = scan_instruments(lan);
  json ? print_json(scan) : print_text(scan);
  for (const FoundInstrument& found : scan.instruments) {
    if (!found.troubles.empty()) return kUnusable;
  }
  return scan.instruments.empty() ? kUnusable : 0;
}

}  // namespace rig
