// rig bench serve: a bench at real time, for any outside client. The device's link is a pseudo
// terminal, and a DS1000Z on TCP looks at the digitizer's channels.
#include <poll.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "fixtures/devices/ds1000z.h"
#include "fixtures/devices/line_server.h"
#include "fixtures/devices/pty.h"
#include "fixtures/devices/uart_line.h"
#include "rig/app/commands.h"
#include "rig/app/observed_output.h"
#include "rig/app/places.h"
#include "rig/app/signals.h"
#include "rig/config/bench_file.h"
#include "rig/core/error.h"
#include "rig/instruments/wall_clock.h"

namespace rig {
namespace {

constexpr Picos kTurn = std::chrono::milliseconds(1);     // how long an answer may wait
constexpr Picos kBehind = std::chrono::milliseconds(50);  // then the bench's clock is put back
// So much may this machine be late before a record is not one at real time. A forced trigger comes
// anywhere within 20 ms, as a scope's does, less what that takes away at either end.
constexpr Picos kLate = std::chrono::milliseconds(5);
constexpr Picos kForceLatency = std::chrono::milliseconds(20);
constexpr Picos kArmed = std::chrono::hours(1);
constexpr SampleRate kIdle{.samples = 50000};  // sees every pulse
constexpr double kOutput = 2e-3;               // A
constexpr int kInputs = 4;                     // of the scope

// What one volt at an input of the scope means.
struct Wire {
  std::string channel;
  std::string unit;
  double units_per_volt = 1;
  double range = 0;
};

// The samples of a bench's digitizer since the scope began to sample, as volts at its inputs.
class Probes final : public BlockSink {
 public:
  Probes(Bench& bench, std::vector<Wire> wires, ObservedOutput* observed)
      : bench_(bench), wires_(std::move(wires)), observed_(observed) {
    arm(kIdle);
  }

  // Samples from now on; remembers at least so many seconds.
  void start(double rate, double span) {
    samples_.assign(wires_.size(), {});
    first_ = 0;
    const double most = bench_.facts.max_rate_hz;
    arm({.samples = static_cast<std::uint64_t>(std::llround(std::min(rate, most)))});
    kept_ = static_cast<std::size_t>(std::ceil(span * info_.rate.hertz())) + 2;
    for (auto& samples : samples_) samples.reserve(2 * (kept_ + 65536));
    seen_ = info_;
    running_ = true;
  }
  // Keeps what it has.
  void stop() {
    if (!std::exchange(running_, false)) return;
    collect();
    arm(kIdle);
  }
  void collect() {
    if (!bench_.digitizer->collect(bench_.clock->now(), *this)) {
      const SampleRate rate = info_.rate;
      running_ ? start(rate.hertz(), static_cast<double>(kept_) / rate.hertz()) : arm(kIdle);
    }
  }

  double volts(int input, double seconds) const {
    const auto wire = static_cast<std::size_t>(input - 1);
    if (wire >= wires_.size() || samples_[wire].empty()) return 0;
    const double index = std::round((seconds - to_seconds(seen_.armed_at)) * seen_.rate.hertz()) -
                         static_cast<double>(first_);
    if (index < 0 || index >= static_cast<double>(samples_[wire].size())) return 0;
    const std::int16_t code = samples_[wire][static_cast<std::size_t>(index)];
    return seen_.channels[wire].value_of(code) / wires_[wire].units_per_volt;
  }

  void take(const Block& block) override {
    if (observed_ != nullptr && shows_output(block)) observed_->seen();
    if (!running_) return;
    for (std::size_t k = 0; k < wires_.size(); ++k) {
      samples_[k].insert(samples_[k].end(), block.codes[k].begin(), block.codes[k].end());
    }
    const std::size_t size = samples_.front().size();
    if (size < 2 * kept_ + 65536) return;
    for (auto& s : samples_) s.erase(s.begin(), s.end() - static_cast<std::ptrdiff_t>(kept_));
    first_ += size - kept_;
  }

 private:
  void arm(SampleRate rate) {
    CaptureSetup setup{.name = "probes", .channels = {}, .rate = rate, .length = kArmed};
    for (const Wire& wire : wires_) setup.channels.push_back(wire.channel);
    running_ = false;
    info_ = bench_.digitizer->arm(setup);
  }

