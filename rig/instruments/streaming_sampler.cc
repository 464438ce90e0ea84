#include "rig/instruments/streaming_sampler.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "rig/core/error.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kOpening(5000);
constexpr milliseconds kRequest(1000);
constexpr milliseconds kMostSilence(400);  // beyond what a block takes
constexpr std::size_t kTransfers = 32;
constexpr double kBlockSeconds = 0.01;
constexpr std::size_t kLargestBlock = 256 << 10;
constexpr std::uint8_t kVendorIn = 0xC0;
// How often a bulk endpoint is sure to be asked (facts/instruments.md 5.1).
constexpr double kMicroframe = 125e-6;
constexpr double kFrame = 1e-3;
constexpr int kFastLink = 480;  // Mbit/s
constexpr std::size_t kMostArrivals = 65'536;
constexpr double kMostDrift = 500e-6;  // two quartzes and a clock that is being set do less
// s: by so much a host that becomes busy, or idle, moves all arrivals of a part of a capture, which
// the fit takes for a drift (1.5 ms were seen in a guest whose own clock was in order).
constexpr double kHostMoves = 2e-3;

std::string six_digits(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

}  // namespace

StreamingSampler::StreamingSampler(usb::Context& context, Clock& clock, UsbSampler settings,
                                   ScopeSettings scope)
    : context_(context), clock_(clock), settings_(std::move(settings)), scope_(std::move(scope)) {}

void StreamingSampler::fail(const std::string& what) const {
  throw RigError(opened_->device.where() + what);
}

void StreamingSampler::close() {
  reader_.reset();
  opened_.reset();
}

void StreamingSampler::open() {
  opened_.emplace(context_, find(), within(kOpening));
  try {
    opened();
  } catch (...) {  // half known is not open
    close();
    throw;
  }
}

CaptureInfo StreamingSampler::arm(const CaptureSetup& setup) {
  reader_.reset();
  columns_.assign(setup.channels.size(), {});
  received_ = delivered_ = 0;
  fit_.reset();
  try {
    if (!opened_) open();
    info_ = begin(setup);
  } catch (const usb::Unplugged&) {
    close();
    throw;
  }
  return info_;
}

bool StreamingSampler::collect(Picos until, BlockSink& sink) {
  if (reader_ == nullptr) throw RigError("the digitizer is not armed");
  const Picos since = std::max(Picos(0), until - info_.armed_at);
  // Here the table does what is due meanwhile; the stream has a thread of its own.
  clock_.wait_until(std::min(until, info_.armed_at + info_.rate.time_of(total_)));
  try {
    run(std::min(total_, samples_in(since, info_.rate)), sink);
    if (delivered_ < total_) return true;
    reader_.reset();
    end();
    settle_clock();
    return false;
  } catch (const usb::Stalled&) {
    reader_.reset();
    stalled();
    throw;
  } catch (const usb::Unplugged&) {
    close();
    throw;
  } catch (const RigError&) {
    reader_.reset();
    throw;
  }
}

void StreamingSampler::run(std::uint64_t target, BlockSink& sink) {
  while (delivered_ < target) take(next(), sink);
}

usb::Arrived StreamingSampler::next() {
  auto arrived = reader_->next(silence_);
  if (!arrived) {
    fail("stream: the device fell silent after " + std::to_string(delivered_) + " of " +
         std::to_string(total_) + " samples");
  }
  note(*arrived);
  return std::move(*arrived);
}

void StreamingSampler::note(const usb::Arrived& arrived) {
  if (arrived.bytes.empty()) return;
  const std::uint64_t before = arrivals_.empty() ? 0 : arrivals_.back().units;
  arrivals_.push_back({.units = before + arrived.bytes.size(), .at = arrived.at});
  if (arrivals_.size() >= kMostArrivals) {  // memory stays bounded
    thin_out(arrivals_, bytes_per_second_);
  }
}

void StreamingSampler::missing(std::uint64_t behind, std::uint64_t count) {
  for (auto a = arrivals_.rbegin(); a != arrivals_.rend() && a->units > behind * width_; ++a) {
    a->units += count * width_;
  }
}

void StreamingSampler::settle_clock() {
  const int megabits = device().info().megabits;
  const StreamTiming timing{.rate_hz = bytes_per_second_,
                            .begun = begun_,
                            .grid = megabits >= kFastLink ? kMicroframe : kFrame};
  if (const auto lost = find_lost(arrivals_, timing)) {
    const double samples = lost->seconds * info_.rate.hertz();
    fail("stream: data lost: " + std::to_string(std::llround(samples)) + " samples +- " +
         std::to_string(std::llround(std::ceil(2 * lost->u * info_.rate.hertz()))) +
         " never came, soon after the first " + std::to_string(lost->behind / width_) +
         ": what follows arrives " + six_digits(1e3 * lost->seconds) + " ms late");
  }
  fit_ = fit_clock(arrivals_, timing);
  if (!fit_) return;
  const double lasts = static_cast<double>(arrivals_.back().units) / bytes_per_second_;
  if (std::fabs(fit_->drift) <= kMostDrift + 4 * fit_->drift_u + kHostMoves / lasts) return;
  fail("stream: expected a sample clock within 500 ppm of the host's, found it off by " +
       six_digits(1e6 * fit_->drift) + " ppm +- " + six_digits(2e6 * fit_->drift_u) + " ppm");
}

