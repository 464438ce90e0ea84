#include "tests/instruments/usb_bus.h"

#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/instruments/usbfs_order.h"

namespace rig::fake {
namespace {

using devices::Bytes;
using devices::UsbSetup;

constexpr std::size_t kMostInFlight = 16 << 20;  // usbfs_memory_mb

std::string hex(const Bytes& bytes) {
  std::string text;
  std::array<char, 3> digits{};
  for (const std::uint8_t byte : bytes) {
    std::snprintf(digits.data(), digits.size(), "%02X", unsigned{byte});
    text += digits.data();
  }
  return text;
}

UsbSetup setup_of(const std::uint8_t* bytes) {
  const auto word = [&](std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8);
  };
  return {
      .type = bytes[0], .request = bytes[1], .value = word(2), .index = word(4), .length = word(6)};
}

template <typename T>
T& at(void* argument) {
  return *static_cast<T*>(argument);
}

}  // namespace

// Its own locks too: tests run side by side, on instruments of the same serial number.
UsbBus::UsbBus() : testbed_(umockdev_testbed_new()) { ::setenv("RIG_LOCK_DIR", root().c_str(), 1); }

UsbBus::~UsbBus() {
  ports_.clear();
  g_object_unref(testbed_);
}

UsbPort& UsbBus::plug(devices::UsbDevice& model, const std::string& port,
                      const std::string& kernel_driver) {
  ports_.push_back(std::make_unique<UsbPort>(*this, model, port, kernel_driver));
  return *ports_.back();
}

std::string UsbBus::root() const {
  char* path = umockdev_testbed_get_root_dir(testbed_);
  std::string root = path;
  g_free(path);
  return root;
}

UsbPort::UsbPort(UsbBus& bus, devices::UsbDevice& model, std::string name,
                 const std::string& driver)
    : bus_(bus),
      model_(model),
      name_(std::move(name)),
      handler_(umockdev_ioctl_base_new()),
      kernel_driver_(driver) {
  g_signal_connect(handler_, "handle-ioctl", G_CALLBACK(&UsbPort::on_ioctl), this);
  show();
}

UsbPort::~UsbPort() {
  hide();
  { const std::lock_guard last_call_is_over(mutex_); }
  g_object_unref(handler_);
}

std::string UsbPort::node() const {
  std::array<char, 40> node{};
  std::snprintf(node.data(), node.size(), "/dev/bus/usb/001/%03d", address_);
  return node.data();
}

void UsbPort::show() {
  address_ = bus_.next_address_++;
  drivers_.clear();
  if (!kernel_driver_.empty()) drivers_[0] = kernel_driver_;
  umockdev_testbed_attach_ioctl(bus_.testbed_, node().c_str(), handler_, nullptr);
  const devices::UsbIdentity id = model_.identity();
  std::array<char, 2048> text{};
  std::snprintf(text.data(), text.size(),
                "P: /devices/usb1/%s\nN: bus/usb/001/%03d\nE: SUBSYSTEM=usb\nE: DRIVER=usb\n"
                "E: BUSNUM=001\nE: DEVNUM=%03d\nE: DEVNAME=%s\nE: DEVTYPE=usb_device\n"
                "A: bConfigurationValue=1\\n\nA: busnum=1\\n\nA: devnum=%d\\n\nA: speed=%d\\n\n"
                "A: serial=%s\\n\nA: manufacturer=%s\\n\nA: product=%s\\n\nH: descriptors=%s\n",
                name_.c_str(), address_, address_, node().c_str(), address_, id.megabits,
                id.serial.c_str(), id.manufacturer.c_str(), id.name.c_str(),
                hex(descriptors_of(model_)).c_str());
  GError* error = nullptr;
  if (umockdev_testbed_add_from_string(bus_.testbed_, text.data(), &error) == 0) {
    throw std::runtime_error(error->message);
  }
}

void UsbPort::hide() {
  const std::string path = "/sys/devices/usb1/" + name_;
  umockdev_testbed_uevent(bus_.testbed_, path.c_str(), "remove");
  umockdev_testbed_remove_device(bus_.testbed_, path.c_str());
  umockdev_testbed_detach_ioctl(bus_.testbed_, node().c_str(), nullptr);
}

