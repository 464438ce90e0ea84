// libFuzzer target: any bytes as what an instrument answers: a USBTMC header, the head of a
// definite-length block, a preamble of any maker, a firmware version; or a stimulator: ScienceMode
// packets, framed ones. Read or refused, never beyond the end, and what is read has the same bytes
// again.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include "rig/core/error.h"
#include "rig/dut/frame.h"
#include "rig/dut/sciencemode_packet.h"
#include "rig/instruments/scope_preamble.h"
#include "rig/instruments/scpi_block.h"
#include "rig/instruments/usbtmc_message.h"
#include "rig/instruments/usbtmc_quirks.h"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void read_facts(rig::RecordFacts (*reader)(rig::ScopeAnswers),
                const std::vector<std::vector<std::uint8_t>>& answers) {
  try {
    const rig::RecordFacts facts = reader(answers);
    demand(facts.interval > 0 && facts.volts_per_code > 0);
    demand(facts.width == 1 || facts.width == 2);
    demand(std::isfinite(facts.seconds(1e10)) && std::isfinite(facts.volts(65535)));
  } catch (const rig::RigError&) {  // refused
  }
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
  if (start == rig::BlockStart::kBlock) demand(block.header <= size && block.header <= 11 + 16);
  if (start == rig::BlockStart::kBlock) demand(block.length <= 999'999'999);

  // A dialect asks one query, or one for each line.
  std::vector<std::vector<std::uint8_t>> lines(1);
  for (const std::uint8_t byte : bytes) {
    if (byte == '\n') lines.emplace_back();
    if (byte != '\n') lines.back().push_back(byte);
  }
  lines.resize(std::max<std::size_t>(lines.size(), 8));
  read_facts(rig::read_rigol, lines);
  read_facts(rig::read_rigol_paged, lines);
  read_facts(rig::read_keysight, lines);
  read_facts(rig::read_tektronix, lines);
  read_facts(rig::read_siglent_settings, lines);
  read_facts(rig::read_wavedesc, {{bytes.begin(), bytes.end()}});

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
    if (const auto item = deframer.take(byte)) {  // a line of text may be empty
      using Kind = rig::Deframer::Item::Kind;
      demand(item->kind != Kind::kPacket || !item->bytes.empty());
      demand((item->kind == Kind::kGarbage) == !item->why.empty());
    }
  }
  return 0;
}