std::vector<ScopeChannel> StreamingSampler::choose(const CaptureSetup& setup) const {
  std::vector<ScopeChannel> chosen;
  for (const std::string& name : setup.channels) {
    const auto found = std::ranges::find(scope_.channels, name, &ScopeChannel::name);
    if (found == scope_.channels.end()) {
      throw Blocked("the digitizer has no channel '" + name + "'");
    }
    chosen.push_back(*found);
  }
  return chosen;
}

// About ten milliseconds to a transfer: short enough to see the samples soon, and a third of a
// second of them with the kernel.
void StreamingSampler::stream(std::uint8_t endpoint, SampleRate rate, std::size_t width,
                              std::size_t packet) {
  bytes_per_second_ = rate.hertz() * static_cast<double>(width);
  const auto wanted = static_cast<std::size_t>(bytes_per_second_ * kBlockSeconds);
  const std::size_t packets = std::clamp<std::size_t>(wanted / packet, 1, kLargestBlock / packet);
  const usb::StreamSettings settings{
      .endpoint = endpoint, .transfers = kTransfers, .block_bytes = packets * packet};
  block_bytes_ = settings.block_bytes;
  width_ = width;
  arrivals_.clear();
  const double block = static_cast<double>(settings.block_bytes) / std::max(1.0, bytes_per_second_);
  silence_ = kMostSilence + milliseconds(static_cast<int>(2000 * block));
  reader_ = std::make_unique<usb::Reader>(device(), settings, clock_);
}

void StreamingSampler::place(CaptureInfo& info, Picos before, Picos after, std::uint64_t skipped) {
  begun_ = before + (after - before) / 2;
  info.armed_at = begun_ + info.rate.time_of(skipped);
  info.alignment_u = to_seconds(after - before) / std::sqrt(12.0);
}

void StreamingSampler::hand_on(std::uint64_t received, std::uint64_t count, std::uint64_t index,
                               bool lost_before, BlockSink& sink) {
  const auto from = static_cast<std::size_t>(received - received_);
  // What was lost at the very end shows only in the samples after it.
  const std::uint64_t wanted =
      index < total_ ? std::min(count, total_ - index) : std::uint64_t{lost_before ? 1u : 0u};
  if (wanted > 0) {
    Block block{.first_sample = index, .lost_before = lost_before};
    for (const auto& column : columns_) {
      block.codes.push_back(std::span(column).subspan(from, static_cast<std::size_t>(wanted)));
    }
    sink.take(block);
  }
  delivered_ = std::max(delivered_, index + count);
  for (auto& column : columns_) {
    column.erase(column.begin(), column.begin() + static_cast<std::ptrdiff_t>(from + count));
  }
  received_ = received + count;
}

void StreamingSampler::send(std::uint8_t type, std::uint8_t request, std::uint16_t value,
                            std::vector<std::uint8_t> data, const char* what) {
  const auto done =
      device().control({.type = type, .request = request, .value = value}, data, within(kRequest));
  if (done.outcome == usb::Outcome::kStalled) {
    throw usb::Stalled(device().where() + what + ": the device refuses it");
  }
  if (done.outcome != usb::Outcome::kDone) fail(std::string(what) + ": no answer in time");
}

std::vector<std::uint8_t> StreamingSampler::ask(std::uint8_t request, std::uint16_t value,
                                                std::size_t size, const char* what,
                                                std::uint16_t index) {
  std::vector<std::uint8_t> data(size);
  const auto done =
      device().control({.type = kVendorIn, .request = request, .value = value, .index = index},
                       data, within(kRequest));
  if (done.outcome == usb::Outcome::kStalled) {
    throw usb::Stalled(device().where() + what + ": the device refuses it");
  }
  if (done.outcome != usb::Outcome::kDone) fail(std::string(what) + ": no answer in time");
  if (done.bytes != size) {
    fail(std::string(what) + ": expected " + std::to_string(size) + " bytes, found " +
         std::to_string(done.bytes));
  }
  return data;
}

std::uint64_t samples_in(Picos length, SampleRate rate) {
  const double exact = to_seconds(length) * rate.hertz();
  return static_cast<std::uint64_t>(std::ceil(exact - 1e-6));
}

double volts_needed(const CaptureSetup& setup, const ScopeChannel& channel, double widest) {
  const double per_volt = channel.probe * std::fabs(channel.units_per_volt);
  const auto asked = setup.ranges.find(channel.name);
  const double range = asked != setup.ranges.end() ? asked->second : channel.range;
  if (range <= 0) return widest;
  if (range / per_volt <= widest * (1 + 1e-9)) return range / per_volt;
  if (asked == setup.ranges.end()) return widest;
  throw Blocked("channel '" + channel.name + "' reaches " + six_digits(widest * per_volt) + " " +
                channel.unit + ", the capture needs " + six_digits(range));
}

Channel as_channel(const ScopeChannel& channel, double volts_per_code, double zero) {
  const double scale = volts_per_code * channel.probe * channel.units_per_volt;
  return {.name = channel.name,
          .unit = channel.unit,
          .scale = scale,
          .offset = -zero * scale,
          .bandwidth_hz = channel.bandwidth_hz,
          .gain_u = channel.gain_u,
          .offset_u = channel.offset_u};
}

}  // namespace rig
