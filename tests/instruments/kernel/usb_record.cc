// usb_record scope|analyzer: runs one golden exchange in the guest and prints what the kernel's
// usbmon saw of that device meanwhile, as a pcap file (link type 220) in hexadecimal digits.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "rig/instruments/fx2lafw.h"
#include "rig/instruments/usbtmc.h"
#include "rig/instruments/wall_clock.h"
#include "tests/instruments/golden/exchanges.h"
#include "tests/instruments/kernel/kernel_rig.h"

namespace rig::kernel {
namespace {

// linux/drivers/usb/mon/mon_bin.c
struct MonHeader {
  std::uint64_t id;
  std::uint8_t type, transfer, endpoint, device;
  std::uint16_t bus;
  char setup_flag, data_flag;
  std::int64_t seconds;
  std::int32_t microseconds, status;
  std::uint32_t length, captured;
  std::uint8_t setup[8];
  std::int32_t interval, start_frame;
  std::uint32_t flags, descriptors;
};
static_assert(sizeof(MonHeader) == 64);
struct MonGet {
  MonHeader* header;
  void* data;
  std::size_t room;
};
constexpr unsigned long kGet = _IOW(0x92, 10, MonGet);

class Recorder {
 public:
  explicit Recorder(int device)
      : device_(device), file_(::open("/dev/usbmon1", O_RDONLY | O_NONBLOCK)) {
    if (file_ < 0) throw RigError("/dev/usbmon1: cannot be opened");
    thread_ = std::thread([this] { run(); });
  }
  ~Recorder() {
    stops_ = true;
    thread_.join();
    ::close(file_);
    const std::uint32_t head[]{0xA1B2C3D4, 2 | 4 << 16, 0, 0, 262144, 220};
    std::string digits;
    add(digits, head, sizeof head);
    digits += packets_;
    std::printf("\nPCAP %s\n", digits.c_str());
  }

 private:
  static void add(std::string& digits, const void* bytes, std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) {
      char two[3];
      std::snprintf(two, sizeof two, "%02x", unsigned{static_cast<const std::uint8_t*>(bytes)[k]});
      digits += two;
    }
  }
  void run() {
    std::vector<std::uint8_t> data(1 << 18);
    pollfd ready{.fd = file_, .events = POLLIN, .revents = 0};
    while (::poll(&ready, 1, 50) > 0 || !stops_) {
      MonHeader header{};
      MonGet get{.header = &header, .data = data.data(), .room = data.size()};
      if (::ioctl(file_, kGet, &get) != 0 || header.device != device_) continue;
      const std::uint32_t size = sizeof header + header.captured;
      const std::uint32_t head[]{static_cast<std::uint32_t>(header.seconds),
                                 static_cast<std::uint32_t>(header.microseconds), size, size};
      add(packets_, head, sizeof head);
      add(packets_, &header, sizeof header);
      add(packets_, data.data(), header.captured);
    }
  }

  int device_;
  int file_;
  std::string packets_;
  std::atomic<bool> stops_ = false;
  std::thread thread_;
};

int address_of(usb::Context& context, std::string_view manufacturer) {
  return patiently<int>([&] {
    for (const auto& info : context.devices()) {
      if (info.manufacturer == manufacturer) return info.address;
    }
    throw RigError("it is not there yet");
  });
}

void record_scope(usb::Context& context) {
  std::optional<Recorder> recorder;  // ends before the kernel's driver comes back
  recorder.emplace(address_of(context, "Rigol Technologies"));
  const auto link =
      open_usbtmc(context, {.vendor = 0x1AB1, .product = 0x04CE}, within(golden::kLong));
  golden::ask_scope(*link, [] { std::this_thread::sleep_for(milliseconds(300)); });
  recorder.reset();
}

struct Dropped final : BlockSink {
  void take(const Block& /*block*/) override {}
};

void record_analyzer(usb::Context& context) {
  const auto clock = make_wall_clock();
  UsbSampler sampler = golden::analyzer();
  sampler.firmware = "/tmp/fx2_firmware.hex";
  std::ofstream(sampler.firmware) << ":0300000002004FAC\n:04004F00DEADBEEF75\n:00000001FF\n";
  const auto digitizer = patiently<std::unique_ptr<Digitizer>>(
      [&] { return open_fx2lafw(context, *clock, sampler, golden::analyzer_inputs()); });
  const Recorder recorder(address_of(context, "sigrok"));
  Dropped sink;
  const CaptureInfo info = digitizer->arm(golden::analyzer_capture());
  while (digitizer->collect(info.armed_at + std::chrono::seconds(1), sink)) {
  }
}

}  // namespace
}  // namespace rig::kernel

int main(int /*argc*/, char** argv) {
  rig::usb::Context context;
  std::puts("usb_record: begins");
  std::string_view(argv[1]) == "scope" ? rig::kernel::record_scope(context)
                                       : rig::kernel::record_analyzer(context);
}
