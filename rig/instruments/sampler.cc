#include "rig/instruments/sampler.h"

#include <cmath>

#include "rig/instruments/fx2lafw.h"
#include "rig/instruments/hantek6022.h"
#include "rig/instruments/mcc.h"
#include "rig/instruments/streaming_sampler.h"

namespace rig {
namespace {

struct Converter {
  int bits;
  double widest;  // V
};

Converter converter_of(UsbSampler::Kind kind) {
  switch (kind) {
    case UsbSampler::Kind::kHantek6022: return {.bits = 8, .widest = 5.12};
    case UsbSampler::Kind::kUsb204: return {.bits = 12, .widest = 10};
    case UsbSampler::Kind::kUsb1608fsPlus: return {.bits = 16, .widest = 10};
    case UsbSampler::Kind::kFx2lafw: break;
  }
  return {.bits = 1, .widest = 1};
}

}  // namespace

std::unique_ptr<Digitizer> open_sampler(usb::Context& context, Clock& clock,
                                        const UsbSampler& settings, const ScopeSettings& scope) {
  switch (settings.kind) {
    case UsbSampler::Kind::kHantek6022: return open_hantek6022(context, clock, settings, scope);
    case UsbSampler::Kind::kFx2lafw: return open_fx2lafw(context, clock, settings, scope);
    default: return open_mcc(context, clock, settings, scope);
  }
}

Channel channel_of(const UsbSampler& settings, const ScopeChannel& channel) {
  const Converter converter = converter_of(settings.kind);
  if (channel.unit == "logic") {
    return {.name = channel.name, .unit = channel.unit, .bits = 1, .clip_low = -1, .clip_high = 2};
  }
  const double per_volt = channel.probe * std::fabs(channel.units_per_volt);
  const double volts = channel.range > 0 ? channel.range / per_volt : converter.widest;
  const auto half = static_cast<std::int32_t>(std::ldexp(1, converter.bits - 1));
  Channel known = as_channel(channel, volts / half, 0);
  known.bits = converter.bits;
  known.clip_low = -half;
  known.clip_high = half - 1;
  return known;
}

std::string sampler_name(const usb::DeviceInfo& device) {
  if (is_hantek6022(device)) return "Hantek 6022";
  if (is_fx2lafw(device) || is_bare_fx2lafw(device)) return "fx2lafw logic analyzer";
  return mcc_name(device);
}

std::string sampler_trouble(const usb::DeviceInfo& device) {
  if (is_hantek6022(device)) return hantek6022_trouble(device);
  if (is_bare_fx2lafw(device))
    return "it waits for its firmware: a bench file names it, and loads it";
  return {};
}

}  // namespace rig
