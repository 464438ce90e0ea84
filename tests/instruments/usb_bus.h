// An emulated usbfs in front of the unmodified libusb-1.0 in this process: umockdev shows it a
// made-up /sys and /dev, and the ioctls on its device nodes end here. As strict as the kernel where
// that matters: claims, bound drivers, 16 MiB in flight, ENODEV ever after the cable is pulled.
#pragma once

#include <umockdev.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "fixtures/devices/usb_device.h"
#include "tests/instruments/stopwatch.h"

struct usbdevfs_urb;

namespace rig::fake {

class UsbPort;

class UsbBus {
 public:
  UsbBus();
  ~UsbBus();
  UsbBus(const UsbBus&) = delete;
  UsbBus& operator=(const UsbBus&) = delete;

  // The model must outlive the bus. Returns the port, which lives as long as the bus.
  UsbPort& plug(devices::UsbDevice& model, const std::string& port = "1-1",
                const std::string& kernel_driver = "");
  std::string root() const;  // the made-up file system

 private:
  friend class UsbPort;
  UMockdevTestbed* testbed_;
  int next_address_ = 2;
  std::vector<std::unique_ptr<UsbPort>> ports_;
};

class UsbPort {
 public:
  UsbPort(UsbBus& bus, devices::UsbDevice& model, std::string name, const std::string& driver);
  ~UsbPort();

  void pull();          // the cable, at once
  void pull_at(int n);  // at the n-th ioctl from now (from 0)
  void replug();        // under a new address, as a kernel does it
  void renumerate();    // the same, but the device did it and keeps its memory
  // Completes what reads a bulk endpoint only while as many transfers wait there as ever did, but
  // for `ahead` - 1: the device is just as slow as the host, whatever the machine's load.
  void lockstep(std::size_t ahead = 1);
  // The mocked file always polls ready, and whoever waits for it asks again and again: an answer
  // that nothing has come takes so long. A real kernel lets him sleep.
  void hold(std::chrono::microseconds so_long);
  pid_t kernel_thread() const;                       // that the host's calls and the model run in
  void meanwhile(const std::function<void()>& act);  // between two of the host's calls
  void claim_elsewhere(bool held);
  void forbid();  // nobody but root may open it any more
  // Since the cable was pulled, while it is: time in which this process got to run.
  std::chrono::nanoseconds since_pulled() const;
  int ioctls() const { return ioctls_; }
  int address() const { return address_; }
  std::string driver();                      // bound to interface 0
  std::map<std::string, int> calls() const;  // such as {"SETCONFIGURATION": 1}
  std::string node() const;                  // its file in the made-up file system
  void keep_discarded_urbs();                // a kernel gone mad
  void give_back_urbs();

 private:
  struct Urb {
    usbdevfs_urb* urb;
  };
  static gboolean on_ioctl(UMockdevIoctlBase* base, UMockdevIoctlClient* client, gpointer port);
  std::chrono::microseconds held() const;
  void show();
  void hide();
  long ioctl(unsigned long request, void* argument);
  long bookkeeping(unsigned long request, void* argument);
  long claim(unsigned number);
  int submit(usbdevfs_urb* urb);
  int submit_control(usbdevfs_urb* urb);
  long control(void* argument);
  void pump();
  std::ptrdiff_t offer(usbdevfs_urb* urb);
  bool held_back(const usbdevfs_urb* urb);
  void finish(usbdevfs_urb* urb, int status, int length);
  int discard(usbdevfs_urb* urb);
  int reap(void* argument);
  void die();
  bool owns(std::uint8_t endpoint) const;

  UsbBus& bus_;
  devices::UsbDevice& model_;
  std::string name_;
  UMockdevIoctlBase* handler_;
  mutable std::recursive_mutex mutex_;
  int address_ = 0;
  int ioctls_ = 0;
  int pull_at_ = -1;
  bool dead_ = false;
  std::unique_ptr<Stopwatch> since_pulled_;  // under mutex_
  bool elsewhere_ = false;
  bool keeps_discarded_ = false;
  std::chrono::microseconds hold_{100};
  pid_t kernel_thread_ = 0;
  std::size_t lockstep_ = 0;                          // how far ahead; 0: as fast as it can
  std::map<std::uint8_t, std::size_t> most_waiting_;  // transfers, of each endpoint
  std::map<unsigned, std::string> drivers_;           // of each interface; "usbfs": claimed
  std::string kernel_driver_;
  std::map<std::string, int> calls_;
  std::deque<usbdevfs_urb*> waiting_;
  std::deque<usbdevfs_urb*> done_;
  std::size_t in_flight_ = 0;  // bytes
};

}  // namespace rig::fake