  bool shows_output(const Block& block) const {
    for (std::size_t k = 0; k < wires_.size(); ++k) {
      if (wires_[k].unit != "A") continue;
      const Channel& channel = info_.channels[k];
      const auto is_output = [&channel](std::int16_t code) {
        return std::fabs(channel.value_of(code)) > kOutput;
      };
      if (std::ranges::any_of(block.codes[k], is_output)) return true;
    }
    return false;
  }

  Bench& bench_;
  std::vector<Wire> wires_;
  ObservedOutput* observed_;
  bool running_ = false;
  CaptureInfo info_;  // now
  CaptureInfo seen_;  // of the samples
  std::size_t kept_ = 0;
  std::uint64_t first_ = 0;  // index of the first sample that is kept
  std::vector<std::vector<std::int16_t>> samples_ =
      std::vector<std::vector<std::int16_t>>(wires_.size());
};

// A shunt of 100 ohm for a current, a divider by 10 for a voltage.
std::vector<Wire> wires_of(const BenchFacts& facts) {
  std::vector<Wire> wires;
  for (const Channel& channel : facts.channels) {
    if (channel.unit == "logic" || wires.size() == kInputs) continue;
    wires.push_back({.channel = channel.name,
                     .unit = channel.unit,
                     .units_per_volt = channel.unit == "A" ? 0.01 : 10.0,
                     .range = std::fabs(channel.scale * channel.clip_low)});
  }
  if (wires.empty()) throw InputError("this bench has no analog channel for a scope to look at");
  return wires;
}

devices::LineServer listen(devices::Instrument& scope, std::uint16_t port) {
  try {
    return {scope, port};
  } catch (const RigError& error) {
    throw RigError(std::string(error.what()) + "; --port takes another, --port 0 a free one");
  }
}

class ServedBench {
 public:
  ServedBench(const BenchServe& options, Bench bench, double baud)
      : bench_(std::move(bench)),
        baud_(baud),
        wires_(wires_of(bench_.facts)),
        observed_(options.observe.empty() ? nullptr
                                          : std::make_unique<ObservedOutput>(options.observe)),
        probes_(bench_, wires_, observed_.get()),
        scope_([this] { return to_seconds(bench_.clock->now()); },
               [this](int input, double t) { return volts(input, t); }),
        server_(listen(scope_, options.port)),
        told_(baud),
        random_(options.seed) {
    scope_.on_run = [this](double rate, double span) { probes_.start(rate, span); };
    scope_.on_stop = [this] {
      tell_late();
      probes_.stop();
    };
    scope_.force_takes = [this] {
      return std::uniform_real_distribution(to_seconds(kLate),
                                            to_seconds(kForceLatency - kLate))(random_);
    };
    scope_.take(":CHAN1:DISP ON");
    scope_.take(":RUN");
  }

  // The file that `rig run` needs to find all this.
  void announce() const {
    std::string channels;
    for (std::size_t k = 0; k < wires_.size(); ++k) {
      const Wire& wire = wires_[k];
      std::array<char, 200> line{};
      std::snprintf(
          line.data(), line.size(),
          "    - {name: %s, unit: %s, input: %zu, per_volt: %g %s, range: %g %s, gain_u: 1 %%, "
          "offset_u: %g %s}\n",
          wire.channel.c_str(), wire.unit.c_str(), k + 1, wire.units_per_volt, wire.unit.c_str(),
          wire.range, wire.unit.c_str(), wire.range / 256, wire.unit.c_str());  // half a code
      channels += line.data();
    }
    std::printf(
        "bench: %s, served\nkind: instruments\nprotocol: %s\ndevice: {serial: %s}\n"
        "load: %g ohm\nload_u: %g %%\ndigitizer:\n  tcp: 127.0.0.1:%u\n  pace: 0 ms  # it is no "
        "real Rigol\n  channels:\n%s",
        bench_.facts.title.c_str(), bench_.facts.protocol.c_str(), pty_.path().c_str(),
        bench_.facts.load.si(), bench_.facts.load_u * 100, unsigned{server_.port()},
        channels.c_str());
    // Not without being asked for: commands that follow one another closely cannot be told apart.
    if (told_input() <= kInputs) {
      std::printf(
          "    # What the device is told, so that a command's instant is that of an edge:\n"
          "    # - {name: rx, unit: V, input: %d, range: 5 V, sync: {shows: commands, edge: "
          "rising, "
          "level: 1.65 V, stays: %.0f us, lead: %.0f us}}\n",
          told_input(), 1e7 / baud_, 1e6 / baud_);
    }
    std::fflush(stdout);
  }

