// The USB drivers against a plain libusb loop on the same path in the same run. The path is the
// emulated usbfs, whose kernel side costs next to nothing here: what is compared is what the
// drivers add. Where processor time is told it is that of all threads but the one that plays kernel
// and device; what it costs to talk to that one is in it.
#include <libusb-1.0/libusb.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "fixtures/devices/ds1000z.h"
#include "fixtures/devices/hantek6022.h"
#include "fixtures/devices/usbtmc_device.h"
#include "rig/instruments/hantek6022.h"
#include "rig/instruments/scpi_scope.h"
#include "rig/instruments/usbtmc.h"
#include "rig/instruments/wall_clock.h"
#include "rig/measure/catalog.h"
#include "rig/run/observed.h"
#include "tests/instruments/usb_bus.h"

namespace rig {
namespace {

using devices::Bytes;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint8_t kData = 0x86;
constexpr double kRate = 15e6;                 // samples/s of each of two inputs
constexpr std::size_t kPulsePeriod = 375'000;  // samples: 40 Hz
constexpr std::size_t kClockPeriod = 15'000;   // samples: 1 kHz on the second input
constexpr std::size_t kBlock = 256 << 10;
constexpr std::size_t kTransfers = 32;
constexpr std::uint64_t kStreamed = 1'500'000'000;  // bytes of a row
constexpr std::size_t kScopePoints = 12'000'000;

double seconds_since(steady_clock::time_point begin) {
  return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

// A biphasic train of 40 Hz with 300 us a phase on the first input, the known clock on the second.
Bytes one_period() {
  Bytes bytes(2 * kPulsePeriod);
  for (std::size_t k = 0; k < kPulsePeriod; ++k) {
    const double t = static_cast<double>(k) / kRate - 1e-3;
    const bool first = t >= 0 && t < 300e-6;
    const bool second = t >= 400e-6 && t < 700e-6;
    bytes[2 * k] = static_cast<std::uint8_t>(128 + (first ? 60 : 0) - (second ? 60 : 0) +
                                             static_cast<int>(k * 2654435761u >> 30 & 1));
    bytes[2 * k + 1] = k % kClockPeriod < kClockPeriod / 2 ? 190 : 128;
  }
  return bytes;
}

// The Hantek's model, whose samples come from memory: as fast as they are fetched, or at its rate.
class Replayed final : public devices::UsbDevice {
 public:
  explicit Replayed(bool paced) : paced_(paced) {}

  devices::UsbIdentity identity() const override { return model_.identity(); }
  std::vector<devices::UsbInterface> interfaces() const override { return model_.interfaces(); }
  int control(const devices::UsbSetup& setup, Bytes& data) override {
    const bool before = model_.stream.running();
    const int result = model_.control(setup, data);
    if (before != model_.stream.running()) run(!before);
    return result;
  }
  int out(std::uint8_t endpoint, std::span<const std::uint8_t> bytes) override {
    return model_.out(endpoint, bytes);
  }
  std::ptrdiff_t in(std::uint8_t endpoint, std::span<std::uint8_t> into) override {
    if (endpoint != kData) return model_.in(endpoint, into);
    if (!runs_) return -EAGAIN;
    if (paced_ && static_cast<double>(given_ + into.size()) > 2 * kRate * seconds_since(begun_)) {
      return -EAGAIN;
    }
    for (std::size_t at = 0; at < into.size();) {
      const std::size_t from = (given_ + at) % period_.size();
      const std::size_t some = std::min(into.size() - at, period_.size() - from);
      std::memcpy(into.data() + at, period_.data() + from, some);
      at += some;
    }
    given_ += into.size();
    return static_cast<std::ptrdiff_t>(into.size());
  }
  void clear_halt(std::uint8_t endpoint) override { model_.clear_halt(endpoint); }
  void reset() override { model_.reset(); }

  void run(bool runs) {
    runs_ = runs;
    given_ = 0;
    begun_ = steady_clock::now();
  }

 private:
  devices::Hantek6022 model_{{}, [](int, double) { return 0.0; }};
  Bytes period_ = one_period();
  bool paced_;
  std::atomic<bool> runs_ = false;
  std::uint64_t given_ = 0;
  steady_clock::time_point begun_;
};

// The least that reads a bulk endpoint: transfers that are submitted again as they come back.
class PlainLoop {
 public:
  PlainLoop(std::uint16_t vendor, std::uint16_t product) {
    if (libusb_init(&context_) != 0) throw std::runtime_error("libusb_init");
    handle_ = libusb_open_device_with_vid_pid(context_, vendor, product);
    if (handle_ == nullptr || libusb_claim_interface(handle_, 0) != 0) {
      throw std::runtime_error("the device cannot be opened");
    }
  }
  ~PlainLoop() {
    libusb_release_interface(handle_, 0);
    libusb_close(handle_);
    libusb_exit(context_);
  }
  PlainLoop(const PlainLoop&) = delete;
  PlainLoop& operator=(const PlainLoop&) = delete;

  // `start` is called when all transfers are with the kernel.
  void stream(std::uint64_t bytes, const std::function<void()>& start) {
    left_ = bytes;
    std::vector<Bytes> buffers(kTransfers, Bytes(kBlock));
    for (Bytes& buffer : buffers) {
      libusb_transfer* transfer = libusb_alloc_transfer(0);
      libusb_fill_bulk_transfer(transfer, handle_, kData, buffer.data(), kBlock, &PlainLoop::came,
                                this, 1000);
      if (libusb_submit_transfer(transfer) != 0) throw std::runtime_error("submit");
      ++flying_;
    }
    start();
    while (flying_ > 0) libusb_handle_events(context_);
  }
  std::size_t transfer(std::uint8_t endpoint, std::uint8_t* bytes, std::size_t size) {
    int moved = 0;
    if (libusb_bulk_transfer(handle_, endpoint, bytes, static_cast<int>(size), &moved, 5000) != 0) {
      throw std::runtime_error("transfer");
    }
    return static_cast<std::size_t>(moved);
  }

 private:
  static void came(libusb_transfer* transfer) {
    auto& self = *static_cast<PlainLoop*>(transfer->user_data);
    const auto bytes = static_cast<std::uint64_t>(transfer->actual_length);
    self.left_ -= std::min(self.left_, bytes);
    if (self.left_ > 0 && libusb_submit_transfer(transfer) == 0) return;
    libusb_free_transfer(transfer);
    --self.flying_;
  }
  libusb_context* context_ = nullptr;
  libusb_device_handle* handle_ = nullptr;
  std::uint64_t left_ = 0;
  int flying_ = 0;
};

// Time that nobody waits for: everything asked for is due. It goes as the device would sample: the
// thread that reads asks for it once a block.
class Hurried final : public Clock {
 public:
  Picos now() const override {
    if (std::this_thread::get_id() != home_) ++blocks_;
    return from_seconds(static_cast<double>(blocks_ * kBlock) / (2 * kRate));
  }
  void wait_until(Picos) override {}

 private:
  std::thread::id home_ = std::this_thread::get_id();
  mutable std::atomic<std::uint64_t> blocks_ = 0;
};

struct Captured {
  std::size_t pulses = 0;
  double seconds = 0;  // from the first sample asked for to the finding
  double width = 0;    // s, mean of the first phase
  bool proven = false;
};

Captured capture_and_measure(Clock& clock, std::uint64_t bytes) {
  usb::Context context;
  const UsbSampler settings{.usb = {.text = "04B5:6022"},
                            .clock = IntegrityClock{.input = 2, .hertz = 1000}};
  const ScopeSettings scope{
      .channels = {{.name = "current", .unit = "A", .input = 1, .units_per_volt = 0.01}}};
  const auto digitizer = open_hantek6022(context, clock, settings, scope);
  const CaptureSetup setup{.name = "run",
                           .channels = {"current"},
                           .rate = {.samples = static_cast<std::uint64_t>(kRate)},
                           .length = from_seconds(static_cast<double>(bytes) / 2 / kRate)};
  const CaptureInfo info = digitizer->arm(setup);
  const double code = info.channels[0].scale;
  ObservedCapture observed(info, {.current_threshold = 12 * code, .max_gap = 150e-6}, nullptr);
  const auto begin = steady_clock::now();
  for (Picos until = info.armed_at; digitizer->collect(until, observed);) {
    until += milliseconds(10);
  }
  const Picos end = info.armed_at + setup.length;
  observed.finish(end);
  const QuantityName width = *find_quantity("phase1.width.mean");
  const Measured found = measure(width,
                                 {.info = &observed.info(),
                                  .totals = &observed.totals(),
                                  .pulses = &observed.pulses(),
                                  .from = info.armed_at,
                                  .to = end},
                                 nullptr);
  if (!found.value) throw std::runtime_error("no width: " + found.why_not);
  return {.pulses = observed.pulses().size(),
          .seconds = seconds_since(begin),
          .width = found.value->value,
          .proven = info.integrity_proven};
}

void expect_true(const Captured& captured, std::uint64_t bytes) {
  const double pulses = static_cast<double>(bytes) / 2 / static_cast<double>(kPulsePeriod);
  if (!captured.proven) throw std::runtime_error("the integrity is not proven");
  if (std::fabs(static_cast<double>(captured.pulses) - pulses) > 1) {
    throw std::runtime_error("pulses lost");
  }
  if (std::fabs(captured.width - 300e-6) > 0.2e-6) throw std::runtime_error("a width is wrong");
}

// Processor time of a thread of this process, s.
double time_of_thread(pid_t thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/schedstat");
  double nanoseconds = 0;
  if (!(file >> nanoseconds)) throw std::runtime_error("no schedstat");
  return 1e-9 * nanoseconds;
}

// Of this process, its ended threads included, s.
double processor_time() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// A page of the scope's memory by its bare USBTMC messages.
class PlainScope {
 public:
  void say(const std::string& text) {
    std::vector<std::uint8_t> message = header(1, text.size());
    message[8] = 1;
    message.insert(message.end(), text.begin(), text.end());
    message.resize((message.size() + 3) / 4 * 4);
    loop_.transfer(0x03, message.data(), message.size());
  }
  std::size_t hear() {
    std::vector<std::uint8_t> request = header(2, buffer_.size() - 512);
    loop_.transfer(0x03, request.data(), request.size());
    return loop_.transfer(0x82, buffer_.data(), buffer_.size());
  }

 private:
  std::vector<std::uint8_t> header(std::uint8_t id, std::size_t size) {
    tag_ = tag_ == 255 ? 1 : tag_ + 1;
    std::vector<std::uint8_t> made(12);
    made[0] = id;
    made[1] = static_cast<std::uint8_t>(tag_);
    made[2] = static_cast<std::uint8_t>(~tag_);
    for (std::size_t k = 0; k < 4; ++k) made[4 + k] = static_cast<std::uint8_t>(size >> 8 * k);
    return made;
  }
  PlainLoop loop_{0x1AB1, 0x04CE};
  Bytes buffer_ = Bytes((1 << 20) + 512);
  unsigned tag_ = 0;
};

class Forgotten final : public BlockSink {
 public:
  std::uint64_t samples = 0;
  void take(const Block& block) override { samples += block.size(); }
};

// The clock of the scope's model and of its driver: passes only where somebody waits.
class ManualClock final : public Clock {
 public:
  Picos now() const override { return now_; }
  void wait_until(Picos when) override { now_ = std::max(now_, when); }

 private:
  Picos now_ = milliseconds(1000);
};

// Seconds for the whole record, from the memory of the scope's model.
double plain_download() {
  PlainScope plain;
  plain.say(":WAV:SOUR CHAN1");
  plain.say(":WAV:MODE RAW");
  const auto begin = steady_clock::now();
  constexpr std::size_t kPage = 250'000;
  std::size_t got = 0;
  for (std::size_t first = 1; first <= kScopePoints; first += kPage) {
    plain.say(":WAV:STAR " + std::to_string(first));
    plain.say(":WAV:STOP " + std::to_string(first + kPage - 1));
    plain.say(":WAV:DATA?");
    got += plain.hear();
  }
  const double took = seconds_since(begin);
  if (got < kScopePoints) throw std::runtime_error("the plain download is too short");
  return took;
}

struct Ratio {
  double plain = 0;   // bytes/s, best of all
  double driver = 0;  // likewise
};

Ratio stream_as_fast_as_it_goes() {
  Ratio best;
  for (int k = 0; k < 3; ++k) {
    Replayed device(false);
    fake::UsbBus bus;
    bus.plug(device).lockstep(kTransfers / 2);  // just as fast as it is read
    {
      PlainLoop plain(0x04B5, 0x6022);
      const auto begin = steady_clock::now();
      plain.stream(kStreamed, [&] { device.run(true); });
      device.run(false);
      best.plain = std::max(best.plain, static_cast<double>(kStreamed) / seconds_since(begin));
    }
    Hurried clock;
    const Captured captured = capture_and_measure(clock, kStreamed);
    expect_true(captured, kStreamed);
    best.driver = std::max(best.driver, static_cast<double>(kStreamed) / captured.seconds);
  }
  return best;
}

Ratio download_a_record() {
  ManualClock clock;
  devices::Ds1000z model([&] { return to_seconds(clock.now()); }, [](int, double) { return 0.5; });
  devices::UsbtmcDevice usbtmc({}, model);
  Ratio best;
  for (int k = 0; k < 3; ++k) {
    fake::UsbBus bus;
    bus.plug(usbtmc);
    {
      usb::Context context;
      ScopeSettings settings;
      settings.channels = {{.name = "current", .unit = "A", .input = 1, .units_per_volt = 0.01}};
      const auto scope = make_scope(
          open_usbtmc(context, {.vendor = 0x1AB1, .product = 0x04CE}, within(milliseconds(5000))),
          clock, settings);
      const CaptureInfo info = scope->arm({.name = "run",
                                           .channels = {"current"},
                                           .rate = {.samples = 100'000'000},
                                           .length = milliseconds(120)});
      Forgotten sink;
      auto begin = steady_clock::now();
      for (Picos until = info.armed_at; scope->collect(until, sink) && sink.samples == 0;) {
        until += milliseconds(10);
        begin = steady_clock::now();
      }
      if (sink.samples != kScopePoints) throw std::runtime_error("the download is too short");
      best.driver = std::max(best.driver, kScopePoints / seconds_since(begin));
    }
    best.plain = std::max(best.plain, kScopePoints / plain_download());
  }
  return best;
}

void print(const char* what, const Ratio& ratio, const char* target) {
  std::printf("%-52s %8.1f MB/s, plain loop %8.1f MB/s: %.3f (target >= %s)\n", what,
              ratio.driver / 1e6, ratio.plain / 1e6, ratio.driver / ratio.plain, target);
}

// The device keeps its own pace; what this process's threads cost meanwhile.
void print_paced(double seconds) {
  Replayed device(true);
  fake::UsbBus bus;
  fake::UsbPort& port = bus.plug(device);
  port.hold(milliseconds(2));  // a block takes 8.7 ms
  const auto clock = make_wall_clock();
  const auto bytes = static_cast<std::uint64_t>(seconds * 2 * kRate);
  const double all_before = processor_time();
  const double measuring_before = time_of_thread(::getpid());
  const Captured captured = capture_and_measure(*clock, bytes);
  expect_true(captured, bytes);
  const double measuring = time_of_thread(::getpid()) - measuring_before;
  const double all = processor_time() - all_before - time_of_thread(port.kernel_thread());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "%.0f s at %.0f MB/s: no block lost, %zu pulses; %.1f %% of a core (target <= 25), of it "
      "decoding and measuring %.1f; memory at most %.0f MiB\n",
      seconds, 2 * kRate / 1e6, captured.pulses, 100 * all / captured.seconds,
      100 * measuring / captured.seconds, static_cast<double>(usage.ru_maxrss) / 1024);
}

void print_latency() {
  double least = 1e9;
  for (int k = 0; k < 5; ++k) {
    Replayed device(false);
    fake::UsbBus bus;
    bus.plug(device).lockstep(kTransfers / 2);  // just as fast as it is read
    Hurried clock;
    constexpr std::uint64_t kBytes = 2'000'000;  // a million samples of both inputs
    const Captured captured = capture_and_measure(clock, kBytes);
    expect_true(captured, kBytes);
    least = std::min(least, captured.seconds);
  }
  std::printf("a capture of 1 Mpoint, first sample to finding: %.1f ms (target <= 50)\n",
              1e3 * least);
}

}  // namespace
}  // namespace rig

// The one argument: how many seconds of streaming at the device's pace (default 60).
int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 60;
  rig::print("streaming to measured pulses", rig::stream_as_fast_as_it_goes(), "0.95");
  rig::print("a scope's record of 12 Mpoints", rig::download_a_record(), "0.9");
  rig::print_latency();
  rig::print_paced(seconds);
}
