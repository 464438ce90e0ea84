#include "rig/instruments/hantek6022.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "rig/bench/alive.h"
#include "rig/core/error.h"
#include "rig/instruments/fx2_loader.h"
#include "rig/instruments/hantek_protocol.h"
#include "rig/instruments/loss_detector.h"
#include "rig/instruments/streaming_sampler.h"

namespace rig::hantek {
namespace {

using std::chrono::milliseconds;

constexpr std::uint16_t kBare = 0x04B4;   // vendor
constexpr std::uint16_t kReady = 0x04B5;  // vendor, with the firmware
constexpr std::array<std::uint16_t, 3> kProducts{0x6022, 0x602A, 0x2020};
constexpr std::uint16_t kSigrokVendor = 0x1D50;
constexpr std::uint16_t kSigrokProduct = 0x608E;
constexpr std::uint16_t kLeastRelease = 0x0210;

constexpr std::uint8_t kOut = 0x40;
constexpr std::uint8_t kData = 0x86;
constexpr std::size_t kPacket = 512;
enum Request : std::uint8_t {
  kEeprom = 0xA2,
  kGainOfFirst = 0xE0,
  kGainOfSecond = 0xE1,
  kSampleRate = 0xE2,
  kStart = 0xE3,
  kChannels = 0xE4,
  kCalibrationOutput = 0xE6,
};

constexpr std::uint64_t kStale = 2560;  // samples after each start that are old or not settled
constexpr double kPeriodsToLock = 36;
constexpr double kRateU = 50e-6;
constexpr double kMostRateError = 500e-6;
constexpr std::uint64_t kLeastBlind = 8;  // blocks
constexpr milliseconds kOpen(5000);

bool is_product(std::uint16_t product) {
  return std::ranges::find(kProducts, product) != kProducts.end();
}
bool is_ready(const usb::DeviceInfo& info) {
  return info.id.vendor == kReady && is_product(info.id.product);
}
bool is_bare(const usb::DeviceInfo& info) {
  return info.id.vendor == kBare && is_product(info.id.product);
}
std::string foreign(const usb::DeviceInfo& info) {
  if (info.id.vendor != kSigrokVendor || info.id.product != kSigrokProduct) return {};
  return "it runs sigrok's firmware, which obeys other commands: plug it in again, then the rig "
         "loads the right one";
}
std::string too_old(const usb::DeviceInfo& info) {
  if (!is_ready(info) || info.release >= kLeastRelease) return {};
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(),
                "expected firmware 2.10 or later, found %x.%02x: plug it in again and load a newer "
                "file",
                unsigned{info.release} >> 8, unsigned{info.release} & 0xFF);
  return text.data();
}

class Hantek6022 final : public StreamingSampler {
 public:
  Hantek6022(usb::Context& context, Clock& clock, const UsbSampler& settings,
             const ScopeSettings& scope)
      : StreamingSampler(context, clock, settings, scope) {
    find();
  }

 private:
  usb::Selector find() override {
    const usb::Selector asked = usb::read_selector(settings_.usb.text);
    const Fx2Device kind{
        .name = "Hantek 6022",
        .ready = [asked](const auto& i) { return is_ready(i) && i.id.product == asked.product; },
        .bare = [asked](const auto& i) { return is_bare(i) && i.id.product == asked.product; },
        .foreign = foreign,
        .firmware = settings_.firmware};
    return ready_fx2(context_, kind, asked, within(kOpen));
  }

  void opened() override {
    const std::string old = too_old(device().info());
    if (!old.empty()) fail("open: " + old);
    calibration_ = ask(kEeprom, kCalibrationAt, kCalibrationSize, "calibration");
  }

