#include "rig/instruments/fx2lafw.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "rig/bench/alive.h"
#include "rig/core/error.h"
#include "rig/instruments/fx2_loader.h"
#include "rig/instruments/streaming_sampler.h"

namespace rig::fx2lafw {
namespace {

using std::chrono::milliseconds;

constexpr std::uint8_t kOut = 0x40;
constexpr std::uint8_t kVersion = 0xB0;
constexpr std::uint8_t kStart = 0xB1;
constexpr std::uint8_t kData = 0x82;
constexpr std::size_t kPacket = 512;
constexpr std::uint8_t kWide = 1 << 5;
constexpr std::uint8_t kClock48 = 1 << 6;
constexpr std::uint32_t kMostDelay = 1536;
constexpr double kFastest = 24e6;
constexpr int kMostEmpty = 64;         // transfers in a row, then the device has given up
constexpr std::size_t kFlush = 16384;  // bytes
constexpr int kMostFlushes = 4;
constexpr milliseconds kFlushed(30);
constexpr double kRateU = 50e-6;
constexpr milliseconds kOpen(5000);

struct Id {
  std::uint16_t vendor;
  std::uint16_t product;
};
constexpr std::array kBareIds{Id{0x0925, 0x3881}, Id{0x08A9, 0x0014}, Id{0x08A9, 0x0015},
                              Id{0x08A9, 0x0009}, Id{0x08A9, 0x0005}, Id{0x04B4, 0x8613},
                              Id{0x16D0, 0x0498}, Id{0x1D50, 0x608C}, Id{0x1D50, 0x608D},
                              Id{0x1D50, 0x608F}};

class Fx2lafw final : public StreamingSampler {
 public:
  Fx2lafw(usb::Context& context, Clock& clock, const UsbSampler& settings,
          const ScopeSettings& scope)
      : StreamingSampler(context, clock, settings, scope) {
    find();
  }

 private:
  usb::Selector find() override {
    const usb::Selector asked = usb::read_selector(settings_.usb.text);
    const Fx2Device kind{.name = "fx2lafw logic analyzer",
                         .ready = is_fx2lafw,
                         .bare =
                             [asked](const usb::DeviceInfo& i) {
                               return is_bare_fx2lafw(i) && i.id.vendor == asked.vendor &&
                                      i.id.product == asked.product;
                             },
                         .foreign = [](const usb::DeviceInfo&) { return std::string(); },
                         .firmware = settings_.firmware};
    return ready_fx2(context_, kind, asked, within(kOpen));
  }

  void opened() override {
    const auto version = ask(kVersion, 0, 2, "firmware version");
    if (version[0] != 1) {
      fail("open: expected fx2lafw 1.x, found " + std::to_string(version[0]) + "." +
           std::to_string(version[1]));
    }
  }

  CaptureInfo begin(const CaptureSetup& setup) override {
    chosen_ = choose(setup);
    wide_ = std::ranges::any_of(chosen_, [](const ScopeChannel& c) { return c.input >= 8; });
    const auto rate = logic_rate_for(setup.rate.hertz(), wide_);
    if (!rate) {
      throw Blocked("the logic analyzer samples from 20 kHz to " +
                    std::string(wide_ ? "12 MHz with 16 inputs" : "24 MHz with 8 inputs"));
    }
    CaptureInfo info{.name = setup.name,
                     .rate = rate->rate,
                     .rate_u = kRateU,
                     // A block that never came leaves no mark in logic samples.
                     .integrity_proven = false};
    total_ = samples_in(setup.length, info.rate);
    for (const ScopeChannel& c : chosen_) {
      info.channels.push_back(
          {.name = c.name, .unit = c.unit, .bits = 1, .clip_low = -1, .clip_high = 2});
    }
    flush();
    stream(kData, info.rate, width(), kPacket);
    empty_ = 0;
    const Undisturbed start;
    const Picos before = clock_.now();
    const auto low = static_cast<std::uint8_t>(rate->delay & 0xFF);
    const auto high = static_cast<std::uint8_t>(rate->delay >> 8);
    send(kOut, kStart, 0, {rate->flags, high, low}, "start");
    place(info, before, clock_.now(), 0);
    return info;
  }

