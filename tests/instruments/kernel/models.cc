#include "tests/instruments/kernel/models.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <utility>

#include "fixtures/devices/ds1000z.h"
#include "fixtures/devices/fx2lafw_device.h"
#include "fixtures/devices/hantek6022.h"
#include "fixtures/devices/mcc_device.h"
#include "fixtures/devices/usbtmc_device.h"
#include "tests/instruments/kernel/forwarded_instrument.h"
#include "tests/instruments/kernel/played.h"

namespace rig::devices {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

PluggedModel scope(std::unique_ptr<Instrument> instrument) {
  PluggedModel made{.instrument = std::move(instrument)};
  made.device = std::make_unique<UsbtmcDevice>(UsbtmcTraits{}, *made.instrument);
  return made;
}

template <typename Device>
PluggedModel waiting_for_firmware(std::unique_ptr<Device> device) {
  device->stream.paced_by = seconds_now;
  device->runs_firmware = false;
  PluggedModel made;
  made.loads = device.get();
  made.device = std::move(device);
  return made;
}

PluggedModel mcc(bool is_204) {
  auto device = std::make_unique<MccDevice>(MccTraits{.is_204 = is_204}, played::saw);
  device->stream.paced_by = seconds_now;
  PluggedModel made;
  made.device = std::move(device);
  return made;
}

}  // namespace

PluggedModel make_model(const std::string& name) {
  if (name == "hantek6022") {
    return waiting_for_firmware(std::make_unique<Hantek6022>(HantekTraits{}, played::with_clock));
  }
  if (name == "fx2lafw") {
    return waiting_for_firmware(std::make_unique<Fx2lafwDevice>(played::counters));
  }
  if (name == "usb204" || name == "usb1608fsplus") return mcc(name == "usb204");
  if (name == "ds1000z") {
    return scope(std::make_unique<Ds1000z>(
        seconds_now, [](int, double t) { return 3 * std::sin(2 * M_PI * 50 * t); }));
  }
  if (name.starts_with("ds1000z@")) {
    auto elsewhere = std::make_unique<ForwardedInstrument>(name.substr(8));
    if (elsewhere->connected()) return scope(std::move(elsewhere));
  }
  std::fprintf(stderr, "redir_server: no such model, or nobody answers: %s\n", name.c_str());
  return {};
}

}  // namespace rig::devices
