#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "rig/bench/alive.h"
#include "rig/core/error.h"
#include "rig/core/join.h"
#include "rig/core/verdict.h"
#include "rig/instruments/device_link.h"
#include "rig/instruments/load_box.h"

namespace rig {
namespace {

constexpr Picos kAnswer = std::chrono::seconds(1);
constexpr std::size_t kLongestAnswer = 256;

bool same(const Load& a, const Load& b) {
  if (a.index() != b.index()) return false;
  const auto* x = std::get_if<SeriesLoad>(&a);
  const auto* y = std::get_if<SeriesLoad>(&b);
  return x == nullptr ||
         (x->series.si() == y->series.si() && x->parallel.si() == y->parallel.si() &&
          x->capacitance.si() == y->capacitance.si());
}

class SwitchBox final : public LoadBox {
 public:
  SwitchBox(std::unique_ptr<Link> link, const SwitchBoxSettings& settings, Clock& clock)
      : settings_(settings),
        clock_(clock),
        where_(std::visit([](const auto& w) { return rig::in_words(w); }, settings.where)),
        link_(std::move(link)) {}

  Done select(const Load& load) override {
    std::string has;
    for (const auto& [known, line] : settings_.loads) {
      if (same(known, load)) return send(line);
      add_item(has, ", ", load_in_words(known));
    }
    throw Blocked("the load box has no " + load_in_words(load) + "; it has " + has);
  }

  Done press(const ButtonChange& change) override {
    const auto button =
        std::ranges::find(settings_.buttons, change.button, &SwitchBoxSettings::Button::name);
    if (button == settings_.buttons.end()) {
      throw Blocked("the load box has no button '" + change.button + "'");
    }
    return send(change.pressed ? button->press : button->release);
  }

  std::set<std::string> capabilities() const override {
    std::set<std::string> all;
    for (const auto& [load, line] : settings_.loads) {
      static constexpr std::array<const char*, 3> kNames{"load", "load.open", "load.short"};
      all.insert(kNames.at(load.index()));
    }
    for (const auto& button : settings_.buttons) all.insert("button." + button.name);
    return all;
  }

  std::string in_words() const override { return where_; }

 private:
  Done send(const std::string& line) {
    drop_stale();
    const std::string text = line + settings_.line_end;
    const Done done = say(line, text);
    clock_.wait_until(done.ended);
    return done;
  }

  Done say(const std::string& line, const std::string& text) {
    const Undisturbed switching;
    const Picos begun = clock_.now();
    link_->write(std::as_bytes(std::span(text)));
    if (!settings_.answer.empty()) await_answer(line);
    return {.begun = begun, .ended = clock_.now() + settings_.settle};
  }

  void drop_stale() {
    std::array<std::byte, kLongestAnswer> old{};
    while (link_->read(old, Picos(0)) > 0) {
    }
  }

  void await_answer(const std::string& line) {
    const Picos deadline = clock_.now() + kAnswer;
    std::string found;
    while (found.find('\n') == std::string::npos && found.find('\r') == std::string::npos &&
           found.size() < kLongestAnswer && clock_.now() < deadline) {
      std::array<std::byte, kLongestAnswer> bytes{};
      const std::size_t count = link_->read(bytes, deadline - clock_.now());
      for (std::size_t k = 0; k < count; ++k) found += static_cast<char>(bytes[k]);
    }
    found.resize(std::min(found.size(), found.find_first_of("\r\n")));
    if (found == settings_.answer) return;
    throw RigError("load box " + where_ + ": '" + line + "': expected the answer '" +
                   settings_.answer + "', found " + (found.empty() ? "none" : "'" + found + "'"));
  }

  SwitchBoxSettings settings_;
  Clock& clock_;
  std::string where_;
  std::unique_ptr<Link> link_;
};

}  // namespace

std::unique_ptr<LoadBox> make_switch_box(std::unique_ptr<Link> link,
                                         const SwitchBoxSettings& settings, Clock& clock) {
  return std::make_unique<SwitchBox>(std::move(link), settings, clock);
}

std::unique_ptr<LoadBox> make_switch_box(const SwitchBoxSettings& settings, Clock& clock) {
  return make_switch_box(
      std::visit([&](const auto& w) { return open_device_link(w, clock); }, settings.where),
      settings, clock);
}

}  // namespace rig
