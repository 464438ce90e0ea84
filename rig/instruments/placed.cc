#include "rig/instruments/placed.h"

#include <utility>

#include "rig/instruments/device_link.h"

namespace rig {
namespace {

// Returns what `act` does.
template <typename Act>
auto placed(const Seat& seat, Act act) {
  try {
    return act();
  } catch (const Unreachable& error) {
    throw PlacedError(seat, error);
  }
}

class PlacedLink final : public Link {
 public:
  PlacedLink(std::unique_ptr<Link> link, Seat seat)
      : link_(std::move(link)), seat_(std::move(seat)) {}
  Picos write(std::span<const std::byte> bytes) override {
    return placed(seat_, [&] { return link_->write(bytes); });
  }
  std::size_t read(std::span<std::byte> into, Picos timeout) override {
    return placed(seat_, [&] { return link_->read(into, timeout); });
  }
  double instant_u() const override { return link_->instant_u(); }

 private:
  std::unique_ptr<Link> link_;
  Seat seat_;
};

class PlacedDigitizer final : public Digitizer {
 public:
  PlacedDigitizer(std::unique_ptr<Digitizer> digitizer, Seat seat)
      : digitizer_(std::move(digitizer)), seat_(std::move(seat)) {}
  CaptureInfo arm(const CaptureSetup& setup) override {
    return placed(seat_, [&] { return digitizer_->arm(setup); });
  }
  bool collect(Picos until, BlockSink& sink) override {
    return placed(seat_, [&] { return digitizer_->collect(until, sink); });
  }
  std::optional<ClockFit> clock_fit() const override { return digitizer_->clock_fit(); }

 private:
  std::unique_ptr<Digitizer> digitizer_;
  Seat seat_;
};

class PlacedScpi final : public ScpiLink {
 public:
  PlacedScpi(std::unique_ptr<ScpiLink> link, Seat seat)
      : link_(std::move(link)), seat_(std::move(seat)) {}
  void write(std::string_view message, Deadline deadline) override {
    placed(seat_, [&] { link_->write(message, deadline); });
  }
  Bytes ask(std::string_view query, Deadline deadline) override {
    return placed(seat_, [&] { return link_->ask(query, deadline); });
  }
  std::string where() const override { return link_->where(); }
  bool over_lan() const override { return link_->over_lan(); }
  std::chrono::milliseconds poll_interval() const override { return link_->poll_interval(); }
  std::vector<std::string> take_notes() override { return link_->take_notes(); }

 private:
  std::unique_ptr<ScpiLink> link_;
  Seat seat_;
};

}  // namespace

std::string Seat::begin() const {
  return (place.empty() ? "" : place + ": ") + "the " + role + ": ";
}

const std::string& Seat::cure_of(const Unreachable& error) const {
  return error.cure.empty() ? cure : error.cure;
}

PlacedError::PlacedError(const Seat& seat, const Unreachable& error)
    : RigError(seat.begin() + error.what() + "; " + seat.cure_of(error)),
      bare(error.what()),
      cure(seat.cure_of(error)) {}

Seat seat_of(std::string role, const SerialPort& port, bool /*scpi*/) {
  return {.role = std::move(role),
          .place = port.place,
          .cure = port.path.starts_with("/dev/pts/")
                      ? cure_of_missing_port(port.path)
                      : "is it plugged in and switched on, and its serial adapter too?"};
}

Seat seat_of(std::string role, const TcpAddress& address, bool scpi) {
  return {.role = std::move(role),
          .place = address.place,
          .cure = scpi ? "is it switched on, its LAN port open, and no other program connected to "
                         "it? `rig scan " +
                             address.text + "` asks it"
                       : "is it switched on, and does it listen there?"};
}

Seat seat_of(std::string role, const UsbAddress& address, bool /*scpi*/) {
  return {.role = std::move(role),
          .place = address.place,
          .cure = "is it plugged in and switched on? `rig scan` lists the instruments on USB"};
}

std::unique_ptr<Link> at_seat(std::unique_ptr<Link> link, const Seat& seat) {
  return std::make_unique<PlacedLink>(std::move(link), seat);
}
std::unique_ptr<Digitizer> at_seat(std::unique_ptr<Digitizer> digitizer, const Seat& seat) {
  return std::make_unique<PlacedDigitizer>(std::move(digitizer), seat);
}
std::unique_ptr<ScpiLink> at_seat(std::unique_ptr<ScpiLink> link, const Seat& seat) {
  return std::make_unique<PlacedScpi>(std::move(link), seat);
}

}  // namespace rig
