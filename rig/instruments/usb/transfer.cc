#include "rig/instruments/usb/transfer.h"

#include <libusb-1.0/libusb.h>

#include <algorithm>
#include <new>
#include <stdexcept>

#include "rig/bench/alive.h"

namespace rig::usb {
namespace {

constexpr std::chrono::milliseconds kGiveBack(500);

}  // namespace

struct Transfer::State {
  struct Closer {
    void operator()(libusb_transfer* freed) const { libusb_free_transfer(freed); }
  };
  std::unique_ptr<libusb_transfer, Closer> transfer{libusb_alloc_transfer(0)};
  std::vector<std::uint8_t> buffer;
  Device* device = nullptr;
  Transfer* owner = nullptr;  // under the device's mutex, as is
  bool flying = false;
};

Transfer::Transfer(Device& device, std::uint8_t endpoint, bool bulk, std::size_t size)
    : device_(device), state_(std::make_unique<State>()) {
  if (!state_->transfer) throw std::bad_alloc();
  state_->device = &device;
  state_->owner = this;
  state_->buffer.resize(size);
  const auto fill = bulk ? libusb_fill_bulk_transfer : libusb_fill_interrupt_transfer;
  fill(state_->transfer.get(), device.handle_.get(), endpoint, state_->buffer.data(),
       static_cast<int>(size), &Transfer::complete, state_.get(), 0);
}

std::unique_ptr<Transfer> Transfer::control(Device& device, const ControlRequest& request,
                                            std::span<const std::uint8_t> data) {
  auto made = std::make_unique<Transfer>(device, std::uint8_t{0}, true,
                                         LIBUSB_CONTROL_SETUP_SIZE + data.size());
  std::uint8_t* buffer = made->state_->buffer.data();
  libusb_fill_control_setup(buffer, request.type, request.request, request.value, request.index,
                            static_cast<std::uint16_t>(data.size()));
  std::ranges::copy(data, buffer + LIBUSB_CONTROL_SETUP_SIZE);
  libusb_fill_control_transfer(made->state_->transfer.get(), device.handle_.get(), buffer,
                               &Transfer::complete, made->state_.get(), 0);
  return made;
}

Transfer::~Transfer() {
  if (cancel_and_wait()) return;
  const std::lock_guard lock(device_.mutex_);
  if (!state_->flying) return;
  std::erase(device_.flying_, this);
  state_->owner = nullptr;
  ++device_.abandoned_;
  static_cast<void>(state_.release());  // complete() deletes it, if that ever comes
}

void Transfer::submit(const char* operation) {
  if (device_.gone_) device_.fail(operation, LIBUSB_ERROR_NO_DEVICE);
  {
    const std::lock_guard lock(device_.mutex_);
    if (device_.stopped_) throw RigError(device_.where() + operation + ": cancelled");
    state_->flying = true;
    device_.flying_.push_back(this);
  }
  const int code = libusb_submit_transfer(state_->transfer.get());
  {
    const std::lock_guard lock(device_.mutex_);
    if (code == 0) {
      if (device_.stopped_) cancel();  // asked for between the two
      return;
    }
    state_->flying = false;
    std::erase(device_.flying_, this);
  }
  device_.fail(operation, code);
}

// On the event thread: notes the end and wakes who waits; nothing may be closed here.
void Transfer::complete(libusb_transfer* transfer) {
  auto* state = static_cast<State*>(transfer->user_data);
  Device& device = *state->device;
  const std::lock_guard lock(device.mutex_);
  if (state->owner == nullptr) {
    delete state;
    --device.abandoned_;
    device.completed_.notify_all();
    return;
  }
  state->flying = false;
  std::erase(device.flying_, state->owner);
  if (transfer->status == LIBUSB_TRANSFER_NO_DEVICE) device.gone_ = true;
  device.completed_.notify_all();
}

bool Transfer::wait(Deadline deadline) {
  if (std::this_thread::get_id() == device_.event_thread_) {
    throw std::logic_error("a USB transfer was waited for on the event thread");
  }
  while (!completes(std::min(deadline, Deadline::clock::now() + kBetweenSigns))) {
    alive();
    // What came while a sign of life took its time came in time.
    if (Deadline::clock::now() >= deadline) return completes(deadline);
  }
  return true;
}

bool Transfer::completes(Deadline deadline) {
  std::unique_lock lock(device_.mutex_);
  return device_.completed_.wait_until(lock, deadline, [&] { return !state_->flying; });
}

void Transfer::cancel() {
  libusb_cancel_transfer(state_->transfer.get());  // NOT_FOUND: just completed
}

bool Transfer::cancel_and_wait() {
  if (!in_flight()) return true;
  cancel();
  return completes(within(kGiveBack));
}

bool Transfer::in_flight() {
  const std::lock_guard lock(device_.mutex_);
  return state_->flying;
}

int Transfer::status() const { return state_->transfer->status; }

std::span<std::uint8_t> Transfer::data() {
  const bool control = state_->transfer->type == LIBUSB_TRANSFER_TYPE_CONTROL;
  return std::span(state_->buffer).subspan(control ? LIBUSB_CONTROL_SETUP_SIZE : 0);
}

std::size_t Transfer::received() const {
  return static_cast<std::size_t>(state_->transfer->actual_length);
}

}  // namespace rig::usb
