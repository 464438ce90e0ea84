#include "rig/instruments/scpi_block.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "rig/instruments/scpi_link.h"

namespace rig {
namespace {

// How long the words are that Siglent puts before a block: "C1:WF DAT2,".
std::size_t words_before(std::span<const std::uint8_t> message) {
  constexpr std::size_t kLongest = 16;
  const std::string_view text(reinterpret_cast<const char*>(message.data()),
                              std::min(message.size(), kLongest));
  for (const std::string_view word : {"DAT2,#", "ALL,#", "DESC,#"}) {
    const std::size_t at = text.find(word);
    if (at == 0 || (at != std::string_view::npos && text.substr(0, at).ends_with(":WF "))) {
      return at + word.size() - 1;
    }
  }
  return 0;
}

}  // namespace

BlockStart read_block_start(std::span<const std::uint8_t> message, ScpiBlock& block) {
  const std::size_t words = words_before(message);
  message = message.subspan(words);
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
  block = {.header = words + 2 + digits, .length = length};
  return BlockStart::kBlock;
}

std::string ask_text(ScpiLink& link, std::string_view query, Deadline deadline) {
  const ScpiLink::Bytes answer = link.ask(query, deadline);
  return {answer.begin(), answer.end()};
}

}  // namespace rig
