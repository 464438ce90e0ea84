// libFuzzer target: any bytes as what an instrument answers: a USBTMC header, the head of a
// definite-length block, a preamble, a firmware version; or a stimulator: ScienceMode packets,
// framed ones. Read or refused, never beyond the end, and what is read has the same bytes again.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "rig/core/error.h"
#include "rig/dut/frame.h"
#include "rig/dut/sciencemode_packet.h"
#include "rig/instruments/scope_dialect.h"
#include "rig/instruments/scpi_block.h"
#include "rig/instruments/usbtmc_message.h"
#include "rig/instruments/usbtmc_quirks.h"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  rig::usbtmc::InHeader header;
  const std::uint8_t tag = size > 1 ? data[1] : 1;
  const bool good = rig::usbtmc::read_header(bytes, tag, header).empty();
  demand(!good || size >= rig::usbtmc::kHeader);

  rig::ScpiBlock block;
  const auto start = rig::read_block_start(bytes, block);
  if (start == rig::BlockStart::kBlock) demand(block.header <= size && block.header <= 11);
  if (start == rig::BlockStart::kBlock) demand(block.length <= 999'999'999);

  try {
    const rig::Preamble preamble = rig::read_preamble(text);
    demand(preamble.x_increment > 0 && preamble.y_increment > 0);
    demand(std::isfinite(preamble.x_origin) && std::isfinite(preamble.y_reference));
  } catch (const rig::RigError&) {  // refused
  }

  const std::string_view left = text.substr(0, size / 2);
  const std::string_view right = text.substr(size / 2);
  demand(rig::usbtmc::compare_firmware(left, right) == -rig::usbtmc::compare_firmware(right, left));
  demand(rig::usbtmc::compare_firmware(left, left) == 0);

  rig::sciencemode::Decoder decoder;
  rig::Deframer deframer;
  for (const std::uint8_t byte : bytes) {
    if (const auto item = decoder.take(byte)) {
      demand(item->bytes.size() <= rig::sciencemode::kLongest);
      if (item->packet) {  // others may stuff more than is needed
        demand(rig::sciencemode::encode(*item->packet).size() <= item->bytes.size());
      }
    }
    if (const auto item = deframer.take(byte)) demand(!item->bytes.empty() || !item->why.empty());
  }
  return 0;
}