void UsbPort::pull() {
  const std::lock_guard lock(mutex_);
  die();
}

void UsbPort::pull_at(int n) {
  const std::lock_guard lock(mutex_);
  pull_at_ = ioctls_ + n;
}

void UsbPort::replug() {
  {
    const std::lock_guard lock(mutex_);
    model_.reset();
  }
  renumerate();
}

void UsbPort::renumerate() {
  pull();
  hide();
  const std::lock_guard lock(mutex_);
  dead_ = false;
  pull_at_ = -1;
  since_pulled_.reset();
  done_.clear();
  in_flight_ = 0;
  show();
}

void UsbPort::lockstep(std::size_t ahead) {
  const std::lock_guard lock(mutex_);
  lockstep_ = ahead;
}

void UsbPort::hold(std::chrono::microseconds so_long) {
  const std::lock_guard lock(mutex_);
  hold_ = so_long;
}

std::chrono::microseconds UsbPort::held() const {
  const std::lock_guard lock(mutex_);
  return hold_;
}

pid_t UsbPort::kernel_thread() const {
  const std::lock_guard lock(mutex_);
  return kernel_thread_;
}

void UsbPort::meanwhile(const std::function<void()>& act) {
  const std::lock_guard lock(mutex_);
  act();
}

void UsbPort::claim_elsewhere(bool held) {
  const std::lock_guard lock(mutex_);
  elsewhere_ = held;
}

void UsbPort::keep_discarded_urbs() {
  const std::lock_guard lock(mutex_);
  keeps_discarded_ = true;
}

void UsbPort::give_back_urbs() {
  const std::lock_guard lock(mutex_);
  for (; !waiting_.empty(); waiting_.pop_front()) finish(waiting_.front(), -ENOENT, 0);
}

// umockdev wants to reach its handler even for a node that could not be opened.
void UsbPort::forbid() {
  const std::string handler = bus_.root() + "/ioctl" + node();
  if (::chmod(bus_.root().c_str(), 0777) != 0 || ::chmod(handler.c_str(), 0777) != 0 ||
      ::chmod((bus_.root() + node()).c_str(), 0) != 0) {
    throw std::runtime_error("chmod");
  }
}

std::chrono::nanoseconds UsbPort::since_pulled() const {
  const std::lock_guard lock(mutex_);
  return since_pulled_ ? since_pulled_->ran() : std::chrono::nanoseconds(0);
}

std::string UsbPort::driver() {
  const std::lock_guard lock(mutex_);
  return drivers_[0];
}

std::map<std::string, int> UsbPort::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

gboolean UsbPort::on_ioctl(UMockdevIoctlBase* /*base*/, UMockdevIoctlClient* client,
                           gpointer port) {
  // The library tells requests as a sign-extended int.
  const auto request =
      static_cast<unsigned long>(static_cast<unsigned>(umockdev_ioctl_client_get_request(client)));
  void* argument = nullptr;
  std::memcpy(&argument, umockdev_ioctl_client_get_arg(client)->data, sizeof argument);
  take_over(argument);
  auto& self = *static_cast<UsbPort*>(port);
  const long result = self.ioctl(request, argument);
  if (result != -EAGAIN) hand_over(argument);
  if (result == -EAGAIN) std::this_thread::sleep_for(self.held());
  umockdev_ioctl_client_complete(client, result < 0 ? -1 : result,
                                 static_cast<int>(result < 0 ? -result : 0));
  return TRUE;
}

long UsbPort::ioctl(unsigned long request, void* argument) {
  const std::lock_guard lock(mutex_);
  kernel_thread_ = ::gettid();
  const bool reaps = request == USBDEVFS_REAPURB || request == USBDEVFS_REAPURBNDELAY;
  if (!reaps && ioctls_++ == pull_at_) die();
  if (reaps) return reap(argument);
  if (request == USBDEVFS_DISCARDURB) return discard(static_cast<usbdevfs_urb*>(argument));
  if (dead_) return -ENODEV;
  switch (request) {
    case USBDEVFS_SUBMITURB: return submit(static_cast<usbdevfs_urb*>(argument));
    case USBDEVFS_CONTROL: return control(argument);
    case USBDEVFS_CLEAR_HALT:
      ++calls_["CLEAR_HALT"];
      model_.clear_halt(static_cast<std::uint8_t>(at<unsigned>(argument)));
      return 0;
    case USBDEVFS_RESET:
      ++calls_["RESET"];
      model_.reset();
      return 0;
    default: return bookkeeping(request, argument);
  }
}

