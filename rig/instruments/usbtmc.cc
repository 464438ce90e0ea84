#include "rig/instruments/usbtmc.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "rig/instruments/sleep_alive.h"
#include "rig/instruments/usbtmc_pipe.h"
#include "rig/instruments/usbtmc_quirks.h"
#include "rig/instruments/usbtmc_reader.h"

namespace rig {
namespace {

using std::chrono::milliseconds;
using usbtmc::Pipe;
using usbtmc::Quirks;
using usbtmc::Trouble;

constexpr milliseconds kReopen(2000);
constexpr milliseconds kReopenPoll(20);

struct Opened {
  usb::Device device;
  usb::Interface interface;
  Pipe pipe;

  Opened(usb::Context& context, const usb::Selector& selector, Deadline deadline)
      : device(context, selector, deadline),
        interface(device, number()),
        pipe(device, *usbtmc_interface(device.info())) {}

  std::uint8_t number() const {
    const usb::InterfaceInfo* info = usbtmc_interface(device.info());
    if (info == nullptr) throw RigError(device.where() + "open: it does not speak USBTMC");
    return info->number;
  }
};

class UsbtmcLink final : public ScpiLink {
 public:
  UsbtmcLink(usb::Context& context, const usb::Selector& selector, Deadline deadline)
      : context_(context) {
    opened_.emplace(context, selector, deadline);
    selector_ = opened_->device.info().id;
    quirks_ = usbtmc::quirks_of(selector_.vendor, selector_.product, "");
    if (quirks_.boots) {
      throw RigError(where() +
                     "open: it has not loaded its firmware yet, and this rig cannot do that");
    }
    if (quirks_.reset_first) reset();
    if (!opened_->pipe.clear()) notes_.push_back(where() + "it refused the clear at the beginning");
    identify(deadline);
    const auto can = opened_->pipe.capabilities();
    remote_ = can.remote_local && quirks_.remote;
    if (remote_) opened_->pipe.set_remote(true);
  }

  ~UsbtmcLink() override {
    if (!remote_ || !opened_) return;
    try {
      opened_->pipe.set_remote(false);
    } catch (const RigError&) {  // gone, and its remote state with it
    }
  }
  UsbtmcLink(const UsbtmcLink&) = delete;
  UsbtmcLink& operator=(const UsbtmcLink&) = delete;

  void write(std::string_view message, Deadline deadline) override {
    if (!opened_) throw RigError(where() + std::string(message) + ": it was lost before");
    if (std::exchange(unsettled_, true)) opened_->pipe.clear();
    try {
      send(message, deadline);
    } catch (const Trouble& trouble) {
      fail(message, trouble.what(), &Pipe::abort_out);
    }
    unsettled_ = false;
  }

  Bytes ask(std::string_view query, Deadline deadline) override {
    write(query, deadline);
    unsettled_ = true;
    try {
      Bytes answer = reader_.read(opened_->pipe, quirks_, deadline);
      unsettled_ = false;
      return answer;
    } catch (const Trouble& trouble) {
      fail(query, trouble.what(), &Pipe::abort_in);
    }
  }

  std::string where() const override {
    return opened_ ? opened_->device.where() : "usb " + usb::in_words(selector_) + ": ";
  }
  milliseconds poll_interval() const override { return quirks_.poll; }
  std::vector<std::string> take_notes() override { return std::exchange(notes_, {}); }

 private:
  void identify(Deadline deadline) {
    for (int attempt = 1;; ++attempt) {
      try {
        const std::string idn = ask_text(*this, "*IDN?", deadline);
        const std::size_t comma = idn.rfind(',');
        quirks_ = usbtmc::quirks_of(selector_.vendor, selector_.product,
                                    comma == std::string::npos ? idn : idn.substr(comma + 1));
        break;
      } catch (const usb::Unplugged&) {
        throw;
      } catch (const RigError& error) {
        if (attempt >= quirks_.idn_attempts) throw;
        notes_.emplace_back(error.what());
        deadline = std::max(deadline, within(milliseconds(1000)));
      }
    }
    if (!quirks_.warning.empty()) notes_.push_back(where() + std::string(quirks_.warning));
  }

  void send(std::string_view message, Deadline deadline) {
    opened_->pipe.send(std::string(message) + "\n", deadline);
    const bool query = message.ends_with('?') || message.find("? ") != std::string_view::npos;
    if (!query) sleep_alive(quirks_.settle);
  }

  // Climbs the ladder until the link is usable again, and says how.
  [[noreturn]] void fail(std::string_view message, const std::string& what, bool (Pipe::*abort)()) {
    const std::string before = where() + std::string(message) + ": " + what;
    std::string known = quirks_.warning.empty() ? "" : "; " + std::string(quirks_.warning);
    const std::string how = recover(abort);
    unsettled_ = false;
    throw RigError(before + "; " + how + known);
  }

  // The clear follows the abort: an answer that still waits inside would be taken for the next
  // one's.
  std::string recover(bool (Pipe::*abort)()) {
    try {
      const bool aborted = (opened_->pipe.*abort)();
      const bool cleared = opened_->pipe.clear();
      if (aborted && cleared) return "recovered by abort and clear";
      if (aborted || cleared) return aborted ? "recovered by abort" : "recovered by clear";
      reset();
      return "recovered by reset";
    } catch (const RigError& error) {
      return std::string("not recovered (") + error.what() + "): switch its power off and on";
    }
  }

  // The device may come back under a new address, so it is opened again by its serial number.
  void reset() {
    try {
      opened_->device.reset();
    } catch (const usb::Unplugged&) {  // that was it, coming back as a new one
    }
    opened_.reset();
    sleep_alive(quirks_.reset_settle);
    const Deadline deadline = within(kReopen);
    while (true) {
      try {
        opened_.emplace(context_, selector_, deadline);
        break;
      } catch (const RigError&) {
        if (std::chrono::steady_clock::now() >= deadline) throw;
      }
      sleep_alive(kReopenPoll);
    }
    if (!opened_->pipe.clear()) throw RigError(where() + "clear: refused after the reset");
  }

  usb::Context& context_;
  usb::Selector selector_;
  std::optional<Opened> opened_;
  Quirks quirks_;
  bool remote_ = false;
  bool unsettled_ = false;  // a transfer broke off and was not recovered from
  usbtmc::MessageReader reader_;
  std::vector<std::string> notes_;
};

}  // namespace

const usb::InterfaceInfo* usbtmc_interface(const usb::DeviceInfo& device) {
  constexpr std::uint8_t kApplication = 0xFE;
  constexpr std::uint8_t kTestAndMeasurement = 0x03;
  const auto found = std::ranges::find_if(device.interfaces, [](const usb::InterfaceInfo& i) {
    return i.interface_class == kApplication && i.subclass == kTestAndMeasurement &&
           i.protocol <= 1;
  });
  return found == device.interfaces.end() ? nullptr : &*found;
}

std::unique_ptr<ScpiLink> open_usbtmc(usb::Context& context, const usb::Selector& selector,
                                      Deadline deadline) {
  return std::make_unique<UsbtmcLink>(context, selector, deadline);
}

}  // namespace rig