  CaptureInfo begin(const CaptureSetup& setup) override {
    chosen_ = choose(setup);
    both_ = settings_.clock.has_value() ||
            std::ranges::any_of(chosen_, [](const auto& c) { return c.input == 2; });
    const auto rate = rate_for(setup.rate.hertz(), both_);
    if (!rate) {
      throw Blocked(std::string("the Hantek 6022 samples at most ") +
                    (both_ ? "15 MHz of two channels" : "30 MHz of one channel"));
    }
    CaptureInfo info{.name = setup.name, .rate = {.samples = rate->hz}, .rate_u = kRateU};
    total_ = samples_in(setup.length, info.rate);
    detector_.reset();
    lost_ = 0;
    prepare(setup, *rate, info);
    const Undisturbed start;
    const Picos before = clock_.now();
    command(kStart, 1);
    const Picos after = clock_.now();
    place(info, before, after, lock(info));
    return info;
  }

  // Any command stops the sampling, so the start comes last, and the transfers before it.
  void prepare(const CaptureSetup& setup, const Rate& rate, CaptureInfo& info) {
    command(kChannels, both_ ? 2 : 1);
    for (int input = 1; input <= (both_ ? 2 : 1); ++input) set_gain(setup, input);
    for (const ScopeChannel& c : chosen_) info.channels.push_back(channel(c, rate));
    command(kSampleRate, rate.id);
    if (settings_.clock && settings_.clock->own) {
      const auto output = calibration_output(settings_.clock->hertz);
      if (!output) throw Blocked("the Hantek's calibration output cannot make the clock asked for");
      command(kCalibrationOutput, *output);
    }
    stream(kData, info.rate, both_ ? 2 : 1, kPacket);
  }

  void set_gain(const CaptureSetup& setup, int input) {
    Gain& gain = gains_.at(static_cast<std::size_t>(input - 1));
    gain = *gain_for(kWidest);
    for (const ScopeChannel& c : chosen_) {
      if (c.input == input) {
        gain = *gain_for(volts_needed(setup, c, kWidest));
      }
    }
    command(input == 1 ? kGainOfFirst : kGainOfSecond, gain.id);
  }

  Channel channel(const ScopeChannel& c, const Rate& rate) const {
    const Gain& gain = gains_.at(static_cast<std::size_t>(c.input - 1));
    const auto correction = correction_of(calibration_, c.input, gain, rate.hz);
    Channel made = as_channel(c, volts_per_code(gain, correction), 128 + correction.offset);
    made.bits = 8;
    made.clip_low = 0;
    made.clip_high = 255;
    return made;
  }

  void command(Request request, std::uint8_t value) {
    try {
      send(kOut, request, 0, {value}, "set up");
    } catch (const usb::Stalled&) {
      fail(
          "set up: it refuses a command of firmware 2.10: another program has loaded its own; "
          "plug it in again");
    }
  }

  // Drops what is stale and locks to the clock. Returns how many samples lie before the capture.
  std::uint64_t lock(CaptureInfo& info) {
    std::uint64_t needed = kStale;
    if (settings_.clock) {
      needed +=
          static_cast<std::uint64_t>(kPeriodsToLock * info.rate.hertz() / settings_.clock->hertz);
    }
    std::vector<std::uint8_t> bytes;
    const std::size_t width = both_ ? 2 : 1;
    while (bytes.size() < needed * width) {
      const usb::Arrived arrived = next();
      bytes.insert(bytes.end(), arrived.bytes.begin(), arrived.bytes.end());
    }
    const auto rest = std::span(bytes).subspan(kStale * width);
    if (settings_.clock) lock_to_clock(info, rest);
    // Those already here belong to the capture from the next sample on.
    first_ = rest.size() / width;
    if (detector_) static_cast<void>(detector_->take(clock_codes(rest)));
    return kStale + first_;
  }

