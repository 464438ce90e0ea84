// A bench that exists only in a test. Everything behind the seam shares one Scene: its time, what
// happened in which order, and what shall go wrong.
#pragma once

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <numbers>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rig/bench/alive.h"
#include "rig/bench/bench.h"
#include "rig/config/disturbances.h"
#include "rig/dut/frame.h"
#include "rig/run/recorder.h"

namespace rig::fake {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr Picos kByteTime = microseconds(260);  // 10 bits at 38400 baud

struct Said {
  Picos after{};  // counted from the last bit of the command
  Bytes bytes;
};

struct Scene {
  Picos now{};
  std::vector<std::string> log;                    // "hello", "start", "arm train", "load open"
  std::function<void(const std::string&)> before;  // is told each of these, and may throw

  // The device.
  std::map<std::uint8_t, std::uint8_t> refuses;  // op: status code
  std::set<std::uint8_t> silent_to;              // ops
  std::uint8_t revision = 1;
  std::string build = "1234abcd";
  std::uint8_t state = 1;
  std::uint8_t fault = 0;
  bool deaf_to_stop = false;                 // answers, and goes on
  bool dead_output = false;                  // answers, and puts nothing out
  std::map<std::uint8_t, std::int32_t> set;  // parameter: value
  // When not null: what comes back for a packet (or, when it was none, for the raw bytes), given
  // the reply of a good device.
  std::function<std::vector<Said>(const Bytes& written, const Bytes& reply)> says;
  std::vector<std::pair<Picos, bool>> output{{Picos(0), false}};  // since when it is on or off

  std::optional<Picos> rig_stalls;  // it does not run for so long while it waits for an answer

  std::optional<Picos> bears_silence;  // of its host while it puts out
  Picos heard{};

  // How long it takes for "arm train", "download", "load open".
  std::map<std::string, Picos> takes;

  // The digitizer.
  double scale = 1e-4;  // A or V per code of 12 bits
  double gain_u = 0;    // relative
  double offset = 0;    // A, that is wrong with the current channel
  double offset_u = 0;  // A, standard: what is known of it
  bool integrity_proven = true;
  double rate_u = 0;                      // relative, standard: what is known of its clock
  double clock_off = 0;                   // relative: what is wrong with it
  std::optional<Picos> ends_early;        // since arming
  std::optional<std::uint64_t> loses_at;  // sample index from which 50 are missing
  bool never_ends = false;
  Picos blind{};         // since arming: triggers that come so early are missed
  double plate_hz = 45;  // of the acceleration, 2 m/s2 peak
  std::vector<CaptureSetup> armed;

  std::optional<ClockFit> clock_fit;  // what the digitizer says; clock_off is what it is
  double instant_u = 0;               // s, of the link
  std::function<double(Picos)> rx;    // V, of the channel of this name

  // Load box, supply, buttons.
  bool ignores_disturbances = false;
  std::vector<std::string> doubts;
  std::vector<Applied> applied;
  std::deque<std::pair<Picos, Disturbance>> pending;

  BenchFacts facts{.title = "Fake bench",
                   .protocol = "soleus",
                   .capabilities = {"load", "load.open", "supply.dip", "channel.current",
                                    "channel.voltage", "channel.acceleration", "channel.led"}};

  void note(const std::string& what) {
    log.push_back(what);
    if (before) before(what);
  }
  bool happened(const std::string& what) const { return std::ranges::count(log, what) > 0; }

  // As an instrument does: with signs of life.
  void take_time_for(const std::string& what) {
    const auto found = takes.find(what);
    if (found == takes.end()) return;
    for (const Picos end = now + found->second; now < end;) {
      alive();
      live_until(std::max(now, std::min(end, now + kBetweenSigns)));
    }
  }

