// The host's side of ScienceMode4, mid level: the stimulator makes the train by itself as long as a
// mid level packet comes at least every 2 s.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "rig/core/error.h"
#include "rig/core/verdict.h"
#include "rig/dut/dialogue.h"
#include "rig/dut/late_look.h"
#include "rig/dut/sciencemode_packet.h"
#include "rig/dut/stimulator.h"

namespace rig::sciencemode {
namespace {

// MlInit and MlStop take 40 ms for each module.
constexpr Picos kReplyTimeout = std::chrono::milliseconds(300);

enum Command : std::uint16_t {
  kMlInit = 30,
  kMlUpdate = 32,
  kMlStop = 34,
  kMlGetCurrentData = 36,
  kMainVersion = 50,
  kDeviceId = 52,
  kBattery = 54,
  kStimStatus = 62,
  kGeneralError = 66,
  kUnknownCommand = 67,
};

constexpr std::array<std::pair<std::uint8_t, std::string_view>, 14> kResults{{
    {0, "ok"},
    {1, "transfer_error"},
    {2, "out_of_range"},
    {3, "protocol_error"},
    {4, "stimulation_timeout"},
    {7, "wrong_state"},
    {8, "high_voltage"},
    {9, "demux_timeout"},
    {10, "electrode_error"},
    {11, "unknown_op"},
    {16, "pulse_timeout"},
    {17, "fuel_gauge"},
    {21, "busy"},
    {28, "low_current"},
}};
constexpr std::array<std::string_view, 4> kStates{"UNINITIALISED", "LOW_LEVEL", "IDLE", "RUNNING"};
constexpr std::array<std::string_view, 4> kSettings{"amplitude", "width", "gap", "rate"};

std::string word_of(std::uint8_t result) {
  const auto found =
      std::ranges::find(kResults, result, &std::pair<std::uint8_t, std::string_view>::first);
  return found == kResults.end() ? fmt::format("result {}", result) : std::string(found->second);
}

std::string describe(const Decoder::Item& item) {
  if (!item.packet) return "garbage: " + item.why;
  if (item.packet->command == kGeneralError) return "general error";
  if (item.packet->command == kUnknownCommand) return "unknown command";
  return item.packet->payload.empty() ? "an answer without a result"
                                      : word_of(item.packet->payload.front());
}

class ScienceMode final : public Stimulator {
 public:
  ScienceMode(Link& link, Clock& clock) : link_(link), clock_(clock) {}

  std::string identify() override {
    const Bytes id = demand(kDeviceId, 1, "device id?");
    const Bytes version = demand(kMainVersion, 3, "version?");
    const std::string name(id.begin(), std::ranges::find(id, std::uint8_t{0}));
    return fmt::format("{} firmware {}.{}.{}", name, version[0], version[1], version[2]);
  }

  Answer set(std::string_view setting, double si) override {
    if (std::ranges::find(kSettings, setting) == kSettings.end()) {
      throw RigError("ScienceMode cannot set '" + std::string(setting) + "'");
    }
    std::map<std::string, double, std::less<>> tried = settings_;
    tried[std::string(setting)] = si;
    check(setting, si);
    if (running_) {
      Answer answer = update(tried, std::string(setting));
      if (answer.word == "ok") settings_ = std::move(tried);
      return answer;
    }
    settings_ = std::move(tried);
    return {.arrived = true, .word = "ok", .sent = clock_.now(), .answered = clock_.now()};
  }

  Answer command(std::string_view verb) override {
    if (verb == "start") return start();
    if (verb == "stop") {
      running_ = false;
      return ask(kMlStop, {}, "stop").answer;
    }
    if (verb == "keepalive") return ask(kMlGetCurrentData, {kCurrent}, "keepalive").answer;
    throw RigError("ScienceMode has no command '" + std::string(verb) + "'");
  }

  Status status() override {
    const Bytes stimulation = demand(kStimStatus, 2, "stimulation status?");
    const Bytes battery = demand(kBattery, 3, "battery?");
    const std::uint8_t state = stimulation[0];
    const double volts = 1e-3 * ((battery[1] << 8) | battery[2]);
    const std::string word =
        state < kStates.size() ? std::string(kStates.at(state)) : fmt::format("state {}", state);
    return {{"state", {.word = word, .number = 0, .unit = {}}},
            {"supply", {.word = in_words(volts, "V"), .number = volts, .unit = "V"}}};
  }

  Answer send_raw(std::span<const std::uint8_t> bytes, Picos listen) override {
    drop_stale();
    write(bytes, "raw bytes");
    Answer answer{.word = "none", .sent = sent_};
    while (const auto item = next_item(sent_ + listen)) {
      answer.arrived = true;
      answer.answered = clock_.now();
      answer.word = describe(*item);
    }
    return answer;
  }

  std::vector<Exchange> take_dialogue() override { return dialogue_.take(); }

 private:
  static constexpr std::uint8_t kCurrent = 2;  // which data to get: the stimulation's state

  struct Reply {
    Answer answer;
    Bytes data;  // after the result
  };

