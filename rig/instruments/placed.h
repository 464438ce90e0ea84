// What belongs to a table, with its place in the bench file: whatever driver finds it unreachable,
// at the beginning or in the middle, the error says where the file names it and what to do about
// it.
#pragma once

#include <memory>
#include <string>

#include "rig/bench/bench.h"
#include "rig/bench/settings.h"
#include "rig/instruments/scpi_link.h"
#include "rig/instruments/unreachable.h"

namespace rig {

struct Seat {
  std::string role;   // "digitizer"
  std::string place;  // "table.yaml:7:8"; empty: of no file
  std::string cure;   // where the driver knows none

  std::string begin() const;  // of an error: "table.yaml:7:8: the digitizer: "
  const std::string& cure_of(const Unreachable& error) const;
};

// An Unreachable with its place: what() has all of it.
class PlacedError : public RigError {
 public:
  PlacedError(const Seat& seat, const Unreachable& error);
  std::string bare;  // without its place and the cure
  std::string cure;
};

// `scpi`: it answers `rig scan`.
Seat seat_of(std::string role, const SerialPort& port, bool scpi = false);
Seat seat_of(std::string role, const TcpAddress& address, bool scpi = false);
Seat seat_of(std::string role, const UsbAddress& address, bool scpi = false);

// The same, but that an Unreachable it throws becomes a PlacedError.
std::unique_ptr<Link> at_seat(std::unique_ptr<Link> link, const Seat& seat);
std::unique_ptr<Digitizer> at_seat(std::unique_ptr<Digitizer> digitizer, const Seat& seat);
std::unique_ptr<ScpiLink> at_seat(std::unique_ptr<ScpiLink> link, const Seat& seat);

}  // namespace rig