  // What its FIFO still holds of the capture before would come first.
  void flush() {
    std::vector<std::uint8_t> stale(kFlush);
    for (int k = 0; k < kMostFlushes; ++k) {
      const auto read = device().in(kData, stale, within(kFlushed));
      if (read.outcome == usb::Outcome::kStalled) device().clear_halt(kData);
      if (read.outcome != usb::Outcome::kDone) return;
    }
  }

  std::size_t width() const { return wide_ ? 2 : 1; }

  void take(const usb::Arrived& arrived, BlockSink& sink) override {
    if (arrived.bytes.empty() && ++empty_ > kMostEmpty) gave_up();
    if (!arrived.bytes.empty()) empty_ = 0;
    if (arrived.bytes.size() % width() != 0) fail("stream: it sent half a sample");
    const std::span<const std::uint8_t> bytes = arrived.bytes;
    const std::size_t count = bytes.size() / width();
    for (std::size_t k = 0; k < chosen_.size(); ++k) {
      const auto bit = static_cast<unsigned>(chosen_[k].input);
      for (std::size_t n = 0; n < count; ++n) {
        columns_[k].push_back(
            static_cast<std::int16_t>((bytes[n * width() + bit / 8] >> (bit % 8)) & 1));
      }
    }
    if (count > 0) hand_on(received_, count, received_, false, sink);
  }

  [[noreturn]] void gave_up() const {
    fail(
        "stream: the device gave up, for the host was too slow; lower the rate, or take other "
        "devices off its hub");
  }

  void end() override {}  // it has no command for that: it stops when nobody reads
  void stalled() override {
    device().clear_halt(kData);
    gave_up();
  }

  std::vector<ScopeChannel> chosen_;
  bool wide_ = false;
  int empty_ = 0;
};

}  // namespace
}  // namespace rig::fx2lafw

namespace rig {

std::optional<LogicRate> logic_rate_for(double hz, bool sixteen_inputs) {
  const double most = sixteen_inputs ? fx2lafw::kFastest / 2 : fx2lafw::kFastest;
  if (!(hz > 0) || hz > most * (1 + 1e-9)) return std::nullopt;
  std::optional<LogicRate> best;
  for (const std::uint32_t base : {48'000'000u, 30'000'000u}) {  // the first of equals stays
    const double ticks = std::floor(base / hz + 1e-9);
    if (ticks < 1 || ticks > fx2lafw::kMostDelay + 1) continue;
    const auto count = static_cast<std::uint32_t>(ticks);
    const SampleRate rate{.samples = base, .seconds = count};
    if (best && best->rate.hertz() <= rate.hertz() * (1 + 1e-12)) continue;
    best = {.flags = static_cast<std::uint8_t>((base == 48'000'000u ? fx2lafw::kClock48 : 0) |
                                               (sixteen_inputs ? fx2lafw::kWide : 0)),
            .delay = static_cast<std::uint16_t>(count - 1),
            .rate = rate};
  }
  return best;
}

bool is_fx2lafw(const usb::DeviceInfo& device) {
  return device.manufacturer == "sigrok" && device.product == "fx2lafw";
}

bool is_bare_fx2lafw(const usb::DeviceInfo& device) {
  return !is_fx2lafw(device) && std::ranges::any_of(fx2lafw::kBareIds, [&](const fx2lafw::Id& id) {
    return device.id.vendor == id.vendor && device.id.product == id.product;
  });
}

std::unique_ptr<Digitizer> open_fx2lafw(usb::Context& context, Clock& clock,
                                        const UsbSampler& settings, const ScopeSettings& scope) {
  return std::make_unique<fx2lafw::Fx2lafw>(context, clock, settings, scope);
}

}  // namespace rig
