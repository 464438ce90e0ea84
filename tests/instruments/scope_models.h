// Each model of an oscilloscope, with what its driver needs to find it on USB.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "fixtures/devices/ds1000z.h"
#include "fixtures/devices/infiniivision.h"
#include "fixtures/devices/siglent_e11.h"
#include "fixtures/devices/siglent_sds.h"
#include "fixtures/devices/tektronix_scope.h"
#include "fixtures/devices/usbtmc_device.h"
#include "rig/bench/bench.h"

namespace rig::fake {

// Time is what the test says it is.
class SteppedClock final : public Clock {
 public:
  Picos now() const override { return now_; }
  void wait_until(Picos when) override { now_ = std::max(now_.load(), when); }

 private:
  std::atomic<Picos> now_ = Picos(std::chrono::milliseconds(1000));  // the model looks too
};

using ScopeClock = std::function<double()>;
using ScopeSignal = devices::ScopeModel::Signal;

struct ScopeKind {
  std::string_view name;
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  int digits = 9;  // of a block's length; 0: as many as it needs
  std::string_view data_query;
  std::unique_ptr<devices::ScopeModel> (*make)(ScopeClock, ScopeSignal);

  devices::UsbtmcTraits traits() const {
    return {.identity = {.vendor = vendor,
                         .product = product,
                         .manufacturer = "a maker",
                         .name = std::string(name),
                         .serial = "S1"}};
  }
};

template <typename Model, typename... Traits>
std::unique_ptr<devices::ScopeModel> made(ScopeClock now, ScopeSignal signal, Traits... traits) {
  return std::make_unique<Model>(std::move(now), std::move(signal), traits...);
}

inline const std::array<ScopeKind, 8>& scope_kinds() {
  using devices::ScopeModel;
  static const std::array<ScopeKind, 8> kKinds{{
      {"Ds1000z", 0x1AB1, 0x04CE, 9, ":WAV:DATA?",
       [](ScopeClock now, ScopeSignal signal) { return made<devices::Ds1000z>(now, signal); }},
      {"Mso5000", 0x1AB1, 0x0515, 9, ":WAV:DATA?",
       [](ScopeClock now, ScopeSignal signal) {
         return made<devices::Ds1000z>(now, signal, devices::mso5000_traits());
       }},
      {"Dho", 0x1AB1, 0x044D, 9, ":WAV:DATA?",
       [](ScopeClock now, ScopeSignal signal) {
         return made<devices::Ds1000z>(now, signal, devices::dho_traits());
       }},
      {"SiglentE11", 0xF4EC, 0x1011, 9, ":WAV:DATA?",
       [](ScopeClock now, ScopeSignal signal) { return made<devices::SiglentE11>(now, signal); }},
      {"SiglentHd", 0xF4EC, 0x1017, 9, ":WAV:DATA?",
       [](ScopeClock now, ScopeSignal signal) {
         return made<devices::SiglentE11>(
             now, signal,
             devices::SiglentE11Traits{
                 .identity = "Siglent Technologies,SDS1104X HD,SDS1HA00000001,1.1.3"});
       }},
      {"SiglentSds", 0xF4EC, 0x1012, 9, "C%:WF? DAT2",
       [](ScopeClock now, ScopeSignal signal) { return made<devices::SiglentSds>(now, signal); }},
      {"InfiniiVision", 0x2A8D, 0x17A6, 8, ":WAV:DATA?",
       [](ScopeClock now, ScopeSignal signal) {
         return made<devices::InfiniiVision>(now, signal);
       }},
      {"Tektronix", 0x0699, 0x0408, 0, "CURVE?",
       [](ScopeClock now, ScopeSignal signal) {
         return made<devices::TektronixScope>(now, signal);
       }},
  }};
  return kKinds;
}

}  // namespace rig::fake
