// redir_server MODEL SOCKET: a model as a USB device for QEMU's usb-redir, served to one QEMU. The
// guest scripts its faults by vendor requests to the device: 0x40, value = fault (0 heals), request
// 0x53: index = the transfer it strikes, 0x54: index = KiB towards the host after which it strikes.
// An unplugged device comes back after 300 ms, as does one that was given a firmware.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <usbredirparser.h>

#include <fcntl.h>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <optional>
#include <set>
#include <utility>

#include "fixtures/devices/usb_device.h"
#include "tests/instruments/kernel/models.h"

namespace {

using rig::devices::Bytes;
using rig::devices::FaultyUsb;
using rig::devices::UsbSetup;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kUnplugged(300);
constexpr std::uint8_t kFaultAtTransfer = 0x53;
constexpr std::uint8_t kFaultAfterKiB = 0x54;
constexpr int kFastLink = 480;  // Mbit/s

class Server {
 public:
  Server(int socket, rig::devices::PluggedModel& model)
      : socket_(socket), parser_(usbredirparser_create()), faulty_(*model.device) {
    if (model.loads != nullptr) model.loads->on_run = [this] { renumerates_ = true; };
    parser_->priv = this;
    parser_->log_func = [](void*, int level, const char* text) {
      if (level <= usbredirparser_warning) std::fprintf(stderr, "redir: %s\n", text);
    };
    parser_->read_func = [](void* me, std::uint8_t* data, int count) {
      return of(me).transferred(::read(of(me).socket_, data, static_cast<std::size_t>(count)),
                                true);
    };
    parser_->write_func = [](void* me, std::uint8_t* data, int count) {
      return of(me).transferred(
          ::send(of(me).socket_, data, static_cast<std::size_t>(count), MSG_NOSIGNAL), false);
    };
    set_device_callbacks();
    set_transfer_callbacks();
    std::uint32_t caps[USB_REDIR_CAPS_SIZE] = {};
    for (const int cap : {usb_redir_cap_connect_device_version,
                          usb_redir_cap_ep_info_max_packet_size, usb_redir_cap_64bits_ids,
                          usb_redir_cap_32bits_bulk_length, usb_redir_cap_device_disconnect_ack}) {
      usbredirparser_caps_set_cap(caps, cap);
    }
    usbredirparser_init(parser_, "soleus-rig", caps, USB_REDIR_CAPS_SIZE,
                        usbredirparser_fl_usb_host);
  }
  ~Server() { usbredirparser_destroy(parser_); }

  void run() {
    while (true) {
      const bool writes = usbredirparser_has_data_to_write(parser_) > 0;
      pollfd poll{.fd = socket_,
                  .events = static_cast<short>(POLLIN | (writes ? POLLOUT : 0)),
                  .revents = 0};
      ::poll(&poll, 1, waiting_.empty() ? 20 : 1);
      if ((poll.revents & (POLLIN | POLLHUP)) != 0 && usbredirparser_do_read(parser_) < 0) return;
      pump();
      if (usbredirparser_has_data_to_write(parser_) > 0 && usbredirparser_do_write(parser_) < 0) {
        return;
      }
      if (replug_at_ && Clock::now() >= *replug_at_) {
        replug_at_.reset();
        if (!std::exchange(renumerates_, false)) faulty_.reset();
        plug();
      }
    }
  }

 private:
  struct Waiting {
    std::uint64_t id;
    usb_redir_bulk_packet_header header;
    std::uint32_t length;
  };

  static Server& of(void* me) { return *static_cast<Server*>(me); }

  int transferred(ssize_t count, bool reading) const {
    if (count < 0) return errno == EAGAIN ? 0 : -1;
    return count == 0 && reading ? -1 : static_cast<int>(count);
  }
  static std::uint8_t status_of(std::ptrdiff_t result) {
    switch (result) {
      case -EPIPE: return usb_redir_stall;
      case -EOVERFLOW: return usb_redir_babble;
      default: return result < 0 ? usb_redir_ioerror : usb_redir_success;
    }
  }

