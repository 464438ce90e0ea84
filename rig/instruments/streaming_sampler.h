// What digitizers on USB that stream share: one stream per capture, started last, read by a thread
// of its own; blocks handed on in order until the capture is as long as it was to be. A device that
// was unplugged is opened again at the next arming. A segmented capture is recorded whole, as one
// continuous segment. When it is complete, the instants at which its blocks arrived tell how its
// clock ran against the host's: a clock that is off by more than 500 ppm, and data that never came,
// as far as that shows, are a RigError.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rig/bench/bench.h"
#include "rig/bench/settings.h"
#include "rig/instruments/arrivals.h"
#include "rig/instruments/usb/reader.h"

namespace rig {

class StreamingSampler : public Digitizer {
 public:
  // Context and clock must outlive it; the clock is asked from another thread too.
  StreamingSampler(usb::Context& context, Clock& clock, UsbSampler settings, ScopeSettings scope);

  CaptureInfo arm(const CaptureSetup& setup) final;
  bool collect(Picos until, BlockSink& sink) final;
  std::optional<ClockFit> clock_fit() const final { return fit_; }

 protected:
  // Of the kind of device.
  virtual usb::Selector find() = 0;                                     // ready to be opened
  virtual void opened() = 0;                                            // what has to be read once
  virtual CaptureInfo begin(const CaptureSetup& setup) = 0;             // sets up and starts
  virtual void take(const usb::Arrived& arrived, BlockSink& sink) = 0;  // decodes and hands on
  virtual void end() = 0;                                               // after the last sample
  virtual void stalled() = 0;  // the stream ended so: throws why, if the device knows

  // Chosen for this capture, in its order. Throws Blocked for one that is not wired.
  std::vector<ScopeChannel> choose(const CaptureSetup& setup) const;
  // The stream, all transfers with the kernel; to be started by the device's own command. `width`:
  // bytes of all that is sampled at one instant.
  void stream(std::uint8_t endpoint, SampleRate rate, std::size_t width, std::size_t packet);
  // The device began to sample between the two instants; the capture begins so many samples later.
  void place(CaptureInfo& info, Picos before, Picos after, std::uint64_t skipped);
  usb::Arrived next();  // throws RigError for silence
  // Samples that are known to be lost behind so many that came, since the stream began.
  void missing(std::uint64_t behind, std::uint64_t count);
  std::optional<usb::Arrived> poll(std::chrono::milliseconds time) { return reader_->next(time); }
  std::size_t block_bytes() const { return block_bytes_; }  // of a transfer
  void drop_stream() { reader_.reset(); }

  // Adds decoded samples to the columns; `count` of them from `received` on, which are those from
  // `index` on of the capture, go to the sink, and what lies before them is forgotten.
  void hand_on(std::uint64_t received, std::uint64_t count, std::uint64_t index, bool lost_before,
               BlockSink& sink);

  void send(std::uint8_t type, std::uint8_t request, std::uint16_t value,
            std::vector<std::uint8_t> data, const char* what);
  std::vector<std::uint8_t> ask(std::uint8_t request, std::uint16_t value, std::size_t size,
                                const char* what, std::uint16_t index = 0);
  [[noreturn]] void fail(const std::string& what) const;
  usb::Device& device() { return opened_->device; }

  usb::Context& context_;
  Clock& clock_;
  UsbSampler settings_;
  ScopeSettings scope_;

  std::vector<std::vector<std::int16_t>> columns_;  // of each chosen channel, from received_ on
  std::uint64_t received_ = 0;
  std::uint64_t total_ = 0;  // samples of the capture

 private:
  struct Opened {
    usb::Device device;
    usb::Interface interface;
    Opened(usb::Context& context, const usb::Selector& selector, Deadline deadline)
        : device(context, selector, deadline), interface(device, 0) {}
  };
  void open();
  void close();
  void run(std::uint64_t target, BlockSink& sink);
  void note(const usb::Arrived& arrived);
  void settle_clock();

  std::optional<Opened> opened_;
  std::unique_ptr<usb::Reader> reader_;  // after opened_: goes before it
  std::chrono::milliseconds silence_{};  // so long without data, and the device counts as silent
  std::size_t block_bytes_ = 0;
  CaptureInfo info_;
  std::uint64_t delivered_ = 0;
  std::size_t width_ = 1;  // bytes to a sample
  double bytes_per_second_ = 1;
  Picos begun_{};  // host's clock at the first of them
  std::vector<Arrival> arrivals_;
  std::optional<ClockFit> fit_;
};

// So many samples last so long, at least.
std::uint64_t samples_in(Picos length, SampleRate rate);

// What a channel's range asks of the input, V; `widest` when nothing asks.
double volts_needed(const CaptureSetup& setup, const ScopeChannel& channel, double widest);

// A channel of the capture: `volts_per_code` at the input, code `zero` is 0 V there.
Channel as_channel(const ScopeChannel& channel, double volts_per_code, double zero);

}  // namespace rig
