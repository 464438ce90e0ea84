// USB devices through libusb: owners for the context with its event thread, for an open device, for
// a claimed interface. The order of destruction is the order of release: transfers, interfaces,
// device, context; each must outlive what borrows it.
//
// Every transfer is asynchronous underneath and has a deadline; one thread per context completes
// them all. What a device may say about one transfer (stall, silence, too much) is a value; what
// ends the work with it is an exception: Unplugged, or another RigError that names device,
// operation and cure.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "rig/core/error.h"
#include "rig/instruments/deadline.h"
#include "rig/instruments/unreachable.h"
#include "rig/instruments/usb/selector.h"
#include "rig/instruments/usb/serial_lock.h"

struct libusb_context;
struct libusb_device;
struct libusb_device_handle;
struct libusb_transfer;

namespace rig::usb {

// The cable was pulled, or the device reset itself.
class Unplugged : public Unreachable {
 public:
  using Unreachable::Unreachable;
};

struct Endpoint {
  std::uint8_t address = 0;  // bit 7: towards the host
  bool bulk = true;          // else interrupt
  std::uint16_t packet = 0;  // wMaxPacketSize: take it from here, never a fixed 512
};

struct InterfaceInfo {
  std::uint8_t number = 0;
  std::uint8_t interface_class = 0;
  std::uint8_t subclass = 0;
  std::uint8_t protocol = 0;
  std::vector<Endpoint> endpoints;
};

struct DeviceInfo {
  Selector id;
  std::uint16_t release = 0;  // bcdDevice
  std::string manufacturer;
  std::string product;
  std::string port;  // "1-1.4": bus and ports on the way
  int bus = 0;
  int address = 0;
  int megabits = 0;  // link speed, Mbit/s; 0: not known
  std::vector<InterfaceInfo> interfaces;
};

class Context {
 public:
  Context();  // throws RigError when this machine has no USB
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // What is attached now. Opens nothing: names come from sysfs, so busy devices stay undisturbed.
  std::vector<DeviceInfo> devices() const;

 private:
  friend class Device;
  struct Closer {
    void operator()(libusb_context* context) const;
  };
  void handle_events();

  std::unique_ptr<libusb_context, Closer> context_;
  std::atomic<bool> ends_{false};
  std::atomic<std::uint64_t> rounds_{0};
  std::thread events_;
};

class Transfer;

enum class Outcome : std::uint8_t { kDone, kTimedOut, kStalled, kOverflow };

struct Transferred {
  Outcome outcome = Outcome::kDone;
  std::size_t bytes = 0;  // what came before a timeout counts too
};

struct ControlRequest {
  std::uint8_t type = 0;  // bmRequestType; bit 7: towards the host
  std::uint8_t request = 0;
  std::uint16_t value = 0;
  std::uint16_t index = 0;
};

class Device {
 public:
  // The context must outlive it. Takes the lock of its serial number (waiting until the deadline
  // while another process has it), opens it, and configures it only if it is not configured: to set
  // the same configuration again hangs some scopes. Throws RigError; the text holds the udev rule
  // when permission is missing.
  Device(Context& context, const Selector& selector, Deadline deadline);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  const DeviceInfo& info() const { return info_; }

  // REQUIRES: into.size() is a multiple of the endpoint's packet: else a good packet overflows.
  Transferred in(std::uint8_t endpoint, std::span<std::uint8_t> into, Deadline deadline);
  Transferred out(std::uint8_t endpoint, std::span<const std::uint8_t> bytes, Deadline deadline);
  Transferred control(const ControlRequest& request, std::span<std::uint8_t> data,
                      Deadline deadline);

  // These two wait in the kernel, which gives up after 5 s by itself.
  void clear_halt(std::uint8_t endpoint);
  void reset();  // the device may come back under a new address: open it again

  // How often the event thread has looked at everything that there was. It sleeps while no device
  // has anything, unless it is told to look.
  std::uint64_t rounds() const { return context_.rounds_; }
  void look();

  // Ends every transfer under way, from any thread; those who wait for one get RigError.
  void cancel_all();

  // "usb 1AB1:04CE:DS1ZA1 (1-1.4): "
  std::string where() const;

 private:
  friend class Interface;
  friend class Stream;
  friend class Transfer;
  struct Closer {
    void operator()(libusb_device_handle* handle) const;
  };

  void open(libusb_device* device);
  Transferred settle(Transfer& transfer, const std::string& operation, Deadline deadline);
  // What a completed transfer means; `late`: it was cancelled because its deadline had passed.
  Transferred judge(Transfer& transfer, const std::string& operation, bool late);
  [[noreturn]] void fail(const std::string& operation, int code);
  bool answers();  // to a standard request, soon

  Context& context_;
  DeviceInfo info_;
  std::unique_ptr<SerialLock> lock_;
  std::unique_ptr<libusb_device_handle, Closer> handle_;
  std::thread::id event_thread_;

  std::mutex mutex_;
  std::condition_variable completed_;
  std::vector<Transfer*> flying_;  // under mutex_
  int abandoned_ = 0;              // under mutex_: cancelled, and not given back in time
  bool stopped_ = false;           // under mutex_
  std::atomic<bool> gone_{false};
};

// A claimed interface. A kernel driver that had it is detached, and re-attached at the end.
class Interface {
 public:
  Interface(Device& device, std::uint8_t number);
  ~Interface();
  Interface(const Interface&) = delete;
  Interface& operator=(const Interface&) = delete;

 private:
  Device& device_;
  std::uint8_t number_;
};

}  // namespace rig::usb
