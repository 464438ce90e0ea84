// libFuzzer target: any bytes as what a USBTMC instrument does while a message is read from it.
// What comes back is in the order in which it was sent; a block has its own length and a line no
// end; an instrument that keeps to the standard has its message read as it is, whatever its
// transfers are cut into.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <vector>

#include "rig/instruments/scpi_block.h"
#include "rig/instruments/usbtmc_message.h"
#include "rig/instruments/usbtmc_reader.h"

namespace rig::usbtmc {
namespace {

using Bytes = MessageReader::Bytes;

void demand(bool holds) {
  if (!holds) std::abort();
}

// Takes from the input what decides the instrument's next step.
class Script {
 public:
  explicit Script(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  bool over() const { return bytes_.empty(); }
  std::uint8_t next() {
    if (bytes_.empty()) return 0;
    const std::uint8_t byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }
  std::size_t size() { return static_cast<std::size_t>(next() << 8 | next()); }
  Bytes some(std::size_t count) {
    const auto part = bytes_.first(std::min(count, bytes_.size()));
    bytes_ = bytes_.subspan(part.size());
    return {part.begin(), part.end()};
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

class Instrument : public InPipe {
 public:
  Instrument(Script& script, std::size_t packet) : script_(script), packet_(packet) {}
  std::size_t packet() const override { return packet_; }
  std::uint8_t request(std::size_t most, Deadline /*deadline*/) override {
    tag_ = next_tag(tag_);
    most_ = most;
    return tag_;
  }
  std::size_t read(std::span<std::uint8_t> into, Deadline /*deadline*/) override {
    demand(!into.empty() && into.size() % packet_ == 0);
    const Bytes bytes = give(into.size());
    demand(bytes.size() <= into.size());
    std::ranges::copy(bytes, into.begin());
    sent_.insert(sent_.end(), bytes.begin(), bytes.end());
    return bytes.size();
  }
  bool abort_in() override { return (script_.next() & 1) != 0; }
  const Bytes& sent() const { return sent_; }

 protected:
  virtual Bytes give(std::size_t most) = 0;  // of the transfer under way
  Bytes header(std::size_t size, bool end) const {
    return {kRequestIn,
            tag_,
            static_cast<std::uint8_t>(~tag_),
            0,
            static_cast<std::uint8_t>(size),
            static_cast<std::uint8_t>(size >> 8),
            static_cast<std::uint8_t>(size >> 16),
            0,
            static_cast<std::uint8_t>(end ? 1 : 0),
            0,
            0,
            0};
  }

  Script& script_;
  std::size_t packet_;
  std::size_t most_ = 0;
  std::uint8_t tag_ = 0;
  Bytes sent_;
};

// Heads that fit or not, stalls, empty and short packets, anything.
class Liar final : public Instrument {
 public:
  using Instrument::Instrument;

 private:
  Bytes give(std::size_t most) override {
    if (script_.over()) throw Trouble("no answer in time");
    switch (script_.next() % 8) {
      case 0: throw Trouble("it stalled on the answer");
      case 1: return {};
      case 2: return script_.some(script_.size() % (most + 1));
      case 3: return script_.some(most);
      default: break;
    }
    Bytes head = header(script_.size(), (script_.next() & 1) != 0);
    const Bytes data = script_.some(std::min<std::size_t>(script_.next(), most - head.size()));
    head.insert(head.end(), data.begin(), data.end());
    return head;
  }
};

// As the standard has it: each transfer has a size of its own and ends in a short packet, or an
// empty one; the last one marks the end.
class Honest final : public Instrument {
 public:
  Honest(Script& script, std::size_t packet, Bytes message)
      : Instrument(script, packet), message_(std::move(message)) {}
  std::uint8_t request(std::size_t most, Deadline deadline) override {
    const std::uint8_t tag = Instrument::request(most, deadline);
    if (ended_) return tag;  // and it has nothing to answer
    const std::size_t left = message_.size() - at_;
    const std::size_t size = std::min({left, std::size_t{1} + script_.size() % 3000, most_});
    ended_ = size == left;
    transfer_ = header(size, ended_);
    const auto from = message_.begin() + static_cast<std::ptrdiff_t>(at_);
    transfer_.insert(transfer_.end(), from, from + static_cast<std::ptrdiff_t>(size));
    at_ += size;
    return tag;
  }

 private:
  Bytes give(std::size_t most) override {
    if (empty_at_end_ && transfer_.empty()) {
      empty_at_end_ = false;
      return {};
    }
    if (transfer_.empty()) throw Trouble("no answer in time");
    const std::size_t count = std::min(most, transfer_.size());
    const auto end = transfer_.begin() + static_cast<std::ptrdiff_t>(count);
    const Bytes part(transfer_.begin(), end);
    transfer_.erase(transfer_.begin(), end);
    empty_at_end_ = transfer_.empty() && count % packet_ == 0;
    return part;
  }

  Bytes message_;
  Bytes transfer_;
  std::size_t at_ = 0;
  bool ended_ = false;
  bool empty_at_end_ = false;
};

std::optional<Bytes> read_from(Instrument& instrument, const Quirks& quirks) {
  MessageReader reader;
  std::optional<Bytes> message;
  try {
    message = reader.read(instrument, quirks, Deadline::max());
  } catch (const Trouble&) {
    return std::nullopt;
  }
  auto at = instrument.sent().begin();
  for (const std::uint8_t byte : *message) {
    at = std::find(at, instrument.sent().end(), byte);
    demand(at++ != instrument.sent().end());
  }
  ScpiBlock block;
  const bool is_block = read_block_start(*message, block) == BlockStart::kBlock;
  if (is_block) demand(message->size() == block.total());
  if (!is_block && !message->empty()) demand(message->back() != '\n' && message->back() != '\r');
  return message;
}

// The message, as it has to be read; nullopt: its block announces more than comes.
std::optional<Bytes> meant(Bytes message) {
  ScpiBlock block;
  if (read_block_start(message, block) == BlockStart::kBlock) {
    if (message.size() < block.total()) return std::nullopt;
    message.resize(block.total());
  } else {
    while (!message.empty() && (message.back() == '\n' || message.back() == '\r')) {
      message.pop_back();
    }
  }
  return message;
}

}  // namespace
}  // namespace rig::usbtmc

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rig::usbtmc;
  Script script({data, size});
  const std::uint8_t what = script.next();
  constexpr std::array<std::size_t, 4> kPackets{16, 64, 512, 1024};
  const std::size_t packet = kPackets[what >> 1 & 3];
  Quirks quirks;
  quirks.most_asked = script.size() + 1;
  if ((what & 1) != 0) {
    Script cuts(std::span(data, size).last(std::min<std::size_t>(size, 16)));
    const Bytes message = script.some(size);
    Honest instrument(cuts, packet, message);
    demand(read_from(instrument, quirks) == meant(message));
    return 0;
  }
  quirks.one_request = (what & 8) != 0;
  quirks.stray_bytes = (what & 16) != 0;
  quirks.newline_ends = (what & 32) != 0;
  Liar instrument(script, packet);
  read_from(instrument, quirks);
  return 0;
}
