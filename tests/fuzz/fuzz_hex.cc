// libFuzzer target: any bytes as a firmware file in Intel HEX. Read or refused with a line; what is
// read lies in the FX2's memory, and says the same when it is written out and read again.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "rig/core/error.h"
#include "rig/instruments/intel_hex.h"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void append(std::string& line, unsigned byte, unsigned& sum) {
  std::array<char, 3> digits{};
  std::snprintf(digits.data(), digits.size(), "%02X", byte & 0xFF);
  line.append(digits.data());
  sum += byte & 0xFF;
}

std::string written(const std::vector<rig::FirmwarePiece>& pieces) {
  std::string text;
  for (const auto& piece : pieces) {
    unsigned sum = 0;
    text.push_back(':');
    append(text, static_cast<unsigned>(piece.bytes.size()), sum);
    append(text, piece.address >> 8, sum);
    append(text, piece.address, sum);
    append(text, 0, sum);
    for (const std::uint8_t byte : piece.bytes) append(text, byte, sum);
    append(text, 0x100 - (sum & 0xFF), sum);
    text.push_back('\n');
  }
  return text.append(":00000001FF\n");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<rig::FirmwarePiece> pieces;
  try {
    pieces = rig::read_intel_hex(text, "f");
  } catch (const rig::InputError& error) {
    demand(std::string_view(error.what()).starts_with("f:"));
    return 0;
  }
  demand(!pieces.empty());
  for (const auto& piece : pieces) {
    demand(!piece.bytes.empty() && piece.bytes.size() <= 255);
    demand(piece.address + piece.bytes.size() <= rig::kFx2Memory);
  }
  const auto again = rig::read_intel_hex(written(pieces), "g");
  demand(again.size() == pieces.size());
  for (std::size_t k = 0; k < pieces.size(); ++k) {
    demand(again[k].address == pieces[k].address && again[k].bytes == pieces[k].bytes);
  }
  return 0;
}
