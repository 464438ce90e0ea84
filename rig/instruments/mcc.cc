#include "rig/instruments/mcc.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "rig/bench/alive.h"
#include "rig/core/error.h"
#include "rig/instruments/mcc_protocol.h"
#include "rig/instruments/streaming_sampler.h"

namespace rig::mcc {
namespace {

using std::chrono::milliseconds;

constexpr std::uint16_t kVendor = 0x09DB;
constexpr std::uint8_t kOut = 0x40;
constexpr std::uint8_t kData = 0x81;
constexpr std::size_t kPacket = 64;
enum Request : std::uint8_t {
  kScanStart = 0x11,
  kScanStop = 0x12,
  kConfigure = 0x14,
  kClearFifo = 0x15,
  kCalibration = 0x30,
  kStatus = 0x44,
};
constexpr unsigned kOverrun = 1 << 2;

constexpr std::uint32_t kTrialScans = 1000;
constexpr std::uint32_t kTrialRate = 10'000;  // Hz of each channel
constexpr int kMostTrials = 3;
constexpr double kShortest = 0.65;  // of the time that the trial should take: a pacer that counts
constexpr double kLongest = 1.5;    // each channel's samples makes 0.5 or 2 of it
constexpr double kRateU = 50e-6;
constexpr milliseconds kOpen(5000);
constexpr milliseconds kZeroPacket(200);

class Mcc final : public StreamingSampler {
 public:
  Mcc(usb::Context& context, Clock& clock, const UsbSampler& settings, const ScopeSettings& scope)
      : StreamingSampler(context, clock, settings, scope),
        model_(settings.kind == UsbSampler::Kind::kUsb204 ? usb_204() : usb_1608fs_plus()) {
    const usb::Device there(context, find(), within(kOpen));
  }

 private:
  usb::Selector find() override {
    usb::Selector asked = usb::read_selector(settings_.usb.text);
    if (asked.vendor == kVendor && asked.product == model_.product) return asked;
    throw RigError("usb " + in_words(asked) + ": open: it is no MCC " + std::string(model_.name));
  }

  void opened() override {
    calibrations_.clear();
    ranges_ = std::vector<std::uint8_t>(static_cast<std::size_t>(model_.inputs));
    quiet();
    try_out();
  }

  void quiet() {
    send(kOut, kScanStop, 0, {}, "stop");
    send(kOut, kClearFifo, 0, {}, "clear the FIFO");
  }

  // The first scan after plugging in may be overrun, whatever its rate. Another shows whether the
  // pacer counts as documented, for all channels together or for each.
  void try_out() {
    const std::uint32_t each = model_.simultaneous ? 1 : 2;
    const Scan scan{
        .count = kTrialScans, .pacer = model_.pacer_hz / (kTrialRate * each) - 1, .channels = 3};
    for (int attempt = 1;; ++attempt) {
      try {
        time_trial(scan);
        return;
      } catch (const usb::Stalled&) {
        drop_stream();
        if (attempt == kMostTrials) overrun();
        device().clear_halt(kData);
        quiet();
      }
    }
  }

  void time_trial(const Scan& scan) {
    run_scan(scan, {.samples = kTrialRate});
    const Picos before = clock_.now();
    Picos after{};
    while (came_ < bytes_) {
      const usb::Arrived arrived = next();
      came_ += arrived.bytes.size();
      after = arrived.at;
    }
    end_scan();
    quiet();
    const double seconds = to_seconds(after - before);
    const double expected = static_cast<double>(kTrialScans) / kTrialRate;
    if (seconds >= expected * kShortest && seconds <= expected * kLongest) return;
    fail("a scan of two channels that should take " + std::to_string(expected) + " s takes " +
         std::to_string(seconds) + ": its pacer counts otherwise than this rig knows");
  }

  void run_scan(const Scan& scan, SampleRate rate) {
    const auto width = static_cast<std::size_t>(std::popcount(scan.channels));
    bytes_ = std::size_t{scan.count} * width * 2;
    came_ = 0;
    stream(kData, rate, 2 * width, kPacket);
    send(kOut, kScanStart, 0, start_bytes(model_, scan), "start the scan");
  }

  CaptureInfo begin(const CaptureSetup& setup) override {
    chosen_ = choose(setup);
    const auto pace = pace_for(model_, setup.rate.hertz(), chosen_.size());
    if (!pace) {
      throw Blocked("the MCC " + std::string(model_.name) + " samples at most " +
                    std::to_string(model_.most_hz / 1000) + " kHz" +
                    (model_.simultaneous ? "" : " of all channels together"));
    }
    CaptureInfo info{.name = setup.name,
                     .rate = pace->rate,
                     .rate_u = kRateU,
                     .integrity_proven = true};  // else collect() throws
    total_ = samples_in(setup.length, info.rate);
    if (total_ == 0 || total_ > 0xFFFFFFFF) throw Blocked("the capture has too many samples");
    quiet();
    Scan scan{.count = static_cast<std::uint32_t>(total_), .pacer = pace->pacer};
    for (const ScopeChannel& c : chosen_) {
      scan.channels = static_cast<std::uint8_t>(scan.channels | 1u << c.input);
      info.channels.push_back(channel(setup, c));
    }
    if (model_.sets_ranges) send(kOut, kConfigure, 0, ranges_, "set the ranges");
    order_channels();
    const Undisturbed start;
    const Picos before = clock_.now();
    run_scan(scan, info.rate);
    place(info, before, clock_.now(), 0);
    if (!model_.simultaneous) {  // the others' samples lie between this one's
      info.skew = static_cast<double>(chosen_.size() - 1) / static_cast<double>(chosen_.size()) /
                  info.rate.hertz();
      info.alignment_u = std::hypot(info.alignment_u, info.skew / std::sqrt(3.0));
    }
    return info;
  }

