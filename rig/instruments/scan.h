// Which instruments are there, and whether they can be used. Nothing on USB is opened, so what is
// in use stays undisturbed.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace rig {

struct FoundInstrument {
  std::string address;   // as a bench would name it: "1AB1:04CE:DS1ZA1", "scope.lan:5555"
  std::string speaks;    // "USBTMC", "SCPI over TCP as a Siglent E11"
  std::string identity;  // maker and product; over LAN its answer to *IDN?
  std::string port;      // USB only: "1-1.4"
  int megabits = 0;      // USB only
  std::vector<std::string> troubles;  // why it cannot be used, with the cure; none: ready
};

struct InstrumentScan {
  std::vector<FoundInstrument> instruments;
  std::size_t other_devices = 0;  // on USB, of no kind that this rig drives
  std::string usb_trouble;        // why USB could not be looked at
};

// Throws InputError for a LAN address that is none.
InstrumentScan scan_instruments(const std::vector<std::string>& lan);

}  // namespace rig