  void live_until(Picos when) {
    if (bears_silence && output.back().second && when > heard + *bears_silence) {
      const Picos off = heard + *bears_silence;
      output.emplace_back(off, false);
      fault = 5;  // COMMS_LOSS
    }
    while (!pending.empty() && pending.front().first <= when) {
      now = std::max(now, pending.front().first);
      const auto [at, what] = pending.front();
      pending.pop_front();
      perform(what, at);
    }
    now = std::max(now, when);
  }
  void perform(const Disturbance& what, Picos asked) {
    note(in_words(what));
    take_time_for(in_words(what));
    applied.push_back({.what = what, .asked = asked, .achieved = now});
    if (std::holds_alternative<Load>(what) &&
        std::holds_alternative<OpenLoad>(std::get<Load>(what))) {
      output.emplace_back(now, false);
    }
  }

  // Biphasic pulses of the set parameters from the start on; V = 500 ohm * I; "led" follows.
  double signal(const std::string& channel, Picos at) const {
    const auto after = std::ranges::upper_bound(output, at, {}, &std::pair<Picos, bool>::first);
    const auto& [since, on] = *std::prev(after);
    if (channel == "rx") return rx(at);
    const double zero = channel == "current" ? offset : 0;
    if (!on || dead_output) return zero;
    if (channel == "acceleration") {
      return 2 * std::sin(2 * std::numbers::pi * plate_hz * to_seconds(at - since));
    }
    if (channel == "led") return 1;
    const double period = 1e3 / parameter(4, 35'000);
    const double t = std::fmod(to_seconds(at - since), period);
    const double width = parameter(2, 300) * 1e-6;
    const double second = width + parameter(3, 100) * 1e-6;
    const double sign = t < width ? 1 : t >= second && t < second + width ? -1 : 0;
    return zero + sign * parameter(1, 0) * 1e-6 * (channel == "voltage" ? 500 : 1);
  }
  double parameter(std::uint8_t id, double fallback) const {
    const auto found = set.find(id);
    return found == set.end() ? fallback : found->second;
  }
};

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Scene& scene) : scene_(scene) {}
  Picos now() const override { return scene_.now; }
  void wait_until(Picos when) override {
    if (scene_.before) scene_.before("wait");
    scene_.live_until(when);
  }

 private:
  Scene& scene_;
};

// The device at the end of a link, as far as its answers go.
class ScriptedLink final : public Link {
 public:
  explicit ScriptedLink(Scene& scene) : scene_(scene) {}

  Picos write(std::span<const std::byte> bytes) override {
    Bytes written;
    for (const std::byte b : bytes) written.push_back(std::to_integer<std::uint8_t>(b));
    const Picos sent = scene_.now + static_cast<int>(written.size()) * kByteTime;
    Deframer deframer;
    bool packet = false;
    for (const std::uint8_t byte : written) {
      const auto item = deframer.take(byte);
      if (!item || item->kind != Deframer::Item::Kind::kPacket) continue;
      packet = true;
      answer(item->bytes, reply_to(item->bytes), sent);
    }
    if (!packet) {
      scene_.note("raw");
      answer(written, {}, sent);
    }
    return sent;
  }

  double instant_u() const override { return scene_.instant_u; }

  std::size_t read(std::span<std::byte> into, Picos timeout) override {
    const Picos deadline = scene_.now + timeout;
    if (timeout > Picos(0) && scene_.rig_stalls) {
      scene_.live_until(scene_.now + *std::exchange(scene_.rig_stalls, std::nullopt));
      return 0;
    }
    if (arriving_.empty() || arriving_.begin()->first > deadline) {
      scene_.live_until(deadline);
      return 0;
    }
    scene_.live_until(arriving_.begin()->first);
    std::size_t count = 0;
    while (count < into.size() && !arriving_.empty() && arriving_.begin()->first <= scene_.now) {
      into[count++] = static_cast<std::byte>(arriving_.begin()->second);
      arriving_.erase(arriving_.begin());
    }
    return count;
  }

  void say(Picos when, const Bytes& bytes) {
    for (const std::uint8_t byte : bytes) arriving_.emplace(when += kByteTime, byte);
  }