  Channel channel(const CaptureSetup& setup, const ScopeChannel& c) {
    const auto range = range_for(model_, volts_needed(setup, c, 10));
    if (!range) throw Blocked("channel '" + c.name + "' needs more than 10 V at its input");
    ranges_.at(static_cast<std::size_t>(c.input)) = range->id;
    const Line line = line_of(model_, *range, calibration(*range, c.input));
    Channel made = as_channel(c, line.volts_per_code, line.zero);
    made.bits = model_.bits;
    made.clip_low = least_code(model_);
    made.clip_high = most_code(model_);
    return made;
  }

  Calibration calibration(const Range& range, int input) {
    const std::uint16_t at = calibration_address(model_, range, input);
    const auto known = calibrations_.find(at);
    if (known != calibrations_.end()) return known->second;
    const auto bytes = ask(kCalibration, at, kCalibrationBytes, "calibration");
    try {
      return calibrations_[at] = read_calibration(model_, bytes);
    } catch (const RigError& error) {
      fail("calibration of input " + std::to_string(input) + ": " + error.what());
    }
  }

  // Samples come in the order of the inputs.
  void order_channels() {
    place_.clear();
    for (const ScopeChannel& c : chosen_) {
      place_.push_back(static_cast<std::size_t>(std::ranges::count_if(
          chosen_, [&](const ScopeChannel& other) { return other.input < c.input; })));
    }
    half_.clear();
  }

  void take(const usb::Arrived& arrived, BlockSink& sink) override {
    came_ += arrived.bytes.size();
    if (came_ > bytes_) fail("stream: it sent more than the scan has");
    half_.insert(half_.end(), arrived.bytes.begin(), arrived.bytes.end());
    const std::size_t width = 2 * chosen_.size();
    const std::size_t scans = half_.size() / width;
    const std::uint64_t before = received_;
    for (std::size_t k = 0; k < chosen_.size(); ++k) {
      for (std::size_t n = 0; n < scans; ++n)
        columns_[k].push_back(code(n * width + 2 * place_[k]));
    }
    half_.erase(half_.begin(), half_.begin() + static_cast<std::ptrdiff_t>(scans * width));
    if (came_ == bytes_) end_scan();  // before its last samples count
    if (scans > 0) hand_on(before, scans, before, false, sink);
  }

  std::int16_t code(std::size_t at) const {
    const auto sample = static_cast<std::uint16_t>(half_[at] | half_[at + 1] << 8);
    const auto code = code_of(model_, sample);
    if (!code) {
      fail("stream: expected samples of " + std::to_string(model_.bits) + " bits, found " +
           std::to_string(sample));
    }
    return *code;
  }

  // A scan that fills its last packet ends with an empty one, which would begin the next scan.
  void end_scan() {
    if (bytes_ % block_bytes() == 0) {  // else it ended the last transfer
      const auto empty = poll(kZeroPacket);
      if (empty && !empty->bytes.empty()) fail("stream: it sent more than the scan has");
    }
    if ((status() & kOverrun) != 0) overrun();
    drop_stream();
  }

  unsigned status() {
    const auto bytes = ask(kStatus, 0, 2, "status");
    return bytes[0] | unsigned{bytes[1]} << 8;
  }

  [[noreturn]] void overrun() {
    fail(
        "overrun: the device had to drop samples; lower the rate, or take other devices off its "
        "hub");
  }

  void end() override { quiet(); }

  void stalled() override {
    const unsigned told = status();
    device().clear_halt(kData);
    quiet();
    if ((told & kOverrun) != 0) overrun();
  }

  const Model& model_;
  std::map<std::uint16_t, Calibration> calibrations_;
  std::vector<std::uint8_t> ranges_;  // of each input
  std::vector<ScopeChannel> chosen_;
  std::vector<std::size_t> place_;  // of each chosen channel within a scan
  std::vector<std::uint8_t> half_;  // bytes of a scan not complete yet
  std::size_t bytes_ = 0;           // of the whole scan
  std::size_t came_ = 0;
};

}  // namespace
}  // namespace rig::mcc

namespace rig {

std::string mcc_name(const usb::DeviceInfo& device) {
  if (device.id.vendor != mcc::kVendor) return {};
  for (const mcc::Model* model : {&mcc::usb_204(), &mcc::usb_1608fs_plus()}) {
    if (device.id.product == model->product) return "MCC " + std::string(model->name);
  }
  return {};
}

std::unique_ptr<Digitizer> open_mcc(usb::Context& context, Clock& clock, const UsbSampler& settings,
                                    const ScopeSettings& scope) {
  return std::make_unique<mcc::Mcc>(context, clock, settings, scope);
}

}  // namespace rig