long UsbPort::bookkeeping(unsigned long request, void* argument) {
  switch (request) {
    case USBDEVFS_GET_CAPABILITIES:
      at<unsigned>(argument) = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
                               USBDEVFS_CAP_BULK_SCATTER_GATHER |
                               USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
      return 0;
    case USBDEVFS_CLAIMINTERFACE: return claim(at<unsigned>(argument));
    case USBDEVFS_DISCONNECT_CLAIM: {
      const unsigned number = at<usbdevfs_disconnect_claim>(argument).interface;
      if (!elsewhere_ && drivers_[number] != "usbfs") drivers_[number].clear();
      return claim(number);
    }
    case USBDEVFS_RELEASEINTERFACE: drivers_[at<unsigned>(argument)].clear(); return 0;
    case USBDEVFS_GETDRIVER: {
      auto& asked = at<usbdevfs_getdriver>(argument);
      const std::string& driver = drivers_[asked.interface];
      if (driver.empty()) return -ENODATA;
      std::strncpy(asked.driver, driver.c_str(), sizeof asked.driver - 1);
      return 0;
    }
    case USBDEVFS_IOCTL: {
      const auto& inner = at<usbdevfs_ioctl>(argument);
      auto& driver = drivers_[static_cast<unsigned>(inner.ifno)];
      if (inner.ioctl_code == static_cast<int>(USBDEVFS_CONNECT)) {
        if (driver.empty() && inner.ifno == 0) driver = kernel_driver_;
        return driver.empty() ? 0 : 1;
      }
      if (driver.empty()) return -ENODATA;
      driver.clear();
      return 0;
    }
    case USBDEVFS_SETCONFIGURATION: ++calls_["SETCONFIGURATION"]; return 0;
    case USBDEVFS_SETINTERFACE: return 0;
    default: return -ENOTTY;
  }
}

long UsbPort::claim(unsigned number) {
  if (number >= model_.interfaces().size()) return -ENOENT;
  if (elsewhere_ || !drivers_[number].empty()) return -EBUSY;
  drivers_[number] = "usbfs";
  return 0;
}

bool UsbPort::owns(std::uint8_t endpoint) const {
  const auto interfaces = model_.interfaces();
  for (unsigned k = 0; k < interfaces.size(); ++k) {
    for (const auto& e : interfaces[k].endpoints) {
      if (e.address != endpoint) continue;
      const auto driver = drivers_.find(k);
      return driver != drivers_.end() && driver->second == "usbfs";
    }
  }
  return false;
}

int UsbPort::submit(usbdevfs_urb* urb) {
  const auto length = static_cast<std::size_t>(urb->buffer_length);
  if (in_flight_ + length > kMostInFlight) return -ENOMEM;
  if (urb->type == USBDEVFS_URB_TYPE_CONTROL) return submit_control(urb);
  if (urb->type == USBDEVFS_URB_TYPE_ISO) return -EINVAL;
  if (!owns(urb->endpoint)) return -EINVAL;
  in_flight_ += length;
  waiting_.push_back(urb);
  pump();
  return 0;
}

int UsbPort::submit_control(usbdevfs_urb* urb) {
  in_flight_ += static_cast<std::size_t>(urb->buffer_length);
  waiting_.push_back(urb);
  pump();
  return 0;
}

