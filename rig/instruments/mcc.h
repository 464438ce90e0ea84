// MCC's USB-204 (12 bits, 8 inputs one after the other, 500 kS/s of all together) and
// USB-1608FS-Plus (16 bits, 8 inputs at the same instant, 100 kS/s each) as the digitizer of a
// bench. Their converters are calibrated, and they say when samples were lost: then the stream
// stalls, and the status has its overrun bit.
//
// Every capture is a scan of so many samples as it is long. It counts when all of them came and the
// status says at its end that nothing was overrun.
#pragma once

#include <memory>
#include <string>

#include "rig/bench/bench.h"
#include "rig/bench/settings.h"
#include "rig/instruments/usb/device.h"

namespace rig {

// Context and clock must outlive it. Opens the device at once. Throws RigError.
std::unique_ptr<Digitizer> open_mcc(usb::Context& context, Clock& clock, const UsbSampler& settings,
                                    const ScopeSettings& scope);

// "MCC USB-204"; empty: none that this rig drives.
std::string mcc_name(const usb::DeviceInfo& device);

}  // namespace rig
