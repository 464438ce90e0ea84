// The host's side of the framed protocol, revision 1.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "rig/core/error.h"
#include "rig/core/verdict.h"
#include "rig/dut/dialogue.h"
#include "rig/dut/frame.h"
#include "rig/dut/late_look.h"
#include "rig/dut/stimulator.h"

namespace rig {
namespace {

constexpr Picos kReplyTimeout = std::chrono::milliseconds(200);

enum Op : std::uint8_t {
  kHello = 0x01,
  kStatus = 0x02,
  kSet = 0x03,
  kStart = 0x05,
  kStop = 0x06,
  kClear = 0x07,
  kKeepalive = 0x08,
  kSave = 0x09,
  kDiag = 0x0A,
};

struct Parameter {
  std::string_view name;
  std::uint8_t id;
  double per_si;  // protocol units per SI unit
};
constexpr std::array kStimulatorParameters{
    Parameter{"amplitude", 1, 1e6}, Parameter{"width", 2, 1e6},
    Parameter{"gap", 3, 1e6},       Parameter{"rate", 4, 1e3},
    Parameter{"ramp_up", 5, 1e3},   Parameter{"ramp_down", 6, 1e3},
    Parameter{"on_time", 7, 1e3},   Parameter{"off_time", 8, 1e3},
    Parameter{"session", 9, 1e3},   Parameter{"comms_timeout", 10, 1e3},
    Parameter{"dead_man", 11, 1},
};
constexpr std::array kVibratorParameters{
    Parameter{"acceleration", 1, 1e7}, Parameter{"frequency", 2, 1e3},
    Parameter{"ramp_up", 3, 1e3},      Parameter{"ramp_down", 4, 1e3},
    Parameter{"session", 5, 1e3},      Parameter{"comms_timeout", 6, 1e3},
    Parameter{"dead_man", 7, 1},       Parameter{"foot", 8, 1},
};

constexpr std::array<std::pair<std::string_view, std::uint8_t>, 5> kVerbs{
    {{"start", kStart},
     {"stop", kStop},
     {"clear", kClear},
     {"save", kSave},
     {"keepalive", kKeepalive}}};

constexpr std::array<std::string_view, 8> kStatusWords{
    "ok",           "unknown_op",  "bad_length",    "unknown_param",
    "out_of_range", "wrong_state", "fault_latched", "not_ready"};
constexpr std::array<std::string_view, 7> kStates{"SELF_TEST", "IDLE",      "RAMP_UP", "RUNNING",
                                                  "RESTING",   "RAMP_DOWN", "FAULT"};
constexpr std::array<std::string_view, 13> kFaults{
    "NONE",         "LEAD_OFF",  "OVER_CURRENT", "BROWN_OUT",   "DEAD_MAN",          "COMMS_LOSS",
    "WATCHDOG",     "SELF_TEST", "CONFIG",       "FOOT_LIFTED", "OVER_ACCELERATION", "STALL",
    "ACCELEROMETER"};

template <std::size_t N>
std::string word_of(const std::array<std::string_view, N>& words, std::uint8_t index) {
  return index < N ? std::string(words[index]) : "unknown " + std::to_string(index);
}

std::uint32_t little_endian(std::span<const std::uint8_t> bytes) {
  std::uint32_t value = 0;
  for (std::size_t k = bytes.size(); k-- > 0;) value = (value << 8) | bytes[k];
  return value;
}

StatusField number(double value, std::string_view unit) {
  return {.word = in_words(value, unit), .number = value, .unit = std::string(unit)};
}
StatusField word(std::string text) { return {.word = std::move(text), .number = 0, .unit = {}}; }
StatusField flag(bool set) { return word(set ? "true" : "false"); }

// Both devices answer with as many bytes, and begin alike.
constexpr std::size_t kStatusSize = 25;

void read_stimulator(std::span<const std::uint8_t> d, Status& s) {
  s["amplitude"] = number(little_endian(d.subspan(3, 4)) * 1e-6, "A");
  s["current"] = number(little_endian(d.subspan(7, 4)) * 1e-6, "A");
  s["voltage"] = number(little_endian(d.subspan(11, 4)) * 1e-3, "V");
  s["pulses"] = number(little_endian(d.subspan(17, 4)), "1");
}

void read_vibrator(std::span<const std::uint8_t> d, Status& s) {
  constexpr double kVoltsPerDrive = 5e-3 / 16;
  s["foot"] = flag((d[2] & 32) != 0);
  s["set_acceleration"] = number(little_endian(d.subspan(3, 4)) * 1e-7, "m/s2");
  s["acceleration"] = number(little_endian(d.subspan(7, 4)) * 1e-7, "m/s2");
  s["coil_current"] = number(little_endian(d.subspan(11, 2)) * 1e-3, "A");
  s["drive"] = number(little_endian(d.subspan(13, 2)) * kVoltsPerDrive, "V");
  s["cycles"] = number(little_endian(d.subspan(17, 4)), "1");
}

// What differs between the devices that speak this protocol.
struct Device {
  std::span<const Parameter> parameters;
  void (*read_status)(std::span<const std::uint8_t>, Status&);
};

class SoleusStimulator final : public Stimulator {
 public:
  SoleusStimulator(const Device& device, Link& link, Clock& clock)
      : device_(device), link_(link), clock_(clock) {}