std::ptrdiff_t UsbPort::offer(usbdevfs_urb* urb) {
  auto* bytes = static_cast<std::uint8_t*>(urb->buffer);
  const auto length = static_cast<std::size_t>(urb->buffer_length);
  if (urb->type == USBDEVFS_URB_TYPE_CONTROL) {
    const UsbSetup setup = setup_of(bytes);
    Bytes data;
    if (!setup.in()) data.assign(bytes + 8, bytes + 8 + setup.length);
    const int result = model_.control(setup, data);
    if (result != 0) return result;
    const std::size_t count = std::min<std::size_t>(data.size(), setup.length);
    if (setup.in()) std::copy_n(data.begin(), count, bytes + 8);
    return setup.in() ? static_cast<std::ptrdiff_t>(count) : setup.length;
  }
  if ((urb->endpoint & 0x80) != 0) return model_.in(urb->endpoint, {bytes, length});
  const int result = model_.out(urb->endpoint, {bytes, length});
  return result == 0 ? static_cast<std::ptrdiff_t>(length) : result;
}

bool UsbPort::held_back(const usbdevfs_urb* urb) {
  if (lockstep_ == 0 || urb->type != USBDEVFS_URB_TYPE_BULK || (urb->endpoint & 0x80) == 0) {
    return false;
  }
  const auto waiting = static_cast<std::size_t>(std::ranges::count_if(
      waiting_, [&](const usbdevfs_urb* w) { return w->endpoint == urb->endpoint; }));
  std::size_t& most = most_waiting_[urb->endpoint];
  most = std::max(most, waiting);
  return waiting + lockstep_ - 1 < most;
}

// Offers every waiting URB to the model, in the order of their submission; on an endpoint that has
// nothing yet, none overtakes.
void UsbPort::pump() {
  std::set<std::uint8_t> quiet;
  for (std::size_t k = 0; k < waiting_.size() && !dead_;) {
    usbdevfs_urb* urb = waiting_[k];
    const bool control = urb->type == USBDEVFS_URB_TYPE_CONTROL;
    std::ptrdiff_t result = -EAGAIN;
    if (control || (!quiet.contains(urb->endpoint) && !held_back(urb))) result = offer(urb);
    if (result == -ENODEV) return die();
    if (result == -EAGAIN) {
      if (!control) quiet.insert(urb->endpoint);
      ++k;
      continue;
    }
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(k));
    finish(urb, result < 0 ? static_cast<int>(result) : 0,
           result < 0 ? 0 : static_cast<int>(result));
  }
}

long UsbPort::control(void* argument) {
  auto& transfer = at<usbdevfs_ctrltransfer>(argument);
  const UsbSetup setup{.type = transfer.bRequestType,
                       .request = transfer.bRequest,
                       .value = transfer.wValue,
                       .index = transfer.wIndex,
                       .length = transfer.wLength};
  auto* bytes = static_cast<std::uint8_t*>(transfer.data);
  Bytes data;
  if (!setup.in()) data.assign(bytes, bytes + setup.length);
  const int result = model_.control(setup, data);
  if (result != 0) return result;
  const std::size_t count = std::min<std::size_t>(data.size(), setup.length);
  if (setup.in()) std::copy_n(data.begin(), count, bytes);
  return static_cast<long>(count);
}

void UsbPort::finish(usbdevfs_urb* urb, int status, int length) {
  urb->status = status;
  urb->actual_length = length;
  in_flight_ -= static_cast<std::size_t>(urb->buffer_length);
  done_.push_back(urb);
}

int UsbPort::discard(usbdevfs_urb* urb) {
  const auto found = std::ranges::find(waiting_, urb);
  if (found == waiting_.end()) return dead_ ? -ENODEV : -EINVAL;
  if (keeps_discarded_) return 0;
  waiting_.erase(found);
  finish(urb, -ENOENT, 0);
  const auto same = [&](const usbdevfs_urb* other) { return other->endpoint == urb->endpoint; };
  if (std::ranges::none_of(waiting_, same)) model_.idle(urb->endpoint);
  return 0;
}

int UsbPort::reap(void* argument) {
  if (!dead_) pump();
  if (done_.empty()) return dead_ ? -ENODEV : -EAGAIN;
  at<usbdevfs_urb*>(argument) = done_.front();
  done_.pop_front();
  return 0;
}

void UsbPort::die() {
  if (!dead_) since_pulled_ = std::make_unique<Stopwatch>();
  dead_ = true;
  for (; !waiting_.empty(); waiting_.pop_front()) finish(waiting_.front(), -ESHUTDOWN, 0);
}

}  // namespace rig::fake
