#include "rig/instruments/table.h"

#include <algorithm>
#include <cmath>

#include "rig/core/error.h"
#include "rig/instruments/wall_clock.h"

namespace rig {

TableClock::TableClock() : wall_(make_wall_clock()) {}

void TableClock::at(Picos when, std::function<void()> what) {
  const auto place =
      std::ranges::upper_bound(due_, when, {}, &std::pair<Picos, std::function<void()>>::first);
  due_.emplace(place, when, std::move(what));
}

void TableClock::wait_until(Picos when) {
  while (!due_.empty() && due_.front().first <= when) {
    const auto [at, what] = std::move(due_.front());
    due_.pop_front();  // before: what is done may wait, too
    wall_->wait_until(at);
    what();
  }
  wall_->wait_until(when);
}

Table::Table(TableClock& clock, std::unique_ptr<LoadBox> box, std::unique_ptr<BenchSupply> supply,
             Ohms load)
    : clock_(clock), box_(std::move(box)), supply_(std::move(supply)), load_(load) {}

std::set<std::string> Table::capabilities() const {
  std::set<std::string> all;
  if (box_) all = box_->capabilities();
  if (supply_) all.insert({"supply", "supply.dip", "power"});
  return all;
}

void Table::require_capability(const Disturbance& what) const {
  const bool load = std::holds_alternative<Load>(what);
  const bool supply = std::holds_alternative<SupplyChange>(what);
  const bool button = std::holds_alternative<ButtonChange>(what);
  if ((load || button) && box_) return;
  if (supply && supply_) return;
  throw Blocked(std::string("this bench has no ") + (load     ? "load box"
                                                     : supply ? "supply that can be set"
                                                              : "hand for that"));
}

void Table::apply(const Disturbance& what, const Moment& when) {
  require_capability(what);
  if (when.pulse > 0) throw Blocked("this bench cannot do anything in time with a pulse");
  if (when.at <= clock_.now()) {
    perform(what, when.at);
  } else {
    clock_.at(when.at, [this, what, asked = when.at] { perform(what, asked); });
  }
}

void Table::perform(const Disturbance& what, Picos asked) {
  Done done;
  if (const auto* load = std::get_if<Load>(&what)) {
    done = box_->select(*load);
  } else if (const auto* button = std::get_if<ButtonChange>(&what)) {
    done = box_->press(*button);
    button->pressed ? (void)pressed_.insert(button->button) : (void)pressed_.erase(button->button);
  } else {
    const auto& change = std::get<SupplyChange>(what);
    const auto* dip = std::get_if<SupplyDip>(&change);
    done = dip != nullptr ? supply_->dip(dip->to, dip->duration)
                          : supply_->set(std::get<SupplyLevel>(change).volts);
  }
  const Picos took = done.ended - done.begun;
  applied_.push_back({.what = what,
                      .asked = asked,
                      .achieved = done.begun + took / 2,
                      .u = to_seconds(took) / std::sqrt(12.0)});
}

void Table::power_cycle() {
  if (!supply_) throw Blocked("this bench cannot switch the device off and on");
  for (const std::string& button : std::set<std::string>(pressed_)) {
    box_->press({.button = button, .pressed = false});
  }
  pressed_.clear();
  if (box_ && box_->capabilities().contains("load")) box_->select(SeriesLoad{.series = load_});
  supply_->cycle();
}

}  // namespace rig