  void plug() {
    usb_redir_interface_info_header interfaces{};
    usb_redir_ep_info_header endpoints{};
    for (auto& type : endpoints.type) type = usb_redir_type_invalid;
    for (const int control : {0, 16}) {
      endpoints.type[control] = usb_redir_type_control;
      endpoints.max_packet_size[control] = 64;
    }
    std::uint8_t number = 0;
    for (const auto& i : faulty_.interfaces()) {
      interfaces.interface[number] = number;
      interfaces.interface_class[number] = i.interface_class;
      interfaces.interface_subclass[number] = i.subclass;
      interfaces.interface_protocol[number] = i.protocol;
      for (const auto& e : i.endpoints) {
        const int at = (e.address & 0x80) >> 3 | (e.address & 0x0F);
        endpoints.type[at] = e.bulk ? usb_redir_type_bulk : usb_redir_type_interrupt;
        endpoints.interface[at] = number;
        endpoints.max_packet_size[at] = e.packet;
        endpoints.interval[at] = e.bulk ? 0 : 9;
      }
      ++number;
    }
    interfaces.interface_count = number;
    usbredirparser_send_interface_info(parser_, &interfaces);
    usbredirparser_send_ep_info(parser_, &endpoints);
    const auto id = faulty_.identity();
    usb_redir_device_connect_header connect{};
    connect.speed = id.megabits >= kFastLink ? usb_redir_speed_high : usb_redir_speed_full;
    connect.vendor_id = id.vendor;
    connect.product_id = id.product;
    connect.device_version_bcd = id.release;
    usbredirparser_send_device_connect(parser_, &connect);
    connected_ = true;
  }

  void unplug() {
    waiting_.clear();
    connected_ = false;
    usbredirparser_send_device_disconnect(parser_);
    replug_at_ = Clock::now() + kUnplugged;
  }

  // On an endpoint that has nothing yet, no packet overtakes another: QEMU would not have it.
  void pump() {
    std::set<std::uint8_t> quiet;
    for (auto it = waiting_.begin(); connected_ && it != waiting_.end();) {
      if (quiet.contains(it->header.endpoint)) {
        ++it;
        continue;
      }
      Bytes buffer(it->length);
      const std::ptrdiff_t result = faulty_.in(it->header.endpoint, buffer);
      if (result == -ENODEV) return unplug();
      if (result == -EAGAIN) {
        quiet.insert(it->header.endpoint);
        ++it;
        continue;
      }
      answer(*it, status_of(result), buffer.data(),
             static_cast<std::uint32_t>(std::max<std::ptrdiff_t>(result, 0)));
      it = waiting_.erase(it);
    }
  }

  void answer(Waiting& packet, std::uint8_t status, std::uint8_t* data, std::uint32_t length) {
    packet.header.status = status;
    packet.header.length = static_cast<std::uint16_t>(length);
    packet.header.length_high = static_cast<std::uint16_t>(length >> 16);
    usbredirparser_send_bulk_packet(parser_, packet.id, &packet.header, length > 0 ? data : nullptr,
                                    static_cast<int>(length));
  }

  void bulk(std::uint64_t id, const usb_redir_bulk_packet_header& header, std::uint8_t* data,
            int count) {
    const std::uint32_t length = header.length | std::uint32_t{header.length_high} << 16;
    Waiting packet{.id = id, .header = header, .length = length};
    if ((header.endpoint & 0x80) != 0) {
      waiting_.push_back(packet);
      read_from_ = header.endpoint;
    } else {
      const int result = faulty_.out(header.endpoint, {data, static_cast<std::size_t>(count)});
      if (result == -ENODEV) return unplug();
      answer(packet, status_of(result), nullptr, 0);
    }
    pump();
  }

  static bool is_script(const UsbSetup& setup) {
    return setup.type == 0x40 &&
           (setup.request == kFaultAtTransfer || setup.request == kFaultAfterKiB);
  }
  void script(const UsbSetup& setup) {
    faulty_.heal();
    if (setup.value == 0) return;
    const auto fault = static_cast<FaultyUsb::Fault>(setup.value - 1);
    if (setup.request == kFaultAtTransfer) {
      faulty_.fail_at(setup.index, fault);
    } else {
      faulty_.fail_after(std::uint64_t{setup.index} << 10, fault);
    }
  }

  void control(std::uint64_t id, usb_redir_control_packet_header header, const std::uint8_t* sent,
               int count) {
    const UsbSetup setup{.type = header.requesttype,
                         .request = header.request,
                         .value = header.value,
                         .index = header.index,
                         .length = header.length};
    Bytes data(sent, sent + count);
    int result = 0;
    if (is_script(setup)) {
      script(setup);
    } else if (setup.type == 0x02 && setup.request == 1) {
      faulty_.clear_halt(static_cast<std::uint8_t>(setup.index));
    } else {
      result = faulty_.control(setup, data);
    }
    if (result == -ENODEV) return unplug();
    if (!setup.in() || result != 0) data.clear();
    data.resize(std::min<std::size_t>(data.size(), setup.length));
    header.status = status_of(result);
    header.length = static_cast<std::uint16_t>(setup.in() ? data.size() : setup.length);
    usbredirparser_send_control_packet(parser_, id, &header, data.empty() ? nullptr : data.data(),
                                       static_cast<int>(data.size()));
    if (renumerates_ && connected_) unplug();
  }

