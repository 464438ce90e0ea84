// Program messages to an instrument and its response messages, whatever carries them. One query is
// outstanding at a time; a query that fails is recovered from before the error is thrown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rig/instruments/deadline.h"

namespace rig {

class ScpiLink {
 public:
  using Bytes = std::vector<std::uint8_t>;

  virtual ~ScpiLink() = default;

  // A message without its terminator. Throws RigError.
  virtual void write(std::string_view message, Deadline deadline) = 0;

  // The whole response message: a text without its line end, or a definite-length block with its
  // header and nothing after it. Throws RigError, whose text names instrument, query, what was
  // wrong and how the link was recovered.
  virtual Bytes ask(std::string_view query, Deadline deadline) = 0;

  virtual std::string where() const = 0;  // "usb 1AB1:04CE:DS1ZA1 (1-1.4): "

  // Over a network: some instruments bear less there.
  virtual bool over_lan() const { return false; }

  // The least time between two status queries that this instrument bears.
  virtual std::chrono::milliseconds poll_interval() const = 0;

  // What is known to be wrong with this instrument and what was done about it, for the record.
  virtual std::vector<std::string> take_notes() = 0;
};

std::string ask_text(ScpiLink& link, std::string_view query, Deadline deadline);

}  // namespace rig
