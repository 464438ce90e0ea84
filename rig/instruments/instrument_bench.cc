#include "rig/instruments/instrument_bench.h"

#include <algorithm>
#include <utility>

#include "rig/core/error.h"
#include "rig/instruments/device_link.h"
#include "rig/instruments/intel_hex.h"
#include "rig/instruments/placed.h"
#include "rig/instruments/sampler.h"
#include "rig/instruments/scope_talk.h"
#include "rig/instruments/scpi_scope.h"
#include "rig/instruments/scpi_socket.h"
#include "rig/instruments/table.h"
#include "rig/instruments/usbtmc.h"

namespace rig {
namespace {

constexpr std::chrono::milliseconds kOpen(5000);

// An instrument on USB, and the context that it lives in.
class UsbScpi final : public ScpiLink {
 public:
  explicit UsbScpi(const UsbAddress& address)
      : link_(open_usbtmc(context_, usb::read_selector(address.text), within(kOpen))) {}
  void write(std::string_view message, Deadline deadline) override {
    link_->write(message, deadline);
  }
  Bytes ask(std::string_view query, Deadline deadline) override {
    return link_->ask(query, deadline);
  }
  std::string where() const override { return link_->where(); }
  std::chrono::milliseconds poll_interval() const override { return link_->poll_interval(); }
  std::vector<std::string> take_notes() override { return link_->take_notes(); }

 private:
  usb::Context context_;
  std::unique_ptr<ScpiLink> link_;
};

std::unique_ptr<ScpiLink> open_scpi(const UsbAddress& address) {
  return std::make_unique<UsbScpi>(address);
}
std::unique_ptr<ScpiLink> open_scpi(const TcpAddress& address) {
  return open_scpi_socket(read_socket_address(address.text), within(kOpen));
}

// Opens the parts of a table one after the other, whatever becomes of the one before.
class Openings {
 public:
  // Returns null for what cannot be used.
  template <typename Open>
  auto attempt(const Seat& seat, Open open) -> decltype(open()) {
    Opening& part = parts_.emplace_back();
    part.role = seat.role;
    part.place = seat.place;
    try {
      return open();
    } catch (const PlacedError& error) {
      part.what = error.bare;
      part.cure = error.cure;
    } catch (const Unreachable& error) {
      part.what = error.what();
      part.cure = seat.cure_of(error);
    } catch (const RigError& error) {
      part.what = error.what();
    } catch (const InputError& error) {
      throw InputError(seat.begin() + error.what());
    }
    return nullptr;
  }
  void require_all() {
    const auto fails = [](const Opening& part) { return !part.what.empty(); };
    if (std::ranges::any_of(parts_, fails)) throw TableNotReady(std::move(parts_));
  }

 private:
  std::vector<Opening> parts_;
};

std::unique_ptr<LoadBox> open_load_box(const SurroundingsSettings& settings, Clock& clock,
                                       Openings& openings) {
  if (std::holds_alternative<OperatorSettings>(settings.load_box)) return make_operator(clock);
  const auto* box = std::get_if<SwitchBoxSettings>(&settings.load_box);
  if (box == nullptr) return nullptr;
  const auto open = [&](const auto& where) {
    const Seat seat = seat_of("load box", where);
    return openings.attempt(seat, [&] {
      return make_switch_box(at_seat(open_device_link(where, clock), seat), *box, clock);
    });
  };
  return std::visit(open, box->where);
}

std::unique_ptr<BenchSupply> open_supply(const SurroundingsSettings& settings, Clock& clock,
                                         Openings& openings) {
  if (!settings.supply) return nullptr;
  const auto open = [&](const auto& where) {
    const Seat seat = seat_of("supply", where, true);
    return openings.attempt(seat, [&] {
      return std::make_unique<BenchSupply>(at_seat(open_scpi(where), seat), *settings.supply,
                                           clock);
    });
  };
  return std::visit(open, settings.supply->where);
}

std::unique_ptr<Link> open_link(const InstrumentBenchSettings& settings, Clock& clock,
                                Openings& openings) {
  const auto open = [&](const auto& where) {
    const Seat seat = seat_of("device", where);
    return openings.attempt(seat, [&] { return at_seat(open_device_link(where, clock), seat); });
  };
  return std::visit(open, settings.device);
}

class Sampler final : public Digitizer {
 public:
  Sampler(const UsbSampler& settings, Clock& clock, const ScopeSettings& scope)
      : sampler_(open_sampler(context_, clock, settings, scope)) {}
  CaptureInfo arm(const CaptureSetup& setup) override { return sampler_->arm(setup); }
  bool collect(Picos until, BlockSink& sink) override { return sampler_->collect(until, sink); }
  std::optional<ClockFit> clock_fit() const override { return sampler_->clock_fit(); }

