#include <libusb-1.0/libusb.h>
#include <sys/time.h>

#include <array>
#include <fstream>
#include <memory>
#include <string>

#include "rig/core/error.h"
#include "rig/instruments/usb/descriptors.h"
#include "rig/instruments/usb/device.h"

namespace rig::usb {
namespace {

constexpr timeval kRound{.tv_sec = 1, .tv_usec = 0};

std::string attribute(const std::string& port, const char* name) {
  std::ifstream file("/sys/bus/usb/devices/" + port + "/" + name);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string port_of(libusb_device* device) {
  std::array<std::uint8_t, 7> ports{};
  const int count = libusb_get_port_numbers(device, ports.data(), static_cast<int>(ports.size()));
  std::string port = std::to_string(libusb_get_bus_number(device));
  for (int k = 0; k < count; ++k) {
    port += (k == 0 ? "-" : ".") + std::to_string(ports.at(static_cast<std::size_t>(k)));
  }
  return port;
}

int megabits_of(libusb_device* device) {
  switch (libusb_get_device_speed(device)) {
    case LIBUSB_SPEED_LOW: return 1;
    case LIBUSB_SPEED_FULL: return 12;
    case LIBUSB_SPEED_HIGH: return 480;
    case LIBUSB_SPEED_SUPER: return 5000;
    case LIBUSB_SPEED_SUPER_PLUS: return 10000;
    default: return 0;
  }
}

struct ConfigCloser {
  void operator()(libusb_config_descriptor* config) const { libusb_free_config_descriptor(config); }
};

std::vector<InterfaceInfo> interfaces_of(libusb_device* device) {
  libusb_config_descriptor* raw = nullptr;
  if (libusb_get_active_config_descriptor(device, &raw) != 0 &&
      libusb_get_config_descriptor(device, 0, &raw) != 0) {
    return {};
  }
  const std::unique_ptr<libusb_config_descriptor, ConfigCloser> config(raw);
  std::vector<InterfaceInfo> interfaces;
  for (const auto& group : std::span(config->interface, config->bNumInterfaces)) {
    if (group.num_altsetting == 0) continue;
    const libusb_interface_descriptor& first = group.altsetting[0];
    InterfaceInfo info{.number = first.bInterfaceNumber,
                       .interface_class = first.bInterfaceClass,
                       .subclass = first.bInterfaceSubClass,
                       .protocol = first.bInterfaceProtocol};
    for (const auto& e : std::span(first.endpoint, first.bNumEndpoints)) {
      const int type = e.bmAttributes & LIBUSB_TRANSFER_TYPE_MASK;
      if (type != LIBUSB_TRANSFER_TYPE_BULK && type != LIBUSB_TRANSFER_TYPE_INTERRUPT) continue;
      info.endpoints.push_back({.address = e.bEndpointAddress,
                                .bulk = type == LIBUSB_TRANSFER_TYPE_BULK,
                                .packet = static_cast<std::uint16_t>(e.wMaxPacketSize & 0x7FF)});
    }
    interfaces.push_back(info);
  }
  return interfaces;
}

}  // namespace

DeviceInfo describe(libusb_device* device) {
  libusb_device_descriptor descriptor{};
  libusb_get_device_descriptor(device, &descriptor);
  DeviceInfo info{.id = {.vendor = descriptor.idVendor, .product = descriptor.idProduct},
                  .release = descriptor.bcdDevice,
                  .port = port_of(device),
                  .bus = libusb_get_bus_number(device),
                  .address = libusb_get_device_address(device),
                  .megabits = megabits_of(device),
                  .interfaces = interfaces_of(device)};
  info.id.serial = attribute(info.port, "serial");
  info.manufacturer = attribute(info.port, "manufacturer");
  info.product = attribute(info.port, "product");
  return info;
}

DeviceList::DeviceList(libusb_context* context) {
  count_ = libusb_get_device_list(context, &devices_);
  if (count_ < 0) {
    throw RigError(std::string("usb: list devices: ") +
                   libusb_strerror(static_cast<libusb_error>(count_)));
  }
}

DeviceList::~DeviceList() { libusb_free_device_list(devices_, 1); }

void Context::Closer::operator()(libusb_context* context) const { libusb_exit(context); }

Context::Context() {
  libusb_context* context = nullptr;
  const int code = libusb_init(&context);
  if (code != 0) {
    throw RigError("usb: this machine offers no USB devices to libusb (" +
                   std::string(libusb_strerror(static_cast<libusb_error>(code))) +
                   "); is /dev/bus/usb there?");
  }
  context_.reset(context);
  events_ = std::thread([this] { handle_events(); });
}

Context::~Context() {
  ends_ = true;
  libusb_interrupt_event_handler(context_.get());
  events_.join();
}

void Context::handle_events() {
  while (!ends_) {
    timeval round = kRound;
    libusb_handle_events_timeout_completed(context_.get(), &round, nullptr);
    ++rounds_;
  }
}

std::vector<DeviceInfo> Context::devices() const {
  std::vector<DeviceInfo> found;
  const DeviceList list(context_.get());
  for (libusb_device* device : list.devices()) found.push_back(describe(device));
  return found;
}

}  // namespace rig::usb