 private:
  void answer(const Bytes& written, const Bytes& reply, Picos sent) {
    if (scene_.says) {
      for (const Said& said : scene_.says(written, reply)) say(sent + said.after, said.bytes);
    } else if (!reply.empty() && !scene_.silent_to.contains(written[1])) {
      say(sent + milliseconds(1), frame(reply));
    }
  }

  Bytes reply_to(const Bytes& packet) {
    static const std::map<std::uint8_t, std::string> names{
        {1, "hello"}, {2, "status"}, {3, "set"},       {5, "start"},
        {6, "stop"},  {7, "clear"},  {8, "keepalive"}, {9, "save"}};
    const std::uint8_t op = packet[1];
    scene_.note(names.contains(op) ? names.at(op) : "op");
    scene_.heard = scene_.now;
    const auto refused = scene_.refuses.find(op);
    Bytes reply{packet[0], static_cast<std::uint8_t>(op | 0x80), 0};
    if (refused != scene_.refuses.end()) {
      reply[2] = refused->second;
      return reply;
    }
    execute(packet, reply);
    return reply;
  }

  void execute(const Bytes& packet, Bytes& reply) {
    const std::uint8_t op = packet[1];
    if (op == 1) {
      for (const std::uint8_t byte : {scene_.revision, std::uint8_t{0}, std::uint8_t{1}}) {
        reply.push_back(byte);
      }
      for (const char c : scene_.build) reply.push_back(static_cast<std::uint8_t>(c));
    } else if (op == 2) {
      reply.resize(3 + 25);
      reply[3] = scene_.state;
      reply[4] = scene_.fault;
    } else if (op == 3) {
      std::uint32_t value = 0;
      for (std::size_t k = 0; k < 4; ++k) value |= std::uint32_t{packet[3 + k]} << (8 * k);
      scene_.set[packet[2]] = static_cast<std::int32_t>(value);
    } else if (op == 5) {
      scene_.output.emplace_back(scene_.now, true);
    } else if (op == 6 && !scene_.deaf_to_stop) {
      scene_.output.emplace_back(scene_.now, false);
    }
  }

  Scene& scene_;
  std::multimap<Picos, std::uint8_t> arriving_;
};

class ReplayDigitizer final : public Digitizer {
 public:
  explicit ReplayDigitizer(Scene& scene) : scene_(scene) {}

  CaptureInfo arm(const CaptureSetup& setup) override {
    scene_.note("arm " + setup.name);
    scene_.take_time_for("arm " + setup.name);
    scene_.armed.push_back(setup);
    info_ = {.name = setup.name, .rate = setup.rate, .armed_at = scene_.now};
    info_.integrity_proven = scene_.integrity_proven;
    info_.rate_u = scene_.rate_u;
    for (const std::string& name : setup.channels) {
      const bool logic = name == "led";
      info_.channels.push_back({.name = name,
                                .unit = unit_of(name),
                                .scale = logic                    ? 1
                                         : name == "voltage"      ? 0.1
                                         : name == "rx"           ? 10e-3
                                         : name == "acceleration" ? 2e-3
                                                                  : scene_.scale,
                                .gain_u = scene_.gain_u,
                                .offset_u = name == "current" ? scene_.offset_u : 0});
      if (logic) info_.channels.back().clip_high = 1;
    }
    end_ = info_.armed_at + setup.length;
    next_ = 0;
    return info_;
  }

  bool collect(Picos until, BlockSink& sink) override {
    if (scene_.before) scene_.before("collect");
    scene_.live_until(std::min(until, end_));
    Picos stop = std::min(scene_.now, end_);
    if (scene_.ends_early) stop = std::min(stop, info_.armed_at + *scene_.ends_early);
    while (info_.armed_at + info_.rate.time_of(next_) < stop) hand_over(stop, sink);
    if (until >= end_) scene_.take_time_for("download");
    return scene_.now < end_ || scene_.never_ends;
  }