  void serve() {
    const auto wall = make_wall_clock();
    const Picos begin = bench_.clock->now();
    Picos lost{};  // this machine was too slow for so long
    Picos heard = begin;
    const auto real = [&] { return begin + wall->now() - lost; };
    while (signals_caught() == 0) {
      const Picos due = real();
      bench_.clock->wait_until(std::min(due, bench_.clock->now() + kBehind));
      const Picos behind = std::max(Picos(0), due - bench_.clock->now() - kBehind);
      if (behind > Picos(0)) note_late(behind + kBehind);
      lost += behind;
      probes_.collect();
      const Picos before = std::exchange(heard, real());
      if (exchange()) note_late(heard - std::min(before, bench_.clock->now()));
      std::array<pollfd, 2> waits{server_.waits_for(),
                                  {.fd = pty_.descriptor(), .events = POLLIN, .revents = 0}};
      const bool on_time = real() - bench_.clock->now() < kTurn;
      if (poll(waits.data(), waits.size(), on_time ? 1 : 0) < 0) continue;
      if (waits[0].revents == 0) continue;
      const Picos late = real() - bench_.clock->now();
      const bool recording = scope_.recording();
      server_.serve();
      if (!recording) note_late(late);  // the forced trigger
    }
    if (lost > Picos(0)) {
      std::fprintf(stderr, "rig: this machine was too slow for %.3f s of real time\n",
                   to_seconds(lost));
    }
  }

 private:
  // The line to the device, on the first input that is free.
  int told_input() const { return static_cast<int>(wires_.size()) + 1; }
  double volts(int input, double seconds) const {
    return input == told_input() ? told_.volts(seconds) : probes_.volts(input, seconds);
  }

  // Who talks to the device and looks by the scope takes both to be at his own time: to be late
  // matters where something is heard that belongs to a record.
  void note_late(Picos late) {
    if (late <= kLate || !scope_.recording()) return;
    if (late_ == Picos(0))
      scope_.spoil("its samples are not at real time: what serves it is too busy");
    late_ = std::max(late_, late);
  }
  void tell_late() {
    if (late_ == Picos(0)) return;
    std::fprintf(stderr,
                 "rig: this machine was %.1f ms late for what belongs to a record of the scope\n",
                 1e3 * to_seconds(std::exchange(late_, Picos(0))));
  }

  // Returns whether the device was told anything.
  bool exchange() {
    const devices::Bytes in = pty_.read();
    if (!in.empty()) told_.say(in, bench_.link->write(std::as_bytes(std::span(in))));
    std::array<std::byte, 256> out{};
    while (const std::size_t count = bench_.link->read(out, Picos(0))) {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(out.data());
      pty_.write({bytes, count});
    }
    return !in.empty();
  }

  Bench bench_;
  double baud_;
  std::vector<Wire> wires_;
  std::unique_ptr<ObservedOutput> observed_;
  Probes probes_;
  devices::Ds1000z scope_;
  devices::LineServer server_;
  devices::UartLine told_;
  devices::Pty pty_;
  std::mt19937_64 random_;
  Picos late_{};  // in this record
};

}  // namespace

int bench_serve_command(const BenchServe& options) {
  const BenchSettings settings = load_bench(options.bench, options.firmware, image_folders());
  const auto* simulated = std::get_if<SimulatedBenchSettings>(&settings);
  if (simulated == nullptr) {
    throw InputError(options.bench + ": a bench of instruments is served by itself");
  }
  ServedBench served(options, open_bench(settings, options.seed), simulated->wiring.baud);
  catch_signals();
  served.announce();
  served.serve();
  return 0;
}

}  // namespace rig
