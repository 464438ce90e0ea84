// libFuzzer target: any lines as the answers of an instrument to whatever its driver asks: an
// oscilloscope of each dialect from *IDN? to the last page, a bench supply, a relay board, a
// stimulator that speaks lines of text. Done, or refused with a RigError; samples only as many as
// were asked for.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rig/core/error.h"
#include "rig/core/verdict.h"
#include "rig/dut/stimulator.h"
#include "rig/instruments/bench_supply.h"
#include "rig/instruments/load_box.h"
#include "rig/instruments/scope_dialect.h"
#include "rig/instruments/scpi_scope.h"

namespace rig {
namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

class JumpingClock final : public Clock {
 public:
  Picos now() const override { return now_ += std::chrono::microseconds(10); }
  void wait_until(Picos when) override { now_ = std::max(now_, when); }

 private:
  mutable Picos now_{};
};

// The next line to each query, whatever it is; the data of a block ends where its length says.
class Parrot final : public ScpiLink {
 public:
  explicit Parrot(std::vector<std::string> lines) : lines_(std::move(lines)) {}
  void write(std::string_view /*message*/, Deadline /*deadline*/) override {}
  Bytes ask(std::string_view query, Deadline /*deadline*/) override {
    if (next_ == lines_.size()) throw RigError(std::string(query) + ": no answer in time");
    const std::string& line = lines_[next_++];
    return {line.begin(), line.end()};
  }
  std::string where() const override { return "a parrot: "; }
  bool over_lan() const override { return lines_.size() % 2 == 1; }
  std::chrono::milliseconds poll_interval() const override { return {}; }
  std::vector<std::string> take_notes() override { return {}; }

 private:
  std::vector<std::string> lines_;
  std::size_t next_ = 0;
};

class Chatter final : public Link {
 public:
  Chatter(std::string text, Clock& clock) : text_(std::move(text)), clock_(clock) {}
  Picos write(std::span<const std::byte> /*bytes*/) override {
    may_ += 40;
    return clock_.now();
  }
  std::size_t read(std::span<std::byte> into, Picos timeout) override {
    const std::size_t end = std::min(text_.size(), may_);
    const std::size_t count = std::min(into.size(), end - at_);
    std::transform(text_.data() + at_, text_.data() + at_ + count, into.data(),
                   [](char c) { return static_cast<std::byte>(c); });
    at_ += count;
    if (count == 0) clock_.wait_until(clock_.now() + timeout);
    return count;
  }

