// The models that can be plugged into the guest, by name.
#pragma once

#include <memory>
#include <string>

#include "fixtures/devices/fx2_device.h"
#include "fixtures/devices/instrument.h"
#include "fixtures/devices/usb_device.h"

namespace rig::devices {

struct PluggedModel {
  std::unique_ptr<Instrument> instrument;  // behind the device, where there is one
  std::unique_ptr<UsbDevice> device;
  Fx2Device* loads = nullptr;  // the same device, when it takes a firmware
};

// "ds1000z", "ds1000z@HOST:PORT" (one that answers there), "hantek6022" and "fx2lafw" (both wait
// for their firmware), "usb204", "usb1608fsplus"; at real time. nullptr for the device: no such
// model, or nobody answers; says so on stderr.
PluggedModel make_model(const std::string& name);

}  // namespace rig::devices