  // Before anything else knows of it: what the packet cannot say.
  static void check(std::string_view setting, double si) {
    if (setting == "amplitude") point(100e-6, si);
    if (setting == "width" || (setting == "gap" && si > 0)) point(si, 0);
    if (setting == "rate") train(0, 100e-6, 0, si);
  }

  Answer start() {
    for (const std::string_view needed : {"amplitude", "width", "rate"}) {
      if (!settings_.contains(needed)) {
        throw RigError("ScienceMode starts with a whole pulse: set " + std::string(needed) +
                       " before");
      }
    }
    Answer initialised = ask(kMlInit, {1}, "initialise").answer;
    if (initialised.word != "ok") return initialised;
    Answer answer = update(settings_, "start");
    running_ = answer.word == "ok";
    return answer;
  }

  Answer update(const std::map<std::string, double, std::less<>>& settings,
                const std::string& meaning) {
    const auto gap = settings.find("gap");
    return ask(kMlUpdate,
               train(settings.at("amplitude"), settings.at("width"),
                     gap == settings.end() ? 0 : gap->second, settings.at("rate")),
               meaning)
        .answer;
  }

  // Throws DeviceSilent without an answer that is ok and so long.
  Bytes demand(Command command, std::size_t bytes, const std::string& meaning) {
    Reply reply = ask(command, {}, meaning);
    if (reply.answer.word != "ok") {
      throw DeviceSilent(reply.answer.arrived
                             ? "the device answers '" + meaning + "' with " + reply.answer.word
                             : "the device does not answer '" + meaning + "' within " +
                                   in_words(to_seconds(kReplyTimeout), "s") + heard());
    }
    if (reply.data.size() < bytes) {
      throw DeviceSilent(fmt::format("the device answers '{}' with {} bytes, expected at least {}",
                                     meaning, reply.data.size(), bytes));
    }
    return std::move(reply.data);
  }

  std::string heard() const { return garbage_.empty() ? "" : "; it says garbage: " + garbage_; }

  Reply ask(Command command, Bytes payload, const std::string& meaning) {
    drop_stale();
    number_ = (number_ + 1) & 63;
    garbage_.clear();
    write(encode({.number = number_, .command = command, .payload = std::move(payload)}), meaning);
    Reply reply{.answer = {.word = "none", .sent = sent_}, .data = {}};
    while (const auto item = next_item(sent_ + kReplyTimeout)) {
      if (!item->packet) {
        garbage_ = item->why;
        continue;
      }
      const Packet& packet = *item->packet;
      const bool refused = packet.command == kGeneralError || packet.command == kUnknownCommand;
      if (packet.number != number_ || !(packet.command == command + 1 || refused)) continue;
      reply.answer.arrived = true;
      reply.answer.answered = clock_.now();
      reply.answer.word = describe(*item);
      if (!packet.payload.empty())
        reply.data.assign(packet.payload.begin() + 1, packet.payload.end());
      break;
    }
    return reply;
  }

  void write(std::span<const std::uint8_t> bytes, const std::string& meaning) {
    dialogue_.add({.at = clock_.now(), .to_device = true, .bytes = hex(bytes), .meaning = meaning});
    sent_ = link_.write(std::as_bytes(bytes));
  }

  std::optional<Decoder::Item> next_item(Picos deadline) {
    while (true) {
      while (!arrived_.empty()) {
        const std::uint8_t byte = arrived_.front();
        arrived_.erase(arrived_.begin());
        if (std::optional<Decoder::Item> item = decoder_.take(byte)) {
          dialogue_.add({.at = clock_.now(),
                         .to_device = false,
                         .bytes = hex(item->bytes),
                         .meaning = describe(*item)});
          return item;
        }
      }
      if (clock_.now() >= deadline) {
        require_timely_look(link_, clock_, deadline);
        return std::nullopt;
      }
      receive(deadline - clock_.now());
    }
  }

  std::size_t receive(Picos timeout) {
    std::array<std::byte, 256> buffer{};
    const std::size_t count = link_.read(buffer, timeout);
    for (std::size_t k = 0; k < count; ++k) {
      arrived_.push_back(std::to_integer<std::uint8_t>(buffer[k]));
    }
    return count;
  }

  // What has come by now belongs to earlier steps; numbers come again after 64 packets.
  void drop_stale() {
    constexpr int kMostReads = 64;  // a babbling device never has nothing to say
    for (int k = 0; k < kMostReads && receive(Picos(0)) > 0; ++k) {
    }
    while (next_item(clock_.now())) {
    }
    decoder_ = {};
  }

  Link& link_;
  Clock& clock_;
  Decoder decoder_;
  Bytes arrived_;
  std::uint8_t number_ = 0;
  Picos sent_{};
  std::map<std::string, double, std::less<>> settings_;
  bool running_ = false;
  std::string garbage_;
  Dialogue dialogue_;
};

}  // namespace

static std::unique_ptr<Stimulator> make(Link& link, Clock& clock) {
  return std::make_unique<ScienceMode>(link, clock);
}

}  // namespace rig::sciencemode

namespace rig {

std::unique_ptr<Stimulator> make_sciencemode_stimulator(Link& link, Clock& clock) {
  return sciencemode::make(link, clock);
}

}  // namespace rig