 private:
  std::string text_;
  Clock& clock_;
  std::size_t at_ = 0;
  std::size_t may_ = 0;  // bytes that have come so far
};

struct Counter final : BlockSink {
  std::size_t samples = 0;
  void take(const Block& block) override { samples += block.size(); }
};

void be_a_scope(std::vector<std::string> lines) {
  JumpingClock clock;
  Counter taken;
  try {
    const auto scope =
        make_scope(std::make_unique<Parrot>(std::move(lines)), clock,
                   {.channels = {{.name = "signal", .unit = "V", .input = 1, .probe = 1}}});
    const CaptureInfo info = scope->arm({.name = "run",
                                         .channels = {"signal"},
                                         .rate = {.samples = 1'000},
                                         .ranges = {{"signal", 3}},
                                         .length = std::chrono::milliseconds(2)});
    demand(std::isfinite(info.channels.at(0).scale) && info.rate.hertz() >= 1);
    while (scope->collect(clock.now() + std::chrono::seconds(10), taken)) {
    }
    demand(static_cast<double>(taken.samples) <= 2 + 0.002 * info.rate.hertz());
  } catch (const RigError&) {  // refused
  } catch (const Blocked&) {
  }
}

void be_a_supply(std::vector<std::string> lines) {
  JumpingClock clock;
  const BenchSupplySettings settings{.where = TcpAddress{"host:1"},
                                     .nominal = Volts(7.4),
                                     .lowest = Volts(0),
                                     .highest = Volts(9)};
  try {
    BenchSupply supply(std::make_unique<Parrot>(std::move(lines)), settings, clock);
    supply.set(Volts(6));
    supply.cycle();
  } catch (const RigError&) {  // refused
  }
}

// It obeyed only if its line is the answer, whatever came before the command. A board that ends no
// line has said what it says when its time is over.
void be_a_relay_board(std::string text) {
  JumpingClock clock;
  const SwitchBoxSettings settings{.where = TcpAddress{"host:1"},
                                   .answer = "OK",
                                   .settle = std::chrono::milliseconds(20),
                                   .loads = {{OpenLoad{}, "R0"}, {ShortLoad{}, "R1"}},
                                   .buttons = {{"stop", "P1", "P0"}}};
  const bool answers = text.ends_with("OK") || text.find("OK\n") != std::string::npos ||
                       text.find("OK\r") != std::string::npos;
  const auto box =
      make_switch_box(std::make_unique<Chatter>(std::move(text), clock), settings, clock);
  for (int k = 0; k < 3; ++k) {
    try {
      const Done done = k == 1 ? box->press({"stop", true}) : box->select(ShortLoad{});
      demand(answers && done.ended - done.begun >= settings.settle);
    } catch (const RigError&) {  // refused
    }
  }
}

TextPattern pattern(std::vector<TextPattern::Part> parts) {
  return {.source = "a line", .parts = std::move(parts)};
}

void be_a_stimulator(std::string text) {
  JumpingClock clock;
  Chatter link(std::move(text), clock);
  const TextProtocol protocol{
      .title = "a stimulator",
      .identify = "ID?",
      .identity = pattern({{.text = "ID "}, {.text = "model", .place = true}}),
      .settings = {{.name = "amplitude", .command = "AMP {value}", .per = 1e-3, .decimals = 1}},
      .commands = {{"start", "GO"}},
      .answers = {{"ok", pattern({{.text = "OK"}})},
                  {"refused", pattern({{.text = "ERR "}, {.text = "why", .place = true}})}},
      .status = "STAT?",
      .status_reply = pattern({{.text = "S="},
                               {.text = "state", .place = true},
                               {.text = ";A="},
                               {.text = "amplitude", .place = true, .unit = "A", .per = 1e-3}})};
  const auto stimulator = make_text_stimulator(protocol, link, clock);
  const auto attempt = [](const auto& what) {
    try {
      what();
    } catch (const RigError&) {  // refused
    } catch (const DeviceSilent&) {
    }
  };
  attempt([&] { stimulator->identify(); });
  attempt([&] { stimulator->set("amplitude", 20e-3); });
  attempt([&] { stimulator->command("start"); });
  attempt([&] { stimulator->status(); });
  stimulator->take_dialogue();
}

}  // namespace
}  // namespace rig

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n') lines.emplace_back();
    if (c != '\n') lines.back() += c;
  }
  constexpr const char* kIdentities[] = {
      "RIGOL TECHNOLOGIES,DS1104Z,",      "RIGOL TECHNOLOGIES,MSO5074,",
      "RIGOL TECHNOLOGIES,DHO804,",       "SIGLENT TECHNOLOGIES,SDS1104X HD,",
      "SIGLENT TECHNOLOGIES,SDS1104X-E,", "SIGLENT TECHNOLOGIES,SDS2104X PLUS,",
      "KEYSIGHT TECHNOLOGIES,DSOX1102G,", "TEKTRONIX,MDO3014,"};
  if (data[0] % 10 < 8) {
    lines.insert(lines.begin(), kIdentities[data[0] % 10]);
    rig::be_a_scope(std::move(lines));
  } else if (data[0] % 10 == 8) {
    rig::be_a_supply(std::move(lines));
  } else {
    rig::be_a_stimulator(text);
    rig::be_a_relay_board(text);
  }
  return 0;
}
