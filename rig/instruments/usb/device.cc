#include "rig/instruments/usb/device.h"

#include <libusb-1.0/libusb.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <utility>

#include "rig/core/join.h"
#include "rig/instruments/usb/descriptors.h"
#include "rig/instruments/usb/holder.h"
#include "rig/instruments/usb/permission.h"
#include "rig/instruments/usb/transfer.h"

namespace rig::usb {
namespace {

constexpr std::chrono::milliseconds kProbe(150);
constexpr std::chrono::milliseconds kDrain(500);
constexpr std::uint8_t kIn = 0x80;

std::string message(int code) { return libusb_strerror(static_cast<libusb_error>(code)); }

// What the user can do about it; empty: nothing that we know of.
std::string cure(int code, const DeviceInfo& device) {
  switch (code) {
    case LIBUSB_ERROR_ACCESS: return "; " + permission_cure(device.id);
    case LIBUSB_ERROR_BUSY: {
      const std::string holders = holders_of(device.bus, device.address);
      return holders.empty()
                 ? "; held by a process of another user or by a kernel driver: 'fuser " +
                       node_of(device.bus, device.address) + "' as root names it"
                 : "; held by " + holders + ": stop it";
    }
    case LIBUSB_ERROR_NO_MEM:
      return "; the kernel's limit for USB buffers is reached: as root, 'echo 256 > "
             "/sys/module/usbcore/parameters/usbfs_memory_mb'";
    default: return {};
  }
}

std::string endpoint_in_words(const char* what, std::uint8_t endpoint) {
  std::array<char, 32> words{};
  std::snprintf(words.data(), words.size(), "%s 0x%02x", what, unsigned{endpoint});
  return words.data();
}

bool matches(const Selector& asked, const Selector& id) {
  return asked.vendor == id.vendor && asked.product == id.product &&
         (asked.serial.empty() || asked.serial == id.serial);
}

bool matches(const Selector& asked, const DeviceInfo& info) {
  return matches(asked, info.id) && (asked.port.empty() || asked.port == info.port);
}

libusb_device* choose(const DeviceList& list, const Selector& selector) {
  libusb_device* chosen = nullptr;
  std::string matching;
  std::string others;
  for (libusb_device* device : list.devices()) {
    const DeviceInfo info = describe(device);
    if (!matches(selector, info)) {
      add_item(others, ", ", in_words(info.id));
      continue;
    }
    if (chosen != nullptr) {
      throw RigError("usb " + in_words(selector) + ": open: several are attached (" + matching +
                     ", " + in_words(info.id) + "); name the serial number");
    }
    chosen = device;
    matching = in_words(info.id);
  }
  if (chosen == nullptr) {
    throw Unreachable("usb " + in_words(selector) +
                      ": open: not attached; attached: " + (others.empty() ? "nothing" : others));
  }
  return chosen;
}

}  // namespace

void Device::Closer::operator()(libusb_device_handle* handle) const { libusb_close(handle); }

Device::Device(Context& context, const Selector& selector, Deadline deadline)
    : context_(context), event_thread_(context.events_.get_id()) {
  const DeviceList list(context.context_.get());
  libusb_device* device = choose(list, selector);
  info_ = describe(device);
  lock_ = std::make_unique<SerialLock>(info_.id, deadline);
  open(device);
}

void Device::open(libusb_device* device) {
  libusb_device_handle* handle = nullptr;
  const int code = libusb_open(device, &handle);
  if (code != 0) fail("open", code);
  handle_.reset(handle);
  libusb_set_auto_detach_kernel_driver(handle, 1);
  int configuration = 0;
  const int asked = libusb_get_configuration(handle, &configuration);
  if (asked != 0) fail("get configuration", asked);
  if (configuration == 0) {
    const int set = libusb_set_configuration(handle, 1);
    if (set != 0) fail("set configuration", set);
    info_ = describe(device);
  }
}

Device::~Device() {
  cancel_all();
  std::unique_lock lock(mutex_);
  completed_.wait_for(lock, kDrain, [&] { return flying_.empty() && abandoned_ == 0; });
  lock.unlock();
  handle_.reset();
}

std::string Device::where() const {
  return "usb " + in_words(info_.id) + " (" + info_.port + "): ";
}

void Device::fail(const std::string& operation, int code) {
  if (code == LIBUSB_ERROR_NO_DEVICE) gone_ = true;
  if (gone_) throw Unplugged(where() + operation + ": unplugged");
  throw RigError(where() + operation + ": " + message(code) + cure(code, info_));
}

bool Device::answers() {
  try {
    const auto probe = Transfer::control(*this, {.type = kIn, .request = LIBUSB_REQUEST_GET_STATUS},
                                         std::array<std::uint8_t, 2>{});
    probe->submit("probe");
    if (!probe->wait(within(kProbe))) return false;
    return probe->status() == LIBUSB_TRANSFER_COMPLETED || probe->status() == LIBUSB_TRANSFER_STALL;
  } catch (const RigError&) {
    return false;
  }
}

Transferred Device::settle(Transfer& transfer, const std::string& operation, Deadline deadline) {
  // Else a device that dribbles could be read for ever, each time too late and yet successfully.
  if (std::chrono::steady_clock::now() >= deadline) return {.outcome = Outcome::kTimedOut};
  transfer.submit(operation.c_str());
  bool late = false;
  if (!transfer.wait(deadline)) {
    late = true;
    if (!transfer.cancel_and_wait()) {
      throw RigError(where() + operation + ": the kernel did not give the transfer back");
    }
  }
  return judge(transfer, operation, late);
}

Transferred Device::judge(Transfer& transfer, const std::string& operation, bool late) {
  Transferred done{.bytes = transfer.received()};
  switch (transfer.status()) {
    case LIBUSB_TRANSFER_COMPLETED: return done;
    case LIBUSB_TRANSFER_STALL: done.outcome = Outcome::kStalled; return done;
    case LIBUSB_TRANSFER_OVERFLOW:
      return {.outcome = Outcome::kOverflow};  // its byte count depends on the host controller
    case LIBUSB_TRANSFER_CANCELLED:
      if (!late) throw RigError(where() + operation + ": cancelled");
      done.outcome = Outcome::kTimedOut;
      return done;
    case LIBUSB_TRANSFER_NO_DEVICE: fail(operation, LIBUSB_ERROR_NO_DEVICE);
    default:
      // Some host controllers say ERROR first when the cable is pulled.
      if (!answers()) fail(operation, LIBUSB_ERROR_NO_DEVICE);
      throw RigError(where() + operation +
                     ": the transfer failed on the wire; check cable, hub and supply");
  }
}

Transferred Device::in(std::uint8_t endpoint, std::span<std::uint8_t> into, Deadline deadline) {
  Transfer transfer(*this, endpoint, true, into.size());
  const Transferred done = settle(transfer, endpoint_in_words("bulk in", endpoint), deadline);
  std::ranges::copy(transfer.data().first(done.bytes), into.begin());
  return done;
}

Transferred Device::out(std::uint8_t endpoint, std::span<const std::uint8_t> bytes,
                        Deadline deadline) {
  Transfer transfer(*this, endpoint, true, bytes.size());
  std::ranges::copy(bytes, transfer.data().begin());
  return settle(transfer, endpoint_in_words("bulk out", endpoint), deadline);
}

Transferred Device::control(const ControlRequest& request, std::span<std::uint8_t> data,
                            Deadline deadline) {
  const auto transfer = Transfer::control(*this, request, data);
  const Transferred done =
      settle(*transfer, endpoint_in_words("control request", request.request), deadline);
  if ((request.type & kIn) != 0) {
    std::ranges::copy(transfer->data().first(done.bytes), data.begin());
  }
  return done;
}

void Device::clear_halt(std::uint8_t endpoint) {
  if (gone_) fail("clear halt", LIBUSB_ERROR_NO_DEVICE);
  const int code = libusb_clear_halt(handle_.get(), endpoint);
  if (code != 0) fail(endpoint_in_words("clear halt", endpoint), code);
}

void Device::reset() {
  if (gone_) fail("reset", LIBUSB_ERROR_NO_DEVICE);
  const int code = libusb_reset_device(handle_.get());
  // NOT_FOUND: it came back as something new, under another address.
  if (code != 0) fail("reset", code == LIBUSB_ERROR_NOT_FOUND ? LIBUSB_ERROR_NO_DEVICE : code);
}

void Device::look() { libusb_interrupt_event_handler(context_.context_.get()); }

void Device::cancel_all() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (Transfer* transfer : flying_) transfer->cancel();
}

Interface::Interface(Device& device, std::uint8_t number) : device_(device), number_(number) {
  const std::string operation = "claim interface " + std::to_string(number);
  if (device.gone_) device.fail(operation, LIBUSB_ERROR_NO_DEVICE);
  const int code = libusb_claim_interface(device.handle_.get(), number);
  if (code != 0) device.fail(operation, code);
}

Interface::~Interface() { libusb_release_interface(device_.handle_.get(), number_); }

}  // namespace rig::usb
