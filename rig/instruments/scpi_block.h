// IEEE 488.2 definite-length arbitrary blocks: '#', one digit n, n digits of length, the data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace rig {

struct ScpiBlock {
  std::size_t header = 0;  // bytes before the data
  std::size_t length = 0;  // bytes of data
  std::size_t total() const { return header + length; }
};

// How the message's beginning can go on.
enum class BlockStart : std::uint8_t { kNoBlock, kTooShort, kBlock };

// "#0" (indefinite length) is kNoBlock: it ends where the message ends. Siglent's words before a
// block ("DAT2,#9...") count as its header.
BlockStart read_block_start(std::span<const std::uint8_t> message, ScpiBlock& block);

}  // namespace rig