  // What completed meanwhile is past cancelling; with the last one nobody waits any more either
  // way.
  void cancel(std::uint64_t id) {
    const auto found = std::ranges::find(waiting_, id, &Waiting::id);
    if (found != waiting_.end()) {
      answer(*found, usb_redir_cancelled, nullptr, 0);
      waiting_.erase(found);
    }
    if (waiting_.empty()) faulty_.idle(read_from_);
  }

  void set_device_callbacks();
  void set_transfer_callbacks();

  int socket_;
  usbredirparser* parser_;
  FaultyUsb faulty_;
  bool renumerates_ = false;  // it goes to come back as what its firmware makes of it
  std::deque<Waiting> waiting_;
  std::uint8_t read_from_ = 0;  // endpoint of the last of them
  bool connected_ = false;
  std::uint8_t configuration_ = 0;
  std::optional<Clock::time_point> replug_at_;
};

void Server::set_device_callbacks() {
  parser_->hello_func = [](void* me, usb_redir_hello_header*) { of(me).plug(); };
  parser_->reset_func = [](void* me) { of(me).waiting_.clear(); };
  parser_->set_configuration_func = [](void* me, std::uint64_t id,
                                       usb_redir_set_configuration_header* asked) {
    of(me).configuration_ = asked->configuration;
    usb_redir_configuration_status_header status{usb_redir_success, asked->configuration};
    usbredirparser_send_configuration_status(of(me).parser_, id, &status);
  };
  parser_->get_configuration_func = [](void* me, std::uint64_t id) {
    usb_redir_configuration_status_header status{usb_redir_success, of(me).configuration_};
    usbredirparser_send_configuration_status(of(me).parser_, id, &status);
  };
  parser_->set_alt_setting_func = [](void* me, std::uint64_t id,
                                     usb_redir_set_alt_setting_header* asked) {
    usb_redir_alt_setting_status_header status{usb_redir_success, asked->interface, asked->alt};
    usbredirparser_send_alt_setting_status(of(me).parser_, id, &status);
  };
  parser_->get_alt_setting_func = [](void* me, std::uint64_t id,
                                     usb_redir_get_alt_setting_header* asked) {
    usb_redir_alt_setting_status_header status{usb_redir_success, asked->interface, 0};
    usbredirparser_send_alt_setting_status(of(me).parser_, id, &status);
  };
  parser_->start_interrupt_receiving_func = [](void* me, std::uint64_t id,
                                               usb_redir_start_interrupt_receiving_header* asked) {
    usb_redir_interrupt_receiving_status_header status{usb_redir_success, asked->endpoint};
    usbredirparser_send_interrupt_receiving_status(of(me).parser_, id, &status);
  };
  parser_->stop_interrupt_receiving_func = [](void* me, std::uint64_t id,
                                              usb_redir_stop_interrupt_receiving_header* asked) {
    usb_redir_interrupt_receiving_status_header status{usb_redir_success, asked->endpoint};
    usbredirparser_send_interrupt_receiving_status(of(me).parser_, id, &status);
  };
  parser_->device_disconnect_ack_func = [](void*) {};
}

void Server::set_transfer_callbacks() {
  parser_->cancel_data_packet_func = [](void* me, std::uint64_t id) { of(me).cancel(id); };
  parser_->control_packet_func = [](void* me, std::uint64_t id,
                                    usb_redir_control_packet_header* header, std::uint8_t* data,
                                    int count) {
    of(me).control(id, *header, data, count);
    if (data != nullptr) usbredirparser_free_packet_data(of(me).parser_, data);
  };
  parser_->bulk_packet_func = [](void* me, std::uint64_t id, usb_redir_bulk_packet_header* header,
                                 std::uint8_t* data, int count) {
    of(me).bulk(id, *header, data, count);
    if (data != nullptr) usbredirparser_free_packet_data(of(me).parser_, data);
  };
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("redir_server: expected MODEL SOCKET\n", stderr);
    return 2;
  }
  auto model = rig::devices::make_model(argv[1]);
  if (model.device == nullptr) return 1;
  const int listening = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, argv[2], sizeof address.sun_path - 1);
  if (::bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listening, 1) != 0) {
    std::perror("redir_server: bind");
    return 1;
  }
  const int client = ::accept(listening, nullptr, nullptr);
  if (client < 0) return 1;
  ::fcntl(client, F_SETFL, O_NONBLOCK);
  Server(client, model).run();
  return 0;
}
