// Response messages put together from the transfers of a USBTMC bulk-IN pipe (USBTMC 1.0, 3.3), and
// from those of instruments that depart from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "rig/instruments/deadline.h"
#include "rig/instruments/usbtmc_quirks.h"

namespace rig::usbtmc {

// A transfer that did not go as the standard has it. Never leaves this folder: the link recovers
// and makes a RigError of it.
class Trouble : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What a message is read through. Each throws Trouble, or what the device throws.
class InPipe {
 public:
  virtual ~InPipe() = default;
  virtual std::size_t packet() const = 0;                                 // bytes
  virtual std::uint8_t request(std::size_t most, Deadline deadline) = 0;  // returns its tag
  // Size in bytes read. REQUIRES: a buffer of whole packets.
  virtual std::size_t read(std::span<std::uint8_t> into, Deadline deadline) = 0;
  virtual bool abort_in() = 0;  // false: refused
};

class MessageReader {
 public:
  using Bytes = std::vector<std::uint8_t>;

  // A message is complete when its block is, else when the instrument says so; a line comes without
  // its end. A block's own length counts more than what transfers say about size and end. Throws
  // Trouble.
  Bytes read(InPipe& pipe, const Quirks& quirks, Deadline deadline);

 private:
  void take_line_end(InPipe& pipe, const Quirks& quirks);
  bool receive_transfer(InPipe& pipe, const Quirks& quirks, Bytes& message, Deadline deadline);
  std::size_t read_some(InPipe& pipe, Deadline deadline);
  void read_stray(InPipe& pipe);

  Bytes buffer_;
};

}  // namespace rig::usbtmc