  std::optional<ClockFit> clock_fit() const override { return scene_.clock_fit; }

 private:
  static std::string unit_of(const std::string& channel) {
    if (channel == "acceleration") return "m/s2";
    return channel == "led" ? "logic" : channel == "voltage" || channel == "rx" ? "V" : "A";
  }

  void hand_over(Picos stop, BlockSink& sink) {
    constexpr std::size_t kBlock = 1000;
    while (info_.rate.time_of(next_) < scene_.blind) ++next_;
    Block block{.first_sample = next_};
    if (scene_.loses_at && next_ >= *scene_.loses_at) {
      block.first_sample = next_ += 50;
      block.lost_before = true;
      scene_.loses_at.reset();
    }
    std::vector<std::vector<std::int16_t>> codes(info_.channels.size());
    for (std::size_t k = 0; k < kBlock; ++k) {
      const Picos at = info_.armed_at + info_.rate.time_of(next_);
      if (at >= stop) break;
      ++next_;
      for (std::size_t c = 0; c < codes.size(); ++c) {
        const Channel& channel = info_.channels[c];
        const Picos drift = from_seconds(to_seconds(at - info_.armed_at) * scene_.clock_off);
        const double code = std::round(scene_.signal(channel.name, at + drift) / channel.scale);
        codes[c].push_back(static_cast<std::int16_t>(
            std::clamp<double>(code, channel.clip_low, channel.clip_high)));
      }
    }
    for (const auto& channel : codes) block.codes.emplace_back(channel);
    if (block.size() > 0) sink.take(block);
  }

  Scene& scene_;
  CaptureInfo info_;
  Picos end_{};
  std::uint64_t next_ = 0;
};

class FakeSurroundings final : public Surroundings {
 public:
  explicit FakeSurroundings(Scene& scene) : scene_(scene) {}
  void apply(const Disturbance& what, const Moment& when) override {
    if (scene_.ignores_disturbances) return;
    if (when.at <= scene_.now) {
      scene_.perform(what, when.at);
    } else {
      scene_.pending.emplace_back(when.at, what);
    }
  }
  std::vector<Applied> take_applied() override { return std::exchange(scene_.applied, {}); }
  std::vector<std::string> take_doubts() override { return std::exchange(scene_.doubts, {}); }
  void power_cycle() override {
    scene_.note("power cycle");
    scene_.output.emplace_back(scene_.now, false);
  }

 private:
  Scene& scene_;
};

inline Bench open_bench(Scene& scene) {
  return {.facts = scene.facts,
          .clock = std::make_unique<ManualClock>(scene),
          .link = std::make_unique<ScriptedLink>(scene),
          .digitizer = std::make_unique<ReplayDigitizer>(scene),
          .surroundings = std::make_unique<FakeSurroundings>(scene)};
}

// Keeps in memory what it is told.
class MemoryRecorder final : public Recorder {
 public:
  std::unique_ptr<CaptureSink> open_capture(const CaseRecord& /*of*/, const CaptureInfo& info,
                                            std::uint32_t /*keep_segments*/) override {
    captures.push_back(info.name);
    return nullptr;
  }
  void begin_case(const CaseRecord& record) override { begun.push_back(record); }
  void add_step(const CaseRecord& /*record*/, const StepRecord& step) override {
    if (full) throw RigError("events.jsonl: write: No space left on device");
    steps.push_back(step);
  }
  void end_case(const CaseRecord& record) override { ended.push_back(record); }
  void output(bool commanded, const std::map<std::string, double>& /*settings*/) override {
    outputs.push_back(commanded);
  }

  bool full = false;
  std::vector<std::string> captures;
  std::vector<CaseRecord> begun;
  std::vector<StepRecord> steps;
  std::vector<CaseRecord> ended;
  std::vector<bool> outputs;
};

}  // namespace rig::fake
