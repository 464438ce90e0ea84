// The data of a STATUS reply.
#include "logic/device.h"
#include "logic/writer.h"

void Device::write_status(Writer& out) const {
  const StatusReport now = report();
  out.u8(static_cast<uint8_t>(now.state));
  out.u8(static_cast<uint8_t>(now.fault));
  out.u8(now.flags);
  out.u32(now.amplitude_ua);
  out.u32(now.current_ua);
  out.u32(now.voltage_mv);
  out.u16(now.supply_mv);
  out.u32(now.pulses);
  out.u32(now.session_ms);
}