 private:
  usb::Context context_;
  std::unique_ptr<Digitizer> sampler_;
};

std::unique_ptr<Digitizer> open_digitizer(const UsbSampler& settings, Clock& clock,
                                          const ScopeSettings& scope, BenchFacts& /*facts*/) {
  return std::make_unique<Sampler>(settings, clock, scope);
}
template <typename Address>
std::unique_ptr<Digitizer> open_digitizer(const Address& address, Clock& clock,
                                          const ScopeSettings& scope, BenchFacts& facts) {
  auto link = open_scpi(address);
  const ScopeDialect& dialect = identify_scope(*link);
  facts.instruments.emplace_back("dialect", dialect_in_words(dialect));
  clock.wait_until(clock.now() + pace_of(dialect, *link, scope.pace));
  return make_scope(std::move(link), clock, scope);
}

Seat seat_of_digitizer(const UsbSampler& sampler) { return seat_of("digitizer", sampler.usb); }
template <typename Address>
Seat seat_of_digitizer(const Address& address) {
  return seat_of("digitizer", address, true);
}

std::unique_ptr<Digitizer> open_digitizer(const InstrumentBenchSettings& settings, Clock& clock,
                                          BenchFacts& facts, Openings& openings) {
  const auto open = [&](const auto& where) {
    const Seat seat = seat_of_digitizer(where);
    return openings.attempt(seat, [&] {
      return at_seat(open_digitizer(where, clock, settings.digitizer, facts), seat);
    });
  };
  return std::visit(open, settings.scope);
}

std::string in_words(const UsbAddress& address) { return "usb " + address.text; }
std::string in_words(const UsbSampler& sampler) { return "usb " + sampler.usb.text; }

Channel widest_range_of(const ScopeChannel& channel, const InstrumentBenchSettings& settings) {
  const auto* sampler = std::get_if<UsbSampler>(&settings.scope);
  return sampler == nullptr ? widest_range_of(channel) : channel_of(*sampler, channel);
}

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
    if (c.sync) {  // at rest it need not be at zero, and nothing is measured of it
      facts.syncs.push_back(*c.sync);
    } else {
      facts.channels.push_back(widest_range_of(c, s));
    }
  }
  facts.instruments = {
      {"device", std::visit([](const auto& where) { return in_words(where); }, s.device)},
      {"digitizer", std::visit([](const auto& where) { return in_words(where); }, s.scope)}};
  return facts;
}

// Whether it will be needed or not: a device that has its firmware asks for none until it is
// plugged in again.
void check_firmware_file(const InstrumentBenchSettings& settings) {
  const auto* sampler = std::get_if<UsbSampler>(&settings.scope);
  if (sampler == nullptr || sampler->firmware.empty()) return;
  try {
    load_fx2_firmware_file(sampler->firmware);
  } catch (const InputError& error) {
    const std::string& place = sampler->firmware_place;
    throw InputError((place.empty() ? "" : place + ": ") + error.what());
  }
}

std::vector<std::string> lines_of(const std::vector<Opening>& parts) {
  std::vector<std::string> lines;
  for (const Opening& part : parts) {
    if (part.what.empty()) continue;
    const Seat seat{.role = part.role, .place = part.place, .cure = {}};
    lines.push_back(seat.begin() + part.what + (part.cure.empty() ? "" : "; " + part.cure));
  }
  return lines;
}

}  // namespace

TableNotReady::TableNotReady(std::vector<Opening> all)
    : RigErrors(lines_of(all)), parts(std::move(all)) {}

Bench open_instrument_bench(const InstrumentBenchSettings& settings) {
  check_firmware_file(settings);
  auto clock = std::make_unique<TableClock>();
  Openings openings;
  auto box = open_load_box(settings.surroundings, *clock, openings);
  auto supply = open_supply(settings.surroundings, *clock, openings);
  Bench bench{.facts = facts_of(settings),
              .clock = nullptr,
              .link = nullptr,
              .digitizer = nullptr,
              .surroundings = nullptr};
  if (box) bench.facts.instruments.emplace_back("load box", box->in_words());
  if (supply) {
    bench.facts.instruments.emplace_back("supply", supply->in_words());
    bench.facts.stays_powered = false;
  }
  auto table = std::make_unique<Table>(*clock, std::move(box), std::move(supply), settings.load);
  bench.facts.capabilities.merge(table->capabilities());
  bench.surroundings = std::move(table);
  bench.link = open_link(settings, *clock, openings);
  bench.digitizer = open_digitizer(settings, *clock, bench.facts, openings);
  openings.require_all();
  bench.clock = std::move(clock);
  return bench;
}

}  // namespace rig
