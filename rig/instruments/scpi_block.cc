#include "rig/instruments/scpi_block.h"

#include <string>
#include <string_view>

#include "rig/instruments/scpi_link.h"

namespace rig {

BlockStart read_block_start(std::span<const std::uint8_t> message, ScpiBlock& block) {
  if (message.empty()) return BlockStart::kTooShort;
  if (message[0] != '#') return BlockStart::kNoBlock;
  if (message.size() < 2) return BlockStart::kTooShort;
  if (message[1] < '1' || message[1] > '9') return BlockStart::kNoBlock;
  const std::size_t digits = message[1] - std::size_t{'0'};
  std::size_t length = 0;
  for (std::size_t k = 0; k < digits; ++k) {
    if (2 + k >= message.size()) return BlockStart::kTooShort;
    const std::uint8_t digit = message[2 + k];
    if (digit < '0' || digit > '9') return BlockStart::kNoBlock;
    length = length * 10 + (digit - std::size_t{'0'});
  }
  block = {.header = 2 + digits, .length = length};
  return BlockStart::kBlock;
}

std::string ask_text(ScpiLink& link, std::string_view query, Deadline deadline) {
  const ScpiLink::Bytes answer = link.ask(query, deadline);
  return {answer.begin(), answer.end()};
}

}  // namespace rig
