#include "rig/instruments/instrument_bench.h"

#include <utility>

#include "rig/core/error.h"
#include "rig/instruments/device_link.h"
#include "rig/instruments/scpi_scope.h"
#include "rig/instruments/scpi_socket.h"
#include "rig/instruments/usbtmc.h"
#include "rig/instruments/wall_clock.h"

namespace rig {
namespace {

constexpr std::chrono::milliseconds kOpen(5000);

// Nobody but the operator touches the table.
class Untouched final : public Surroundings {
 public:
  void apply(const Disturbance& what, const Moment& /*when*/) override {
    const bool load = std::holds_alternative<Load>(what);
    const bool supply = std::holds_alternative<SupplyChange>(what);
    throw Blocked(std::string("this bench has no ") + (load     ? "load box"
                                                       : supply ? "supply that can be set"
                                                                : "hand for that"));
  }
  std::vector<Applied> take_applied() override { return {}; }
  std::vector<std::string> take_doubts() override { return {}; }
  void power_cycle() override { throw Blocked("this bench cannot switch the device off and on"); }
};

// A scope on USB, and the context that it lives in.
class UsbScope final : public Digitizer {
 public:
  UsbScope(const UsbAddress& address, Clock& clock, const ScopeSettings& settings)
      : scope_(make_scope(open_usbtmc(context_, usb::read_selector(address.text), within(kOpen)),
                          clock, settings)) {}
  CaptureInfo arm(const CaptureSetup& setup) override { return scope_->arm(setup); }
  bool collect(Picos until, BlockSink& sink) override { return scope_->collect(until, sink); }

 private:
  usb::Context context_;
  std::unique_ptr<Digitizer> scope_;
};

std::unique_ptr<Digitizer> open_scope(const UsbAddress& address, Clock& clock,
                                      const ScopeSettings& settings) {
  return std::make_unique<UsbScope>(address, clock, settings);
}
std::unique_ptr<Digitizer> open_scope(const TcpAddress& address, Clock& clock,
                                      const ScopeSettings& settings) {
  return make_scope(open_scpi_socket(read_socket_address(address.text), within(kOpen)), clock,
                    settings);
}

std::string in_words(const UsbAddress& address) { return "usb " + address.text; }

BenchFacts facts_of(const InstrumentBenchSettings& s) {
  BenchFacts facts{.title = s.title,
                   .protocol = s.protocol,
                   .text_protocol = s.text_protocol,
                   .load = s.load,
                   .load_u = s.load_u,
                   .electrode_area = s.electrode_area,
                   .custody = s.custody,
                   .one_at_a_time = true,
                   .stays_powered = true};
  for (const ScopeChannel& c : s.digitizer.channels) {
    facts.capabilities.insert("channel." + c.name);
    facts.channels.push_back(widest_range_of(c));
  }
  facts.instruments = {
      {"device", std::visit([](const auto& where) { return in_words(where); }, s.device)},
      {"digitizer", std::visit([](const auto& where) { return in_words(where); }, s.scope)}};
  return facts;
}

}  // namespace

Bench open_instrument_bench(const InstrumentBenchSettings& settings) {
  Bench bench{.facts = facts_of(settings),
              .clock = make_wall_clock(),
              .link = nullptr,
              .digitizer = nullptr,
              .surroundings = std::make_unique<Untouched>()};
  bench.link =
      std::visit([&](const auto& d) { return open_device_link(d, *bench.clock); }, settings.device);
  bench.digitizer =
      std::visit([&](const auto& s) { return open_scope(s, *bench.clock, settings.digitizer); },
                 settings.scope);
  return bench;
}

}  // namespace rig
