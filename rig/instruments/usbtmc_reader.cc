#include "rig/instruments/usbtmc_reader.h"

#include <algorithm>
#include <string>

#include "rig/instruments/scpi_block.h"
#include "rig/instruments/usbtmc_message.h"

namespace rig::usbtmc {
namespace {

using std::chrono::milliseconds;
using Bytes = MessageReader::Bytes;

constexpr int kMostEmpty = 2;  // transfers without a byte before the real one
constexpr milliseconds kStray(100);
constexpr milliseconds kLineEnd(200);

std::size_t round_up(std::size_t bytes, std::size_t packet) {
  return (bytes + packet - 1) / packet * packet;
}

// What belongs to the message, as announced. With one request per message the announcement counts
// for nothing, and the block's own length for everything.
void append(Bytes& message, std::span<const std::uint8_t> bytes, bool one_request,
            std::size_t& missing) {
  ScpiBlock block;
  const bool own_length = one_request && read_block_start(message.empty() ? bytes : message,
                                                          block) == BlockStart::kBlock;
  if (!own_length) bytes = bytes.first(std::min(bytes.size(), missing));
  message.insert(message.end(), bytes.begin(), bytes.end());
  missing -= std::min(bytes.size(), missing);
  if (own_length) missing = block.total() - std::min(block.total(), message.size());
}

bool block_is_complete(const Bytes& message) {
  ScpiBlock block;
  return read_block_start(message, block) == BlockStart::kBlock && message.size() >= block.total();
}

}  // namespace

MessageReader::Bytes MessageReader::read(InPipe& pipe, const Quirks& quirks, Deadline deadline) {
  Bytes message;
  while (true) {
    const bool end = receive_transfer(pipe, quirks, message, deadline);
    ScpiBlock block;
    const BlockStart start = read_block_start(message, block);
    if (start == BlockStart::kBlock) {
      if (message.size() < block.total()) continue;
      if (!end && message.size() == block.total()) take_line_end(pipe, quirks);
      message.resize(block.total());
      return message;
    }
    const bool line = quirks.newline_ends && !message.empty() && message.back() == '\n';
    if (end || line) break;
  }
  while (!message.empty() && (message.back() == '\n' || message.back() == '\r')) {
    message.pop_back();
  }
  return message;
}

// The line end that follows a block, when it comes as a transfer of its own.
void MessageReader::take_line_end(InPipe& pipe, const Quirks& quirks) {
  Bytes line_end;
  try {
    receive_transfer(pipe, quirks, line_end, within(kLineEnd));
  } catch (const Trouble&) {  // there was none: the end mark was missing instead
    pipe.abort_in();
  }
}

// One request and the transfer that answers it, appended. Returns whether it ends the message.
bool MessageReader::receive_transfer(InPipe& pipe, const Quirks& quirks, Bytes& message,
                                     Deadline deadline) {
  const std::uint8_t tag = pipe.request(quirks.most_asked, deadline);
  // The first packet alone: some instruments do not end a transfer that fills its last packet, so
  // nothing may be waited for that was not announced.
  buffer_.resize(pipe.packet());
  std::size_t count = read_some(pipe, deadline);
  InHeader header;
  const std::string wrong = read_header(std::span(buffer_).first(count), tag, header);
  if (!wrong.empty()) throw Trouble(wrong);
  if (header.size > quirks.most_asked) {
    throw Trouble("it announces " + std::to_string(header.size) + " bytes, asked for at most " +
                  std::to_string(quirks.most_asked));
  }
  std::size_t missing = header.size;
  append(message, std::span(buffer_).first(count).subspan(kHeader), quirks.one_request, missing);
  bool full = count == pipe.packet();
  while (missing > 0 && (full || quirks.one_request)) {
    buffer_.resize(round_up(missing, pipe.packet()));
    count = read_some(pipe, deadline);
    full = count == buffer_.size();
    append(message, std::span(buffer_).first(count), quirks.one_request, missing);
  }
  if (full && (quirks.stray_bytes || quirks.one_request)) read_stray(pipe);
  if (missing > 0 && header.end && !block_is_complete(message)) {
    throw Trouble("the transfer ended after " + std::to_string(header.size - missing) + " of " +
                  std::to_string(header.size) + " bytes");
  }
  return header.end;
}

// Reads into the whole buffer, past transfers without a byte.
std::size_t MessageReader::read_some(InPipe& pipe, Deadline deadline) {
  for (int empty = 0; empty <= kMostEmpty; ++empty) {
    const std::size_t count = pipe.read(buffer_, deadline);
    if (count > 0) return count;
  }
  throw Trouble("it sent one empty transfer after another");
}

// Bytes behind the announced ones, which would be taken for the head of the next answer.
void MessageReader::read_stray(InPipe& pipe) {
  buffer_.resize(pipe.packet());
  try {
    pipe.read(buffer_, within(kStray));
  } catch (const Trouble&) {  // there were none
  }
}

}  // namespace rig::usbtmc
