#include "rig/instruments/fx2_loader.h"

#include <algorithm>
#include <array>
#include <span>
#include <thread>
#include <vector>

#include "rig/bench/alive.h"
#include "rig/core/join.h"
#include "rig/instruments/intel_hex.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr std::uint8_t kVendorOut = 0x40;
constexpr std::uint8_t kWriteMemory = 0xA0;
constexpr std::uint16_t kCpuControl = 0xE600;  // 1 holds the processor, 0 lets it run
constexpr milliseconds kWriting(1000);
constexpr milliseconds kComesBack(3000);
constexpr std::size_t kMostAtOnce = 4096;

void write_memory(usb::Device& device, std::uint16_t address, std::span<const std::uint8_t> bytes) {
  std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
  const auto done = device.control({.type = kVendorOut, .request = kWriteMemory, .value = address},
                                   data, within(kWriting));
  if (done.outcome == usb::Outcome::kDone) return;
  throw RigError(
      device.where() + "load firmware: it " +
      (done.outcome == usb::Outcome::kStalled ? "refuses it: is it an FX2?" : "does not answer"));
}

void hold_processor(usb::Device& device, bool held) {
  write_memory(device, kCpuControl, std::array<std::uint8_t, 1>{std::uint8_t{held}});
}

void load(usb::Device& device, const std::vector<FirmwarePiece>& pieces) {
  hold_processor(device, true);
  for (const FirmwarePiece& piece : pieces) {
    std::span<const std::uint8_t> rest = piece.bytes;
    auto address = piece.address;
    while (!rest.empty()) {
      const auto part = rest.first(std::min(rest.size(), kMostAtOnce));
      write_memory(device, address, part);
      address = static_cast<std::uint16_t>(address + part.size());
      rest = rest.subspan(part.size());
    }
  }
  try {
    hold_processor(device, false);
  } catch (const usb::Unplugged&) {  // it runs before the transfer is over
  }
}

// The one that fits; nullptr: none.
const usb::DeviceInfo* only(const std::vector<usb::DeviceInfo>& devices,
                            const std::function<bool(const usb::DeviceInfo&)>& fits,
                            const std::string& name) {
  const usb::DeviceInfo* found = nullptr;
  for (const usb::DeviceInfo& info : devices) {
    if (!fits(info)) continue;
    if (found != nullptr) {
      throw RigError("usb: open: several " + name + " are attached, at ports " + found->port +
                     " and " + info.port + "; name the serial number, or leave one");
    }
    found = &info;
  }
  return found;
}

usb::Selector at_its_port(const usb::DeviceInfo& info) {
  usb::Selector selector = info.id;
  selector.port = info.port;
  return selector;
}

[[noreturn]] void not_there(const std::vector<usb::DeviceInfo>& devices, const Fx2Device& device,
                            const usb::Selector& asked) {
  std::string others;
  for (const usb::DeviceInfo& info : devices) {
    const std::string why = device.foreign(info);
    if (!why.empty()) throw RigError("usb " + in_words(info.id) + " (" + info.port + "): " + why);
    add_item(others, ", ", in_words(info.id));
  }
  throw Unreachable("usb " + in_words(asked) + ": open: no " + device.name +
                    " is attached; attached: " + (others.empty() ? "nothing" : others));
}

}  // namespace

usb::Selector ready_fx2(usb::Context& context, const Fx2Device& device, const usb::Selector& asked,
                        Deadline deadline) {
  const auto attached = context.devices();
  const auto wanted = [&](const usb::DeviceInfo& info) {
    return device.ready(info) && (asked.serial.empty() || asked.serial == info.id.serial);
  };
  if (const auto* ready = only(attached, wanted, device.name)) return at_its_port(*ready);
  const auto* bare = only(attached, device.bare, device.name);
  if (bare == nullptr) not_there(attached, device, asked);
  if (device.firmware.empty()) {
    throw RigError("usb " + in_words(bare->id) + " (" + bare->port +
                   "): open: it waits for its firmware; name the file: 'firmware:' in the bench "
                   "file's digitizer");
  }
  const auto pieces = load_fx2_firmware_file(device.firmware);
  {
    usb::Device opened(context, at_its_port(*bare), deadline);
    load(opened, pieces);
  }
  const auto same_port = [&](const usb::DeviceInfo& info) {
    return info.port == bare->port && wanted(info);
  };
  for (const Deadline comes_back = within(kComesBack);
       std::chrono::steady_clock::now() < comes_back; std::this_thread::sleep_for(kBetweenSigns)) {
    alive();
    const auto now = context.devices();
    const auto found = std::ranges::find_if(now, same_port);
    if (found != now.end()) return at_its_port(*found);
  }
  throw RigError("usb " + in_words(bare->id) + " (" + bare->port + "): load firmware: expected " +
                 in_words(asked) + " to come back at that port within 3 s: is " + device.firmware +
                 " the firmware for it?");
}

}  // namespace rig
