#include "tests/instruments/recording.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace rig::fake {
namespace {

using devices::Bytes;

constexpr std::size_t kFileHead = 24;
constexpr std::size_t kPacketHead = 16;
constexpr std::size_t kUsbHead = 64;
constexpr std::uint8_t kLinkType = 220;  // LINKTYPE_USB_LINUX_MMAPPED
constexpr std::uint8_t kControl = 2;
constexpr std::uint8_t kBulk = 3;
constexpr std::size_t kSetup = 8;

template <typename T>
T at(std::span<const std::uint8_t> bytes, std::size_t offset) {
  if (offset + sizeof(T) > bytes.size()) throw std::runtime_error("the recording is cut short");
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

Bytes setup_bytes(const devices::UsbSetup& setup) {
  Bytes bytes{setup.type, setup.request};
  for (const std::uint16_t word : {setup.value, setup.index, setup.length}) {
    bytes.push_back(static_cast<std::uint8_t>(word & 0xFF));
    bytes.push_back(static_cast<std::uint8_t>(word >> 8));
  }
  return bytes;
}

}  // namespace

// linux/Documentation/usb/usbmon.rst: "Raw binary format and API".
struct Recording::Packet {
  explicit Packet(std::span<const std::uint8_t> bytes)
      : id(at<std::uint64_t>(bytes, 0)),
        submitted(at<char>(bytes, 8) == 'S'),
        transfer(at<std::uint8_t>(bytes, 9)),
        endpoint(at<std::uint8_t>(bytes, 10)),
        status(at<std::int32_t>(bytes, 28)),
        length(at<std::uint32_t>(bytes, 32)),
        setup(bytes.begin() + 40, bytes.begin() + 40 + kSetup),
        data(bytes.begin() + kUsbHead, bytes.end()) {}
  std::uint64_t id;
  bool submitted;
  std::uint8_t transfer;
  std::uint8_t endpoint;
  int status;
  std::uint32_t length;
  Bytes setup;
  Bytes data;
};

Recording::Recording(const std::string& file, const devices::UsbDevice& described)
    : described_(described) {
  std::ifstream stream(file, std::ios::binary);
  const Bytes bytes((std::istreambuf_iterator<char>(stream)), {});
  if (at<std::uint8_t>(bytes, 20) != kLinkType) throw std::runtime_error(file + ": no usbmon");
  const std::span<const std::uint8_t> all(bytes);
  for (std::size_t offset = kFileHead; offset < all.size();) {
    const auto size = at<std::uint32_t>(all, offset + 8);
    offset += kPacketHead;
    if (size < kUsbHead || offset + size > all.size()) throw std::runtime_error(file + ": cut");
    note(Packet(all.subspan(offset, size)));
    offset += size;
  }
}

// What was cancelled never came.
void Recording::note(const Packet& packet) {
  const bool from_device = packet.transfer == kBulk && (packet.endpoint & 0x80) != 0;
  if (packet.transfer != kControl && packet.transfer != kBulk) return;
  if (packet.submitted && from_device) {
    under_way_[packet.id] = packet.length;
  } else if (packet.submitted) {
    Bytes request = packet.transfer == kControl ? packet.setup : Bytes{packet.endpoint};
    request.insert(request.end(), packet.data.begin(), packet.data.end());
    under_way_[packet.id] = asked_.size();
    asked_.push_back({.request = request});
  } else if (under_way_.contains(packet.id)) {
    const std::size_t begun = under_way_.extract(packet.id).mapped();
    if (!from_device) {
      asked_[begun].status = packet.status;
      asked_[begun].answer = packet.data;
    } else if (packet.status != -ENOENT && packet.status != -ECONNRESET) {
      came_[packet.endpoint].push_back(
          {.after = asked_.size(), .room = begun, .status = packet.status, .data = packet.data});
    }
  }
}

std::string Recording::complaint() const {
  if (!complaint_.empty() || said_ == asked_.size()) return complaint_;
  return "expected " + std::to_string(asked_.size()) + " requests, found " + std::to_string(said_);
}

const Recording::Asked* Recording::say(const Bytes& request) {
  if (said_ < asked_.size() && asked_[said_].request == request) return &asked_[said_++];
  if (complaint_.empty()) {
    complaint_ = "request " + std::to_string(said_) + " of " + std::to_string(asked_.size()) +
                 " is not the recorded one";
  }
  return nullptr;
}

int Recording::control(const devices::UsbSetup& setup, Bytes& data) {
  Bytes request = setup_bytes(setup);
  if (!setup.in()) request.insert(request.end(), data.begin(), data.end());
  const Asked* asked = say(request);
  if (asked == nullptr) return -EPIPE;
  if (setup.in()) data = asked->answer;
  return asked->status;
}

int Recording::out(std::uint8_t endpoint, std::span<const std::uint8_t> bytes) {
  Bytes request{endpoint};
  request.insert(request.end(), bytes.begin(), bytes.end());
  const Asked* asked = say(request);
  return asked == nullptr ? -EPIPE : asked->status;
}

std::ptrdiff_t Recording::in(std::uint8_t endpoint, std::span<std::uint8_t> into) {
  const auto& came = came_[endpoint];
  std::size_t& given = given_[endpoint];
  if (given == came.size() || came[given].after > said_) return -EAGAIN;
  const Came& next = came[given++];
  if (next.room != into.size() && complaint_.empty()) {
    complaint_ = "expected a transfer of " + std::to_string(next.room) + " bytes, found " +
                 std::to_string(into.size());
  }
  if (next.status != 0) return next.status;
  const std::size_t count = std::min(next.data.size(), into.size());
  std::copy_n(next.data.begin(), count, into.begin());
  return static_cast<std::ptrdiff_t>(count);
}

void Recording::clear_halt(std::uint8_t endpoint) {
  say(setup_bytes({.type = 2, .request = 1, .index = endpoint}));
}

}  // namespace rig::fake