  void lock_to_clock(CaptureInfo& info, std::span<const std::uint8_t> bytes) {
    const LossSettings loss{.rate_hz = info.rate.hertz(), .clock_hz = settings_.clock->hertz};
    if (blind_to(loss) < kLeastBlind) {
      throw Blocked("a clock of " + std::to_string(std::lround(loss.clock_hz)) +
                    " Hz cannot show lost blocks at " + std::to_string(std::lround(loss.rate_hz)) +
                    " Hz: choose one whose period is no divisor of 256 samples");
    }
    detector_ = LossDetector::lock(loss, clock_codes(bytes));
    if (!detector_) return;
    const double nominal = loss.rate_hz / loss.clock_hz;
    const double error = detector_->period() / nominal - 1;
    const double resolution = 2 * edge_tolerance(loss) / (32 * nominal);
    if (std::fabs(error) > kMostRateError + resolution + 3 * settings_.clock->u) {
      fail("the clock on input " + std::to_string(settings_.clock->input) + " should have " +
           std::to_string(std::lround(nominal)) + " samples to a period and has " +
           std::to_string(std::lround(detector_->period())) +
           ": the sample rate or the clock's frequency is not what it should be");
    }
    info.integrity_proven = true;
  }

  std::vector<std::uint8_t> clock_codes(std::span<const std::uint8_t> bytes) const {
    const auto input = static_cast<std::size_t>(settings_.clock->input - 1);
    std::vector<std::uint8_t> codes(bytes.size() / 2);
    for (std::size_t k = 0; k < codes.size(); ++k) codes[k] = bytes[2 * k + input];
    return codes;
  }

  void take(const usb::Arrived& arrived, BlockSink& sink) override {
    const std::size_t width = both_ ? 2 : 1;
    if (arrived.bytes.size() % width != 0) fail("stream: it sent half a sample");
    const std::uint64_t before = received_ + columns_.front().size();
    for (std::size_t k = 0; k < chosen_.size(); ++k) {
      const auto input = static_cast<std::size_t>(chosen_[k].input - 1);
      for (std::size_t at = input; at < arrived.bytes.size(); at += width) {
        columns_[k].push_back(arrived.bytes[at]);
      }
    }
    if (!detector_) {
      const std::uint64_t count = arrived.bytes.size() / width;
      if (count > 0) hand_on(before, count, before, arrived.starved, sink);
      return;
    }
    if (arrived.starved) {
      fail("the rig was too slow for the stream: more blocks may be lost than the clock can show");
    }
    take_proven(arrived, sink);
  }

  // The capture begins `first_` samples after the detector did.
  void take_proven(const usb::Arrived& arrived, BlockSink& sink) {
    std::vector<Proven> proven;
    try {
      proven = detector_->take(clock_codes(arrived.bytes));
    } catch (const RigError& error) {
      fail(std::string("input ") + std::to_string(settings_.clock->input) + ": " + error.what());
    }
    for (const Proven& p : proven) {
      if (p.lost_before) missing(kStale + p.received, p.index - p.received - lost_);
      lost_ = p.index - p.received;
      const std::uint64_t end = p.received + p.count;
      if (end <= first_) continue;
      const std::uint64_t begin = std::max(p.received, first_);
      hand_on(begin - first_, end - begin, p.index + (begin - p.received) - first_, p.lost_before,
              sink);
    }
  }

  void end() override { command(kStart, 0); }
  void stalled() override {}

  std::vector<std::uint8_t> calibration_;
  std::vector<ScopeChannel> chosen_;
  std::array<Gain, 2> gains_;
  bool both_ = true;
  std::optional<LossDetector> detector_;
  std::uint64_t first_ = 0;
  std::uint64_t lost_ = 0;  // samples, so far
};

}  // namespace
}  // namespace rig::hantek

namespace rig {

bool is_hantek6022(const usb::DeviceInfo& device) {
  return hantek::is_ready(device) || hantek::is_bare(device) || !hantek::foreign(device).empty();
}

std::string hantek6022_trouble(const usb::DeviceInfo& device) {
  if (hantek::is_bare(device))
    return "it waits for its firmware: a bench file names it, and loads it";
  const std::string other = hantek::foreign(device);
  return other.empty() ? hantek::too_old(device) : other;
}

std::unique_ptr<Digitizer> open_hantek6022(usb::Context& context, Clock& clock,
                                           const UsbSampler& settings, const ScopeSettings& scope) {
  return std::make_unique<hantek::Hantek6022>(context, clock, settings, scope);
}

}  // namespace rig
