#include "rig/instruments/scan.h"

#include <unistd.h>

#include "rig/core/error.h"
#include "rig/instruments/mcc.h"
#include "rig/instruments/sampler.h"
#include "rig/instruments/scope_dialect.h"
#include "rig/instruments/scpi_socket.h"
#include "rig/instruments/usb/device.h"
#include "rig/instruments/usb/holder.h"
#include "rig/instruments/usb/permission.h"
#include "rig/instruments/usbtmc.h"
#include "rig/instruments/usbtmc_quirks.h"

namespace rig {
namespace {

constexpr std::chrono::milliseconds kLan(2000);
constexpr int kHighSpeed = 480;  // Mbit/s

// `sampler`: what it is when it streams and speaks a protocol of its own; empty: USBTMC.
FoundInstrument found_on_usb(const usb::DeviceInfo& device, const std::string& sampler) {
  FoundInstrument found{.address = usb::in_words(device.id),
                        .speaks = sampler.empty() ? "USBTMC" : sampler,
                        .identity = device.manufacturer + " " + device.product,
                        .port = device.port,
                        .megabits = device.megabits};
  const usbtmc::Quirks& quirks = usbtmc::quirks_of(device.id.vendor, device.id.product, "");
  const std::string holders = usb::holders_of(device.bus, device.address);
  if (::access(usb::node_of(device.bus, device.address).c_str(), R_OK | W_OK) != 0) {
    found.troubles.push_back("no permission; " + usb::permission_cure(device.id));
  }
  if (!holders.empty()) found.troubles.push_back("in use by " + holders);
  const bool slow_by_nature = !mcc_name(device).empty();
  if (device.megabits > 0 && device.megabits < kHighSpeed && !slow_by_nature) {
    found.troubles.push_back("its link runs at " + std::to_string(device.megabits) +
                             " Mbit/s only; check cable and hub");
  }
  const std::string trouble = sampler_trouble(device);
  if (!trouble.empty()) found.troubles.push_back(trouble);
  if (quirks.boots) found.troubles.emplace_back("it has not loaded its firmware");
  return found;
}

void look_at_usb(InstrumentScan& scan) {
  try {
    const usb::Context context;
    for (const usb::DeviceInfo& device : context.devices()) {
      const std::string sampler = sampler_name(device);
      if (!sampler.empty() || usbtmc_interface(device) != nullptr) {
        scan.instruments.push_back(found_on_usb(device, sampler));
      } else {
        ++scan.other_devices;
      }
    }
  } catch (const RigError& error) {
    scan.usb_trouble = error.what();
  }
}

FoundInstrument found_on_lan(const std::string& text) {
  const SocketAddress address = read_socket_address(text);
  FoundInstrument found{.address = address.host + ":" + address.port, .speaks = "SCPI over TCP"};
  try {
    const auto link = open_scpi_socket(address, within(kLan));
    found.identity = ask_text(*link, "*IDN?", within(kLan));
    const ScopeDialect* dialect = dialect_of(found.identity);
    if (dialect == nullptr) {
      found.troubles.emplace_back("it speaks no dialect that this rig knows");
    } else {
      found.speaks += " as a " + std::string(dialect->name);
    }
  } catch (const RigError& error) {
    found.troubles.emplace_back(error.what());
  }
  return found;
}

}  // namespace

InstrumentScan scan_instruments(const std::vector<std::string>& lan) {
  for (const std::string& text : lan) read_socket_address(text);
  InstrumentScan scan;
  look_at_usb(scan);
  for (const std::string& text : lan) scan.instruments.push_back(found_on_lan(text));
  return scan;
}

}  // namespace rig
