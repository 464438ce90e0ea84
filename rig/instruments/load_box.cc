#include "rig/instruments/load_box.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "rig/bench/alive.h"
#include "rig/core/error.h"
#include "rig/core/verdict.h"

namespace rig {
namespace {

// The terminal of this process, whatever its standard streams are.
class Terminal {
 public:
  Terminal() : fd_(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (fd_ < 0) throw RigError("there is no terminal, so nobody can be asked");
  }
  ~Terminal() { close(fd_); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void say(const std::string& text) const {
    if (write(fd_, text.data(), text.size()) < 0) throw RigError("the terminal takes no text");
  }
  // Throws Interrupted on a signal.
  std::string line() const {
    std::string text;
    char c = 0;
    while (c != '\n') {
      alive();
      pollfd waited{.fd = fd_, .events = POLLIN, .revents = 0};
      const int ready = poll(&waited, 1, static_cast<int>(kBetweenSigns.count()));
      if (ready < 0 && errno == EINTR) throw Interrupted("interrupted");
      if (ready <= 0) continue;
      if (read(fd_, &c, 1) != 1) throw RigError("nobody answered");
      text += c;
    }
    return text;
  }

 private:
  int fd_;
};

bool ask_on_terminal(const std::string& question) {
  const Terminal terminal;
  terminal.say(question + ", then press Return (n and Return: it cannot be done) ");
  return terminal.line() == "\n";
}

class Operator final : public LoadBox {
 public:
  Operator(Clock& clock, std::function<bool(const std::string&)> ask)
      : clock_(clock), ask_(ask ? std::move(ask) : ask_on_terminal) {}

  Done select(const Load& load) override { return request(asked(load)); }
  Done press(const ButtonChange& change) override {
    return request((change.pressed ? "press and hold " : "release ") + change.button);
  }
  std::set<std::string> capabilities() const override {
    return {"load",        "load.open",         "load.short",  "load.mass",
            "load.lifted", "load.two_mass_leg", "load.clamped"};
  }
  std::string in_words() const override { return "an operator"; }

 private:
  static std::string asked(const Load& load) {
    if (std::holds_alternative<OpenLoad>(load)) return "disconnect the load";
    if (std::holds_alternative<ShortLoad>(load)) return "short the output";
    if (std::holds_alternative<FootLifted>(load)) return "take what stands on the platform off it";
    if (std::holds_alternative<ClampedPlatform>(load)) return "clamp the platform";
    const bool stands =
        std::holds_alternative<DummyMass>(load) || std::holds_alternative<TwoMassLeg>(load);
    return stands ? "put " + load_in_words(load) + " on the platform, unclamped"
                  : "connect " + load_in_words(load);
  }
  Done request(const std::string& what) {
    const Picos begun = clock_.now();
    if (!ask_(what)) throw Blocked("the operator cannot do it: " + what);
    return {.begun = begun, .ended = clock_.now()};
  }

  Clock& clock_;
  std::function<bool(const std::string&)> ask_;
};

}  // namespace

std::string load_in_words(const Load& load) {
  if (std::holds_alternative<OpenLoad>(load)) return "open";
  if (std::holds_alternative<ShortLoad>(load)) return "short";
  if (const auto* dummy = std::get_if<DummyMass>(&load)) return in_words(dummy->kilograms, "kg");
  if (std::holds_alternative<TwoMassLeg>(load)) return "the two-mass leg";
  if (std::holds_alternative<FootLifted>(load)) return "a lifted foot";
  if (std::holds_alternative<ClampedPlatform>(load)) return "a clamped platform";
  const auto* series = std::get_if<SeriesLoad>(&load);
  if (series == nullptr) return "a contact that chatters or has half come off";
  std::string words = in_words(series->series.si(), "ohm");
  if (series->parallel.si() > 0) {
    words += " + " + in_words(series->parallel.si(), "ohm") + " || " +
             in_words(series->capacitance.si(), "F");
  }
  return words;
}

std::unique_ptr<LoadBox> make_operator(Clock& clock, std::function<bool(const std::string&)> ask) {
  return std::make_unique<Operator>(clock, std::move(ask));
}

}  // namespace rig