  std::string identify() override {
    const Reply reply = ask({kHello}, "hello");
    if (!reply.answer.arrived)
      throw DeviceSilent("the device does not answer 'hello' " + silence());
    require_ok(reply, "hello");
    if (reply.data.size() != 11) {
      throw DeviceSilent("the device answers 'hello' with " + std::to_string(reply.data.size()) +
                         " bytes, expected 11");
    }
    if (reply.data[0] != 1) {
      throw DeviceSilent("the device speaks protocol revision " + std::to_string(reply.data[0]) +
                         ", this rig speaks 1");
    }
    const std::uint32_t version = little_endian(std::span(reply.data).subspan(1, 2));
    version_ = std::to_string(version >> 8) + "." + std::to_string(version & 0xFF);
    std::string build;
    for (const std::uint8_t c : std::span(reply.data).subspan(3)) {
      build += c >= 0x20 && c < 0x7F ? static_cast<char>(c) : '.';
    }
    return build + " firmware " + version_;
  }

  Answer set(std::string_view setting, double si) override {
    const auto p = std::ranges::find(device_.parameters, setting, &Parameter::name);
    if (p == device_.parameters.end()) {
      throw RigError("this protocol cannot set '" + std::string(setting) + "'");
    }
    const double exact = si * p->per_si;
    const double rounded = std::round(exact);
    const bool whole = std::fabs(exact - rounded) <= 1e-6 * std::max(1.0, std::fabs(exact));
    if (!whole || std::fabs(rounded) > 2147483647.0) {
      throw RigError("this protocol cannot express " + std::string(setting) +
                     " exactly: " + std::to_string(exact) + " of its units");
    }
    const auto value = static_cast<std::uint32_t>(static_cast<std::int32_t>(rounded));
    Bytes packet{kSet, p->id};
    for (int shift = 0; shift < 32; shift += 8) {
      packet.push_back(static_cast<std::uint8_t>(value >> shift));
    }
    return ask(std::move(packet), "set " + std::string(setting)).answer;
  }

  Answer command(std::string_view verb) override {
    const auto* v =
        std::ranges::find(kVerbs, verb, &std::pair<std::string_view, std::uint8_t>::first);
    if (v == kVerbs.end())
      throw RigError("this protocol has no command '" + std::string(verb) + "'");
    return ask({v->second}, std::string(verb)).answer;
  }

  Status status() override {
    const Reply reply = ask({kStatus}, "status?");
    if (!reply.answer.arrived)
      throw DeviceSilent("the device does not answer 'status' " + silence());
    require_ok(reply, "status");
    const std::span d(reply.data);
    if (d.size() != kStatusSize) {
      throw DeviceSilent("the device answers 'status' with " + std::to_string(d.size()) +
                         " bytes, expected " + std::to_string(kStatusSize));
    }
    Status s;
    s["state"] = word(word_of(kStates, d[0]));
    s["fault"] = word(word_of(kFaults, d[1]));
    s["output"] = flag((d[2] & 1) != 0);
    s["latched"] = flag((d[2] & 2) != 0);
    s["dead_man"] = flag((d[2] & 4) != 0);
    s["stop_button"] = flag((d[2] & 8) != 0);
    s["led"] = flag((d[2] & 16) != 0);
    s["supply"] = number(little_endian(d.subspan(15, 2)) * 1e-3, "V");
    s["version"] = word(version_.empty() ? "unknown" : version_);
    s["session"] = number(little_endian(d.subspan(21, 4)) * 1e-3, "s");
    device_.read_status(d, s);
    return s;
  }

  Answer send_raw(std::span<const std::uint8_t> bytes, Picos listen) override {
    drop_stale();
    write(bytes, "raw bytes");
    Answer answer{.word = "none", .sent = sent_};
    const Picos deadline = sent_ + listen;
    while (std::optional<Deframer::Item> item = next_item(deadline)) {
      answer.arrived = true;
      answer.answered = clock_.now();
      answer.word = describe(*item);
    }
    return answer;
  }

  std::vector<Exchange> take_dialogue() override { return dialogue_.take(); }

 private:
  struct Reply {
    Answer answer;
    Bytes data;
  };

  std::string silence() const {
    const std::string heard =
        garbage_ > 0 ? "; " + std::to_string(garbage_) +
                           " pieces of garbage came instead, the last: " + last_garbage_
                     : std::string();
    return "within " + in_words(to_seconds(kReplyTimeout), "s") + heard;
  }

  static std::string text_of(const Bytes& bytes) {
    std::string text;
    for (const std::uint8_t c : bytes) {
      if (c != '\r') text += c >= 0x20 && c < 0x7F ? static_cast<char>(c) : '?';
    }
    return text;
  }

  static std::string describe(const Deframer::Item& item) {
    switch (item.kind) {
      case Deframer::Item::Kind::kText: return text_of(item.bytes);
      case Deframer::Item::Kind::kGarbage: return "garbage: " + item.why;
      case Deframer::Item::Kind::kPacket: break;
    }
    return item.bytes.size() < 3 ? "short packet" : word_of(kStatusWords, item.bytes[2]);
  }

  void write(std::span<const std::uint8_t> bytes, const std::string& meaning) {
    dialogue_.add({.at = clock_.now(), .to_device = true, .bytes = hex(bytes), .meaning = meaning});
    sent_ = link_.write(std::as_bytes(bytes));
  }

  std::optional<Deframer::Item> next_item(Picos deadline) {
    while (true) {
      while (!arrived_.empty()) {
        const std::uint8_t byte = arrived_.front();
        arrived_.erase(arrived_.begin());
        if (std::optional<Deframer::Item> item = deframer_.take(byte)) {
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
      std::array<std::byte, 256> buffer{};
      const std::size_t count = link_.read(buffer, deadline - clock_.now());
      for (std::size_t k = 0; k < count; ++k) {
        arrived_.push_back(std::to_integer<std::uint8_t>(buffer[k]));
      }
    }
  }

  // Whatever has come by now belongs to earlier steps: raw bytes have no number by which their
  // answer could be told from an older one.
  void drop_stale() {
    constexpr int kMostReads = 64;  // a babbling device never has nothing to say
    for (int k = 0; k < kMostReads; ++k) {
      std::array<std::byte, 256> buffer{};
      const std::size_t count = link_.read(buffer, Picos(0));
      if (count == 0) break;
      for (std::size_t b = 0; b < count; ++b) {
        arrived_.push_back(std::to_integer<std::uint8_t>(buffer[b]));
      }
    }
    while (next_item(clock_.now())) {
    }
    deframer_ = {};
  }

  static void require_ok(const Reply& reply, const std::string& request) {
    if (reply.answer.word == "ok") return;
    throw DeviceSilent("the device answers '" + request + "' with " + reply.answer.word);
  }

  // Sends a request and waits for the answer with its own sequence number and op; anything else,
  // late answers of the step before included, is noted and passed over.
  Reply ask(Bytes op_and_args, const std::string& meaning) {
    Bytes packet{++sequence_};
    packet.insert(packet.end(), op_and_args.begin(), op_and_args.end());
    garbage_ = 0;
    write(frame(packet), meaning);
    Reply reply{.answer = {.word = "none", .sent = sent_}, .data = {}};
    const Picos deadline = sent_ + kReplyTimeout;
    while (std::optional<Deframer::Item> item = next_item(deadline)) {
      if (item->kind != Deframer::Item::Kind::kPacket) {
        if (item->kind == Deframer::Item::Kind::kGarbage) {
          ++garbage_;
          last_garbage_ = item->why;
        }
        continue;
      }
      const Bytes& b = item->bytes;
      if (b.size() < 3 || b[0] != sequence_ || b[1] != (packet[1] | 0x80)) continue;
      reply.answer.arrived = true;
      reply.answer.answered = clock_.now();
      reply.answer.word = word_of(kStatusWords, b[2]);
      reply.data.assign(b.begin() + 3, b.end());
      break;
    }
    return reply;
  }

  const Device device_;
  Link& link_;
  Clock& clock_;
  Deframer deframer_;
  Bytes arrived_;
  std::uint8_t sequence_ = 0;
  Picos sent_{};
  std::string version_;
  int garbage_ = 0;
  std::string last_garbage_;
  Dialogue dialogue_;
};

}  // namespace

std::unique_ptr<Stimulator> make_soleus_stimulator(Link& link, Clock& clock) {
  return std::make_unique<SoleusStimulator>(Device{kStimulatorParameters, read_stimulator}, link,
                                            clock);
}

std::unique_ptr<Stimulator> make_soleus_vibrator(Link& link, Clock& clock) {
  return std::make_unique<SoleusStimulator>(Device{kVibratorParameters, read_vibrator}, link,
                                            clock);
}

}  // namespace rig
